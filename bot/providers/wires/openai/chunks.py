"""What comes back: chunks of chat completions, in all the forms that servers give them, as events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bot.core.errors import ContentFiltered, Cut, Overloaded, ProviderError, ServerFailed
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
from bot.providers.answer import ANSWER_LIMIT, DONE
from bot.providers.classify import Complaint, Origin, failure
from bot.providers.counting import inner
from bot.providers.rows.forms import Quirks
from bot.providers.wires.openai.thinking import ThinkTags
from bot.providers.wires.openai.usage import usage_of

MOST_SOURCES = 200

_REASONS: Mapping[str, FinishReason] = MappingProxyType(
    {
        "stop": FinishReason.STOP,
        "eos": FinishReason.STOP,
        "length": FinishReason.LENGTH,
        "model_length": FinishReason.LENGTH,
        "tool_calls": FinishReason.TOOL_CALLS,
        "function_call": FinishReason.TOOL_CALLS,
        "content_filter": FinishReason.CONTENT_FILTER,
    }
)
# What some servers give as the reason where they failed.
_FAILURES: Mapping[str, type[ProviderError]] = MappingProxyType(
    {"error": ServerFailed, "insufficient_system_resource": Overloaded}
)


@dataclass(slots=True)
class _Call:
    """A tool call as far as it has come."""

    id: str = ""
    name: str = ""
    arguments: str = ""


class Chunks:
    """The state of one streamed answer. Feed it every payload, then ask for the ``end``."""

    def __init__(self, origin: Origin, quirks: Quirks | None = None) -> None:
        self._origin, self._quirks = origin, quirks or Quirks()
        self._tags = ThinkTags() if self._quirks.think_tags else None
        self._sources: dict[str, str] = {}  # by address: the title
        self._calls: dict[int | str, _Call] = {}
        self.done = False  # whether the end mark came, which alone completes nothing
        self._usage: Usage | None = None
        self._finish: str | None = None
        self._length = 0

    @property
    def ended(self) -> bool:
        """Whether the provider said why it ended; nothing but usage counts after that."""
        return self._finish is not None

    def feed(self, payload: str) -> list[ProviderEvent]:
        """The events in one payload. Raises the error that it tells of, unless the answer had ended."""
        if payload == DONE:
            self.done = True
        elif self._finish is None:
            return self._take(payload)
        else:
            with suppress(ProviderError):
                self._take(payload)
        return []

    def whole(self, text: str) -> list[ProviderEvent]:
        """The events in an answer that was not streamed, which needs no end mark: its JSON is complete."""
        events = self.feed(text)
        if events and self._finish is None:
            self._finish = "stop"
        return events + self._held()

    def stray(self, text: str) -> list[ProviderEvent]:
        """What stood in the stream outside any event: an error or an answer as bare JSON, or noise."""
        if text.startswith(("{", "error:")):
            return self.whole(text.removeprefix("error:"))
        if text and not self._length:
            raise self._origin.error(ServerFailed, f"not a stream: {text[:200]}")
        return []

    def end(self) -> Iterator[ProviderEvent]:
        """What closes the answer: sources, tool calls, usage, and why it ended. Raises Cut where it did not end."""
        if self._finish is None:
            raise self._origin.error(Cut, "the stream ended without a finish reason")
        if self._finish == "content_filter" and not self._length:
            raise self._origin.error(ContentFiltered, "ended by the content filter before any text")
        yield from (Citation(url, title) for url, title in self._sources.items())
        for key, call in self._calls.items():
            yield ToolCall(call.id or f"call_{key}", call.name, call.arguments)
        if self._usage is not None:
            yield self._usage
        yield Finished(_REASONS.get(self._finish, FinishReason.OTHER))

    def _take(self, payload: str) -> list[ProviderEvent]:
        try:
            chunk = json.loads(payload) if payload else None
        except (ValueError, RecursionError):
            raise self._origin.error(ServerFailed, f"unreadable: {payload[:200]}") from None
        if not isinstance(chunk, dict):
            return []
        if chunk.get("error") or chunk.get("object") == "error":
            raise failure(self._origin, Complaint.of(chunk))
        if groq := inner(chunk, "x_groq", "error"):
            raise failure(self._origin, Complaint.of(groq))
        self._usage = usage_of(chunk, self._quirks) or self._usage
        self._cite(chunk)
        choices = chunk.get("choices")
        choice = choices[0] if choices and isinstance(choices, list) else None
        if self._finish is not None or not isinstance(choice, dict):
            return []
        # Perplexity sends both, its message being all that was said so far.
        delta = choice["delta"] if "delta" in choice else choice.get("message")
        events = self._delta(delta) if isinstance(delta, dict) else []
        return events + self._ending(choice.get("finish_reason"))

    def _ending(self, finish: object) -> list[ProviderEvent]:
        """What a finish reason lets out, which is the text that may have been half a tag."""
        if not finish:
            return []
        if kind := _FAILURES.get(str(finish)):
            raise self._origin.error(kind, f"ended by {finish}")
        self._finish = str(finish)
        return self._held()

    def _held(self) -> list[ProviderEvent]:
        return self._tags.flush() if self._tags is not None else []

    def _cite(self, chunk: dict[str, Any]) -> None:
        """Keep the sources that a chunk names: bare addresses, search results, annotations of the text."""
        for source in _listed(chunk.get("search_results")) + _listed(chunk.get("citations")):
            url = source if isinstance(source, str) else inner(source, "url")
            self._source(url, inner(source, "title"))

    def _source(self, url: object, title: object) -> None:
        if isinstance(url, str) and url and len(self._sources) < MOST_SOURCES:
            known = self._sources.get(url)
            self._sources[url] = known or (title if isinstance(title, str) else "")

    def _delta(self, delta: dict[str, Any]) -> list[ProviderEvent]:
        events: list[ProviderEvent] = []
        thought = delta.get("reasoning_content") or delta.get("reasoning") or delta.get("reasoning_details")
        if thought:
            events += [Reasoning(text) for text in _texts(thought)]
        if content := delta.get("content"):
            events += self._untagged(_parts(content))
        if refusal := delta.get("refusal"):
            events += [Text(text) for text in _texts(refusal)]
        if calls := delta.get("tool_calls"):
            self._assemble(calls)
        for note in _listed(delta.get("annotations")):
            self._source(inner(note, "url_citation", "url"), inner(note, "url_citation", "title"))
        self._measure(events)
        return events

    def _untagged(self, events: list[ProviderEvent]) -> list[ProviderEvent]:
        if self._tags is None:
            return events
        told = [self._tags.feed(event.text) if isinstance(event, Text) else [event] for event in events]
        return [event for each in told for event in each]

    def _measure(self, events: list[ProviderEvent]) -> None:
        for event in events:
            if isinstance(event, Text):
                self._length += len(event.text)
        if self._length > ANSWER_LIMIT:
            raise self._origin.error(ServerFailed, f"the answer is over {ANSWER_LIMIT} characters")

    def _assemble(self, deltas: object) -> None:
        """Take pieces of tool calls, told apart by index, else by id; else the last one goes on."""
        for delta in deltas if isinstance(deltas, list) else ():
            if isinstance(delta, dict):
                function = delta.get("function")
                self._piece(self._key(delta), delta.get("id"), function if isinstance(function, dict) else {})

    def _piece(self, key: int | str, call_id: object, function: dict[str, Any]) -> None:
        call = self._calls.setdefault(key, _Call())
        call.id = call.id or str(call_id or "")
        call.name = call.name or str(function.get("name") or "")
        arguments = function.get("arguments") or ""
        call.arguments += arguments if isinstance(arguments, str) else json.dumps(arguments)

    def _key(self, delta: dict[str, Any]) -> int | str:
        index, call_id = delta.get("index"), delta.get("id")
        if isinstance(index, int):
            known = self._calls.get(index)
            # Some servers give every call the index 0.
            return str(call_id) if known and call_id and known.id not in ("", call_id) else index
        return str(call_id) if call_id else next(reversed(self._calls), 0)


def _parts(content: object) -> list[ProviderEvent]:
    """The events of a content field: a text, or a list of typed parts."""
    if isinstance(content, str):
        return [Text(content)]
    events: list[ProviderEvent] = []
    for part in content if isinstance(content, list) else ():
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in ("thinking", "reasoning"):
            events += [Reasoning(text) for text in _texts(part.get(kind) or part.get("text"))]
        elif kind in ("text", "output_text", None):
            events += [Text(text) for text in _texts(part)]
    return events


def _texts(value: object) -> list[str]:
    """Every text in a text, a ``{"text": ...}`` or a list of them."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, dict):
        return _texts(value.get("text") or value.get("summary"))
    return [text for part in value for text in _texts(part)] if isinstance(value, list) else []


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
