"""One streamed answer as it comes, whatever the wire: what all of them keep, bound and say at the end."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.core.errors import ContentFiltered, ContextOverflow, Cut, ProviderError, ServerFailed
from bot.core.provider import Finished, FinishReason, ProviderEvent, Reasoning, Text, ToolCall, Usage
from bot.providers.classify import Origin

ANSWER_LIMIT = 20 * 1024 * 1024  # characters of one answer, and of all that comes with it
DONE = "[DONE]"


@dataclass(slots=True)
class Call:
    """A tool call as far as it has come. ``arguments`` is JSON text."""

    id: str = ""
    name: str = ""
    arguments: str = ""


class Answer(ABC):
    """The state of one streamed answer. Feed it every payload, then ask for the ``end``.

    A wire says in ``_take`` what one chunk holds; it sets ``usage``, ``finish`` and ``calls`` as they come,
    ``done`` at the end mark, and ``overflow`` where the window was full before anything was written.
    """

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.usage: Usage | None = None
        self.finish: FinishReason | None = None
        self.calls: dict[object, Call] = {}
        self.done = self.begun = self.overflow = False
        self._length = self._unseen = 0

    @property
    def ended(self) -> bool:
        """Whether the provider said why it ended."""
        return self.finish is not None

    def feed(self, payload: str) -> list[ProviderEvent]:
        """The events in one payload. Raises the error that it tells of, unless the answer had ended."""
        if payload.strip() in ("", DONE):
            self.done = self.done or bool(payload.strip())
            return []
        if not self.ended:
            return self._read(payload)
        with suppress(ProviderError):
            return self._read(payload)
        return []

    def whole(self, text: str) -> list[ProviderEvent]:
        """The events in an answer that was not streamed."""
        return self.feed(text)

    def stray(self, text: str) -> list[ProviderEvent]:
        """What stood in the stream outside any event: an error or an answer as bare JSON, or noise."""
        if text.startswith(("{", "[")):
            return self.feed(text)
        if text and not self.begun:
            raise self.error(ServerFailed, f"not a stream: {text[:200]}")
        return []

    def end(self) -> Iterator[ProviderEvent]:
        """What closes the answer: tool calls, usage, and why it ended. Raises Cut where it did not end."""
        if self.finish is None:
            raise self.error(Cut, "the stream ended without a finish reason")
        if not self._length:
            if self.finish is FinishReason.CONTENT_FILTER:
                raise self.error(ContentFiltered, "ended by the content filter before any text")
            if self.overflow:
                raise self.error(ContextOverflow, "the context window was full before any text")
        for place, call in enumerate(self.calls.values()):
            yield ToolCall(call.id or f"call_{place}", call.name, call.arguments or "{}")
        if self.usage is not None:
            yield self.usage
        yield Finished(self.finish)

    def error(self, kind: type[ProviderError], detail: str) -> ProviderError:
        """An error of this answer, fit for the log."""
        return self.origin.error(kind, detail)

    @abstractmethod
    def _take(self, chunk: dict[str, Any]) -> list[ProviderEvent]:
        """The events of one chunk. Raises the error that it tells of."""

    def _read(self, payload: str) -> list[ProviderEvent]:
        try:
            found = json.loads(payload)
        except (ValueError, RecursionError):
            raise self.error(ServerFailed, f"unreadable: {payload[:200]}") from None
        chunks = found if isinstance(found, list) else [found]
        events = [event for chunk in chunks if isinstance(chunk, dict) for event in self._take(chunk)]
        self._measure(events)
        return events

    def _measure(self, events: list[ProviderEvent]) -> None:
        for event in events:
            if isinstance(event, Text):
                self._length += len(event.text)
            elif isinstance(event, Reasoning):
                self._unseen += len(event.text)
        self.begun = self.begun or bool(events)
        kept = sum(len(call.arguments) for call in self.calls.values())
        if max(self._length, self._unseen, kept) > ANSWER_LIMIT:
            raise self.error(ServerFailed, f"the answer is over {ANSWER_LIMIT} characters")


def inner(value: object, *names: str) -> dict[str, Any]:
    """The object at the end of a path of names, empty where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def items(value: object, name: str) -> list[dict[str, Any]]:
    """The objects in a list field, or the one that stands there alone."""
    found = value.get(name) if isinstance(value, dict) else None
    found = [found] if isinstance(found, dict) else found
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def text(value: object, name: str) -> str:
    """A text field, empty where it is absent or none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def count(value: object, name: str) -> int | None:
    """A number of tokens, None where it is absent or none."""
    number = value.get(name) if isinstance(value, dict) else None
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    return int(number) if 0 <= number < 1e12 else None
