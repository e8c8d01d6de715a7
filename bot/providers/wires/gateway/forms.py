"""In which form a gateway answers, and how its bytes become payloads."""

from __future__ import annotations

import codecs
from enum import Enum

from bot.net.http import Response
from bot.net.streams import Ndjson, Sse
from bot.providers.exchange import Framing


class Form(Enum):
    """What a successful answer is."""

    JSON = "one JSON text"
    EVENTS = "server-sent events"
    DATA = "an AI SDK data stream: lines of a letter, a colon and JSON"
    LINES = "lines of JSON"
    TEXT = "the text itself"


class PlainText:
    """The text itself, piece by piece, no character cut in two."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> list[str]:
        """What these bytes complete."""
        text = self._decoder.decode(data)
        return [text] if text else []

    def flush(self) -> list[str]:
        """What stood unfinished at the end."""
        text = self._decoder.decode(b"", final=True)
        return [text] if text else []


def form_of(response: Response) -> Form:
    """The form, by the headers."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "x-vercel-ai-data-stream" in response.headers:
        return Form.DATA
    if kind == "text/event-stream" or "x-vercel-ai-ui-message-stream" in response.headers:
        return Form.EVENTS
    if kind in ("application/x-ndjson", "application/jsonl"):
        return Form.LINES
    return Form.JSON if kind in ("application/json", "text/html") else Form.TEXT


def framed(response: Response) -> Framing | None:
    """What cuts its bytes into payloads; None where it is one text."""
    match form_of(response):
        case Form.JSON:
            return None
        case Form.EVENTS:
            return Sse()
        case Form.DATA | Form.LINES:
            return Ndjson()
        case Form.TEXT:
            return PlainText()
