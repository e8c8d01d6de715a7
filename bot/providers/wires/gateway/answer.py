"""What comes back: one answer in whichever form the gateway chose."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from bot.core.errors import ContentFiltered, Cut, ProviderError, ServerFailed
from bot.core.provider import Citation, Finished, FinishReason, ProviderEvent, Text, ToolCall, Usage
from bot.net.streams import Ndjson
from bot.providers.answer import ANSWER_LIMIT, DONE
from bot.providers.classify import Complaint, Origin, failure
from bot.providers.wires.gateway.forms import Form
from bot.providers.wires.gateway.pieces import LETTERS, OBJECTS, events_of, finish_of, usage_of

MOST_ASIDE = 1_000  # sources, or tool calls
_DATA_STREAM = re.compile(r'(?:f:\{"messageId"|[0g]:")')
_SNIFF = 16  # characters that tell a data stream from a text


class Answer:
    """The state of one answer. Feed it every payload, then ask for the ``end``."""

    def __init__(self, origin: Origin, form: Form) -> None:
        self._origin, self._form = origin, form
        self._first: str | None = ""  # what came of a text that may yet be a data stream
        self._lines: Ndjson | None = None  # cuts a data stream that did not say it is one
        self._aside: dict[str, Citation | ToolCall] = {}
        self._usage: Usage | None = None
        self._finish: FinishReason | None = None
        self._length = 0
        self.done = False

    @property
    def ended(self) -> bool:
        """Whether the gateway said that it ended; nothing but usage counts after that."""
        return self._finish is not None

    def feed(self, payload: str) -> list[ProviderEvent]:
        """The events in one payload. Raises the error that it tells of, unless the answer had ended."""
        if self._form is Form.TEXT:
            return self._sniffed(payload)
        if payload.strip() == DONE:
            self.done, self._finish = True, self._finish or FinishReason.STOP
        elif self._finish is None:
            return self._take(payload)
        else:
            with suppress(ProviderError):
                self._take(payload)
        return []

    def whole(self, text: str) -> list[ProviderEvent]:
        """The events in an answer that is one JSON text; it is complete."""
        events = self._object(self._parsed(text))
        if events or self._aside:
            self._finish = self._finish or FinishReason.STOP
        return events

    def stray(self, text: str) -> list[ProviderEvent]:
        """At the end of the body: what stood outside any event, and the end of a plain text."""
        if self._form is Form.TEXT:
            return self._text_ends()
        if text.startswith("{"):
            return self.whole(text)
        if text and not self._length:
            raise self._origin.error(ServerFailed, f"not a stream: {text[:200]}")
        return []

    def end(self) -> Iterator[ProviderEvent]:
        """What closes the answer: sources, tool calls, usage, and why it ended. Raises Cut where it did not end."""
        if self._finish is None:
            raise self._origin.error(Cut, "the stream ended without its end mark")
        if self._finish is FinishReason.CONTENT_FILTER and not self._length:
            raise self._origin.error(ContentFiltered, "ended by the content filter before any text")
        yield from sorted(self._aside.values(), key=lambda each: isinstance(each, ToolCall))
        if self._usage is not None:
            yield self._usage
        yield Finished(self._finish)

    def _sniffed(self, text: str) -> list[ProviderEvent]:
        """A plain text, unless it turns out to be a data stream whose header got lost."""
        if self._lines is not None:
            return self._from_lines(self._lines.feed(text.encode()))
        if self._first is None:
            return self._kept([Text(text)])
        self._first += text
        if len(self._first) < _SNIFF and self._first.startswith(("f:", "0:", "g:", "f", "0", "g")):
            return []
        begun, self._first = self._first, None
        if _DATA_STREAM.match(begun):
            self._lines = Ndjson()
            return self._from_lines(self._lines.feed(begun.encode()))
        return self._kept([Text(begun)])

    def _text_ends(self) -> list[ProviderEvent]:
        events: list[ProviderEvent] = []
        if self._lines is not None:
            return self._from_lines(self._lines.flush())
        if self._first:
            if _DATA_STREAM.match(self._first):
                return self._from_lines([line for line in self._first.split("\n") if line.strip()])
            events = self._kept([Text(self._first)])
        if self._length:
            self._finish = FinishReason.STOP
        return events

    def _from_lines(self, lines: list[str]) -> list[ProviderEvent]:
        return [event for line in lines if self._finish is None for event in self._line(line)]

    def _take(self, payload: str) -> list[ProviderEvent]:
        if self._form is Form.DATA:
            return self._line(payload)
        if self._form is Form.EVENTS and not payload.lstrip().startswith(("{", "[", '"')):
            return self._kept([Text(payload)]) if payload else []
        return self._object(self._parsed(payload))

    def _line(self, line: str) -> list[ProviderEvent]:
        """One line of a data stream; letters that are not known are passed over."""
        letter, colon, rest = line.partition(":")
        if not colon:
            raise self._origin.error(ServerFailed, f"unreadable: {line[:200]}")
        if letter in LETTERS:
            return self._object({"type": LETTERS[letter], "delta": self._parsed(rest)})
        if letter in OBJECTS:
            piece = self._parsed(rest)
            return self._object({**piece, "type": OBJECTS[letter]}) if isinstance(piece, dict) else []
        return []

    def _object(self, piece: Any) -> list[ProviderEvent]:
        """The events of one piece, a bare text being one too."""
        if isinstance(piece, str):
            return self._kept([Text(piece)]) if piece else []
        if not isinstance(piece, dict):
            return []
        self._fail(piece)
        events = list(events_of(piece)) if self._finish is None else []
        self._usage = usage_of(piece) or self._usage
        if self._finish is None and piece.get("isContinued") is not True:
            self._finish = finish_of(piece)
        return self._kept(events)

    def _fail(self, piece: dict[str, Any]) -> None:
        if piece.get("type") == "error":
            told = piece.get("error") or piece.get("errorText") or piece.get("delta") or piece
            raise failure(self._origin, Complaint.of(told))
        if piece.get("error") or piece.get("success") is False:
            raise failure(self._origin, Complaint.of(piece))

    def _kept(self, events: list[ProviderEvent]) -> list[ProviderEvent]:
        """The events for now; sources and tool calls are kept for the end."""
        now: list[ProviderEvent] = []
        for event in events:
            match event:
                case Citation(url=key) | ToolCall(id=key):
                    if len(self._aside) < MOST_ASIDE:
                        self._aside.setdefault(f"{type(event).__name__} {key}", event)
                case Text(text):
                    self._length += len(text)
                    now.append(event)
                case _:
                    now.append(event)
        if self._length > ANSWER_LIMIT:
            raise self._origin.error(ServerFailed, f"the answer is over {ANSWER_LIMIT} characters")
        return now

    def _parsed(self, text: str) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise self._origin.error(ServerFailed, f"unreadable: {text[:200]}") from None
