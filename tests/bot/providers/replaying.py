"""Recorded streams, and what each of them says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.core.errors import ProviderError
from bot.core.provider import Citation, ToolCall, Usage
from tests.bot.providers.asking import Heard
from tests.fakes.provider import ProviderServer

STREAMS = Path(__file__).parents[2] / "fakes" / "streams"
FIRST, SECOND = Citation("https://a.example/1", "First"), Citation("https://b.example/2", "Second")

_TYPES = {
    ".sse": "text/event-stream; charset=utf-8",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".txt": "text/plain; charset=utf-8",
    ".data": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Said:
    """What a stream holds; an ``error`` ends it instead of a finish, ``wait`` is what that asks for."""

    text: str = ""
    reasoning: str = ""
    usage: Usage | None = None
    finish: str | None = "stop"
    calls: tuple[ToolCall, ...] = ()
    sources: tuple[Citation, ...] = ()
    error: type[ProviderError] | None = None
    wait: float | None = None


def failed(error: type[ProviderError], text: str = "", wait: float | None = None) -> Said:
    return Said(text, finish=None, error=error, wait=wait)


def replay(server: ProviderServer, path: Path) -> None:
    """Order the bytes of a file as the next answer."""
    headers = (("x-vercel-ai-data-stream", "v1"),) if path.suffix == ".data" else ()
    server.script(raw=path.read_bytes(), content_type=_TYPES[path.suffix], headers=headers)


def said(heard: Heard) -> Said:
    """What was heard, to compare with what was expected."""
    return Said(
        heard.text,
        heard.reasoning,
        heard.usage,
        heard.finish,
        tuple(heard.calls),
        tuple(event for event in heard.events if isinstance(event, Citation)),
        type(heard.error) if heard.error else None,
        heard.error.wait if heard.error else None,
    )
