"""What comes back: named events, of which the last says how it ended and what was used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from bot.core.errors import ContentFiltered, Cut, ProviderError, ServerFailed
from bot.core.provider import (
    Citation,
    Finished,
    FinishReason,
    ProviderEvent,
    Reasoning,
    Text,
    ToolCall,
    Usage,
)
from bot.providers.answer import ANSWER_LIMIT
from bot.providers.classify import Complaint, Origin, failure
from bot.providers.counting import count, inner

MOST_SOURCES = 200
MOST_CALLS = 1_000

_INCOMPLETE: Mapping[str, FinishReason] = MappingProxyType(
    {
        "max_output_tokens": FinishReason.LENGTH,
        "max_tokens": FinishReason.LENGTH,
        "content_filter": FinishReason.CONTENT_FILTER,
    }
)


class Events:
    """The state of one answer. Feed it every payload, then ask for the ``end``."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._usage: Usage | None = None
        self._finish: FinishReason | None = None
        self._length = 0
        self._thought = False
        self._sources: dict[str, str] = {}  # by address: the title
        self._calls: dict[str, ToolCall] = {}
        self._takers: Mapping[str, Callable[[dict[str, Any]], list[ProviderEvent]]] = {
            "response.output_text.delta": self._text,
            "response.refusal.delta": self._text,
            "response.reasoning_summary_text.delta": self._reasoning,
            "response.reasoning_text.delta": self._reasoning,
            "response.reasoning_summary_part.added": self._part,
            "response.output_text.annotation.added": lambda event: self._cite(event.get("annotation")),
            "response.output_item.done": lambda event: self._call(event.get("item")),
            "response.completed": self._terminal,
            "response.incomplete": self._terminal,
            "response.failed": self._failed,
            "error": self._failed,
        }

    @property
    def ended(self) -> bool:
        """Whether the terminal event came."""
        return self._finish is not None

    @property
    def done(self) -> bool:
        """The terminal event is the last of all."""
        return self.ended

    def feed(self, payload: str) -> list[ProviderEvent]:
        """The events in one payload. Raises the error that it tells of, unless the answer had ended."""
        if self._finish is None:
            return self._take(payload)
        with suppress(ProviderError):
            self._take(payload)
        return []

    def whole(self, text: str) -> list[ProviderEvent]:
        """The events in an answer that was not streamed: one response object."""
        answer = self._parsed(text)
        if answer.get("error"):
            raise failure(self._origin, Complaint.of(answer))
        events: list[ProviderEvent] = []
        output = answer.get("output")
        for item in output if isinstance(output, list) else ():
            events += self._item(item)
        if answer.get("status") in ("completed", "incomplete"):
            self._terminal({"type": f"response.{answer['status']}", "response": answer})
        return events

    def stray(self, text: str) -> list[ProviderEvent]:
        """What stood in the stream outside any event."""
        if text.startswith("{"):
            return self.whole(text)
        if text and not self._length:
            raise self._origin.error(ServerFailed, f"not a stream: {text[:200]}")
        return []

    def end(self) -> Iterator[ProviderEvent]:
        """What closes the answer: sources, tool calls, usage, and why it ended. Raises Cut where it did not end."""
        if self._finish is None:
            raise self._origin.error(Cut, "the stream ended without its last event")
        if self._finish is FinishReason.CONTENT_FILTER and not self._length:
            raise self._origin.error(ContentFiltered, "ended by the content filter before any text")
        yield from (Citation(url, title) for url, title in self._sources.items())
        yield from self._calls.values()
        if self._usage is not None:
            yield self._usage
        called = self._calls and self._finish is FinishReason.STOP
        yield Finished(FinishReason.TOOL_CALLS if called else self._finish)

    def _take(self, payload: str) -> list[ProviderEvent]:
        if payload == "[DONE]":
            return []
        event = self._parsed(payload) if payload else {}
        kind = event.get("type")
        taker = self._takers.get(kind) if isinstance(kind, str) else None
        if taker is not None:
            return taker(event)
        if event.get("error") and not isinstance(kind, str):
            raise failure(self._origin, Complaint.of(event))
        return []

    def _text(self, event: dict[str, Any]) -> list[ProviderEvent]:
        text = event.get("delta")
        if not isinstance(text, str) or not text:
            return []
        self._length += len(text)
        if self._length > ANSWER_LIMIT:
            raise self._origin.error(ServerFailed, f"the answer is over {ANSWER_LIMIT} characters")
        return [Text(text)]

    def _reasoning(self, event: dict[str, Any]) -> list[ProviderEvent]:
        text = event.get("delta")
        if not isinstance(text, str) or not text:
            return []
        self._thought = True
        return [Reasoning(text)]

    def _part(self, _: dict[str, Any]) -> list[ProviderEvent]:
        """Another part of the summary, which stands as a paragraph of its own."""
        return [Reasoning("\n\n")] if self._thought else []

    def _cite(self, note: object) -> list[ProviderEvent]:
        url, title = inner(note, "url"), inner(note, "title")
        if isinstance(url, str) and url and len(self._sources) < MOST_SOURCES:
            self._sources[url] = self._sources.get(url) or (title if isinstance(title, str) else "")
        return []

    def _call(self, item: object) -> list[ProviderEvent]:
        if inner(item, "type") == "function_call" and len(self._calls) < MOST_CALLS:
            call_id = str(inner(item, "call_id") or inner(item, "id") or f"call_{len(self._calls)}")
            arguments = inner(item, "arguments")
            arguments = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
            self._calls[call_id] = ToolCall(call_id, str(inner(item, "name") or ""), arguments)
        return []

    def _item(self, item: object) -> list[ProviderEvent]:
        """The events in one finished item of a whole answer."""
        kind = inner(item, "type")
        parts = inner(item, "summary" if kind == "reasoning" else "content")
        events: list[ProviderEvent] = self._call(item)
        for part in parts if isinstance(parts, list) else ():
            if kind == "reasoning":
                events += self._reasoning({"delta": inner(part, "text")})
            elif kind == "message":
                events += self._text({"delta": inner(part, "text") or inner(part, "refusal")})
                notes = inner(part, "annotations")
                for note in notes if isinstance(notes, list) else ():
                    self._cite(note)
        return events

    def _terminal(self, event: dict[str, Any]) -> list[ProviderEvent]:
        response = event.get("response")
        self._usage = _usage(inner(response, "usage"))
        if event["type"] == "response.incomplete":
            reason = str(inner(response, "incomplete_details", "reason") or "")
            self._finish = _INCOMPLETE.get(reason, FinishReason.OTHER)
        else:
            self._finish = FinishReason.STOP
        return []

    def _failed(self, event: dict[str, Any]) -> list[ProviderEvent]:
        error = inner(event, "response", "error") or event.get("error")
        if not error:
            # Its own type says only that it is an error.
            error = {key: value for key, value in event.items() if key in ("message", "code", "param")}
        raise failure(self._origin, Complaint.of(error))

    def _parsed(self, text: str) -> dict[str, Any]:
        try:
            found = json.loads(text) if text else {}
        except (ValueError, RecursionError):
            raise self._origin.error(ServerFailed, f"unreadable: {text[:200]}") from None
        return found if isinstance(found, dict) else {}


def _usage(value: object) -> Usage | None:
    given, written = count(value, "input_tokens"), count(value, "output_tokens")
    if not given and not written:
        return None
    cached = min(count(value, "input_tokens_details", "cached_tokens"), given)
    return Usage(
        given,
        written,
        cached=cached,
        cache_write=min(count(value, "input_tokens_details", "cache_write_tokens"), given - cached),
        reasoning=min(count(value, "output_tokens_details", "reasoning_tokens"), written),
    )
