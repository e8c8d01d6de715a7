"""Whatever bytes come, however they are cut: each reader gives events or a ProviderError, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.errors import ProviderError
from bot.core.provider import ProviderEvent, Reasoning, Text
from bot.net.streams import Ndjson, Sse
from bot.providers.classify import Origin
from bot.providers.exchange import Framing, Reader
from bot.providers.rows.forms import Quirks
from bot.providers.wires.gateway.answer import Answer
from bot.providers.wires.gateway.forms import Form, PlainText
from bot.providers.wires.ollama.lines import Lines
from bot.providers.wires.openai.chunks import Chunks
from bot.providers.wires.responses.events import Events
from tests.bot.providers.replaying import STREAMS

ORIGIN = Origin("p", "m")
QUIRKS = Quirks(think_tags=True, reports_cost=True, reasoning_apart=True)

READERS: dict[str, tuple[Callable[[], Reader], Callable[[], Framing], str]] = {
    "openai": (lambda: Chunks(ORIGIN), Sse, "*.sse"),
    "openai with quirks": (lambda: Chunks(ORIGIN, QUIRKS), Sse, "rows/*"),
    "responses": (lambda: Events(ORIGIN), Sse, "responses/*"),
    "ollama": (lambda: Lines(ORIGIN), Ndjson, "ollama/*"),
    "gateway events": (lambda: Answer(ORIGIN, Form.EVENTS), Sse, "gateway/*.sse"),
    "gateway data": (lambda: Answer(ORIGIN, Form.DATA), Ndjson, "gateway/*.data"),
    "gateway lines": (lambda: Answer(ORIGIN, Form.LINES), Ndjson, "ollama/*"),
    "gateway text": (lambda: Answer(ORIGIN, Form.TEXT), PlainText, "gateway/*.txt"),
}
ALL = sorted(
    path for path in STREAMS.rglob("*.*") if path.suffix in (".sse", ".json", ".ndjson", ".data", ".txt")
)


def read(name: str, pieces: list[bytes]) -> list[ProviderEvent]:
    """The events of an answer that came in these pieces, as far as it was good."""
    make, frame, _ = READERS[name]
    reader, framing = make(), frame()
    events: list[ProviderEvent] = []
    with suppress(ProviderError):
        for payload in payloads(framing, pieces):
            events += reader.feed(payload)
        if not reader.ended:
            events += reader.stray(framing.rest if isinstance(framing, Sse) else "")
        events += reader.end()
    with suppress(ProviderError):
        make().whole(b"".join(pieces).decode("utf-8", "replace"))
    return events


def payloads(framing: Framing, pieces: list[bytes]) -> Iterator[str]:
    for piece in pieces:
        yield from framing.feed(piece)
    yield from framing.flush()


def joined(events: list[ProviderEvent]) -> list[object]:
    """The events with pieces of text joined, for where these are cut depends on the network."""
    texts = "".join(event.text for event in events if isinstance(event, Text))
    thoughts = "".join(event.text for event in events if isinstance(event, Reasoning))
    return [texts, thoughts, *(event for event in events if not isinstance(event, Text | Reasoning))]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(bounds)]


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """A recorded stream with bytes lost, added or changed, or no stream at all."""
    data = bytearray(draw(st.sampled_from(ALL)).read_bytes())
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 9))] = draw(st.binary(max_size=9))
    return bytes(data) if draw(st.booleans()) else draw(st.binary()) + bytes(data)


@pytest.mark.parametrize("name", READERS)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    data=st.one_of(spoiled(), st.binary(), st.text().map(str.encode)),
    places=st.lists(st.integers(0), max_size=6),
)
def test_no_bytes_break_a_reader(name: str, data: bytes, places: list[int]) -> None:
    """The outcome is events, none of them empty, or a ProviderError."""
    events = read(name, cut(data, places))
    assert all(event.text for event in events if isinstance(event, Text | Reasoning))


@pytest.mark.parametrize("name", READERS)
@settings(deadline=None)
@given(data=st.data())
def test_where_it_was_cut_does_not_matter(name: str, data: st.DataObject) -> None:
    """The same bytes in other pieces say the same."""
    path: Path = data.draw(st.sampled_from(sorted(STREAMS.glob(READERS[name][2]))))
    whole = path.read_bytes()
    pieces = cut(whole, data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    assert joined(read(name, pieces)) == joined(read(name, [whole]))
