"""What comes back: lines of JSON, of which the last says how it ended and what was used."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from bot.core.errors import Cut, ProviderError, ServerFailed
from bot.core.provider import Finished, FinishReason, ProviderEvent, Reasoning, Text, ToolCall, Usage
from bot.providers.answer import ANSWER_LIMIT
from bot.providers.classify import Complaint, Origin, failure
from bot.providers.counting import count, inner

_REASONS = {"stop": FinishReason.STOP, "length": FinishReason.LENGTH}


class Lines:
    """The state of one answer. Feed it every line, then ask for the ``end``."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._calls: list[ToolCall] = []
        self._usage: Usage | None = None
        self._finish: FinishReason | None = None
        self._length = 0

    @property
    def ended(self) -> bool:
        """Whether the line with ``done`` came."""
        return self._finish is not None

    @property
    def done(self) -> bool:
        """Nothing comes after that line."""
        return self.ended

    def feed(self, payload: str) -> list[ProviderEvent]:
        """The events in one line. Raises the error that it tells of, unless the answer had ended."""
        if self._finish is None:
            return self._take(payload)
        with suppress(ProviderError):
            self._take(payload)
        return []

    def whole(self, text: str) -> list[ProviderEvent]:
        """The events in an answer that was not streamed, which is one such line."""
        return [event for line in text.split("\n") if line.strip() for event in self.feed(line)]

    def stray(self, text: str) -> list[ProviderEvent]:
        """Lines leave nothing over."""
        return self.whole(text)

    def end(self) -> Iterator[ProviderEvent]:
        """What closes the answer: tool calls, usage, and why it ended. Raises Cut where it did not end."""
        if self._finish is None:
            raise self._origin.error(Cut, "the stream ended without its last line")
        yield from self._calls
        if self._usage is not None:
            yield self._usage
        called = self._calls and self._finish is FinishReason.STOP
        yield Finished(FinishReason.TOOL_CALLS if called else self._finish)

    def _take(self, payload: str) -> list[ProviderEvent]:
        try:
            line = json.loads(payload)
        except (ValueError, RecursionError):
            raise self._origin.error(ServerFailed, f"unreadable: {payload[:200]}") from None
        if not isinstance(line, dict):
            return []
        if line.get("error"):
            raise failure(self._origin, Complaint.of(line))
        events = self._message(line.get("message"))
        if line.get("done") is True:
            given, written = count(line, "prompt_eval_count"), count(line, "eval_count")
            self._usage = Usage(given, written) if given or written else None
            self._finish = _REASONS.get(str(line.get("done_reason") or "stop"), FinishReason.OTHER)
        return events

    def _message(self, message: object) -> list[ProviderEvent]:
        thought, text = inner(message, "thinking"), inner(message, "content")
        events: list[ProviderEvent] = []
        if isinstance(thought, str) and thought:
            events.append(Reasoning(thought))
        if isinstance(text, str) and text:
            events.append(Text(text))
            self._length += len(text)
        if self._length > ANSWER_LIMIT:
            raise self._origin.error(ServerFailed, f"the answer is over {ANSWER_LIMIT} characters")
        calls = inner(message, "tool_calls")
        for call in calls if isinstance(calls, list) else ():
            self._call(call)
        return events

    def _call(self, call: Any) -> None:
        """A call comes whole; its arguments are an object, and older servers give it no id."""
        name, arguments = inner(call, "function", "name"), inner(call, "function", "arguments")
        written = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
        call_id = str(inner(call, "id") or f"call_{len(self._calls)}")
        self._calls.append(ToolCall(call_id, str(name or ""), written))
