"""What comes back: chunks of chat completions, in all the forms that servers give them, as events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bot.core.errors import ContentFiltered, Cut, ProviderError, ServerFailed
from bot.core.provider import Finished, FinishReason, ProviderEvent, Reasoning, Text, ToolCall, Usage
from bot.providers.classify import Complaint, Origin, failure

ANSWER_LIMIT = 20 * 1024 * 1024  # characters of one answer
DONE = "[DONE]"

_REASONS: Mapping[str, FinishReason] = MappingProxyType(
    {
        "stop": FinishReason.STOP,
        "eos": FinishReason.STOP,
        "length": FinishReason.LENGTH,
        "tool_calls": FinishReason.TOOL_CALLS,
        "function_call": FinishReason.TOOL_CALLS,
        "content_filter": FinishReason.CONTENT_FILTER,
    }
)


@dataclass(slots=True)
class _Call:
    """A tool call as far as it has come."""

    id: str = ""
    name: str = ""
    arguments: str = ""


class Chunks:
    """The state of one streamed answer. Feed it every payload, then ask for the ``end``."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
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
        return events

    def stray(self, text: str) -> list[ProviderEvent]:
        """What stood in the stream outside any event: an error or an answer as bare JSON, or noise."""
        if text.startswith(("{", "error:")):
            return self.whole(text.removeprefix("error:"))
        if text and not self._length:
            raise self._error(ServerFailed, f"not a stream: {text[:200]}")
        return []

    def end(self) -> Iterator[ProviderEvent]:
        """What closes the answer: tool calls, usage, and why it ended. Raises Cut where it did not end."""
        if self._finish is None:
            raise self._error(Cut, "the stream ended without a finish reason")
        if self._finish == "content_filter" and not self._length:
            raise self._error(ContentFiltered, "ended by the content filter before any text")
        for key, call in self._calls.items():
            yield ToolCall(call.id or f"call_{key}", call.name, call.arguments)
        if self._usage is not None:
            yield self._usage
        yield Finished(_REASONS.get(self._finish, FinishReason.OTHER))

    def _take(self, payload: str) -> list[ProviderEvent]:
        try:
            chunk = json.loads(payload) if payload else None
        except (ValueError, RecursionError):
            raise self._error(ServerFailed, f"unreadable: {payload[:200]}") from None
        if not isinstance(chunk, dict):
            return []
        if chunk.get("error") or chunk.get("object") == "error":
            raise failure(self._origin, Complaint.of(chunk))
        usage = chunk.get("usage")
        if usage:
            self._usage = _usage(usage) or self._usage
        choices = chunk.get("choices")
        choice = choices[0] if choices and isinstance(choices, list) else None
        if self._finish is not None or not isinstance(choice, dict):
            return []
        delta = choice.get("delta") or choice.get("message")
        events = self._delta(delta) if isinstance(delta, dict) else []
        finish = choice.get("finish_reason")
        if finish:
            self._finish = str(finish)
        return events

    def _delta(self, delta: dict[str, Any]) -> list[ProviderEvent]:
        events: list[ProviderEvent] = []
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if thought:
            events += [Reasoning(text) for text in _texts(thought)]
        if content := delta.get("content"):
            events += _parts(content)
        if refusal := delta.get("refusal"):
            events += [Text(text) for text in _texts(refusal)]
        if calls := delta.get("tool_calls"):
            self._assemble(calls)
        self._measure(events)
        return events

    def _measure(self, events: list[ProviderEvent]) -> None:
        for event in events:
            if isinstance(event, Text):
                self._length += len(event.text)
        if self._length > ANSWER_LIMIT:
            raise self._error(ServerFailed, f"the answer is over {ANSWER_LIMIT} characters")

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

    def _error(self, kind: type[ProviderError], detail: str) -> ProviderError:
        return kind(self._origin.clean(detail), provider=self._origin.provider, model=self._origin.model)


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
        return _texts(value.get("text"))
    return [text for part in value for text in _texts(part)] if isinstance(value, list) else []


def _usage(value: object) -> Usage | None:
    """Usage as reported, or None where the object tells nothing."""
    if not isinstance(value, dict):
        return None
    given, written = _count(value, "prompt_tokens"), _count(value, "completion_tokens")
    prompt, completion = value.get("prompt_tokens_details"), value.get("completion_tokens_details")
    if not given and not written:
        return None
    return Usage(
        given,
        written,
        cached=_count(prompt, "cached_tokens"),
        cache_write=_count(prompt, "cache_write_tokens"),
        reasoning=_count(completion, "reasoning_tokens"),
    )


def _count(value: object, name: str) -> int:
    """A number of tokens, 0 where it is absent or none."""
    number = value.get(name) if isinstance(value, dict) else None
    if isinstance(number, bool) or not isinstance(number, int | float):
        return 0
    return int(number) if 0 < number < 1e12 else 0
