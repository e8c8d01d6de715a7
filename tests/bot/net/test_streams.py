"""The readers of streams: the same payloads however the bytes were cut, and nothing raised but TooLarge."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.net.errors import TooLarge
from bot.net.streams import Ndjson, Sse

LINES = st.sampled_from(
    [
        *(b"data: a", b"data:b", b"data:  c", b"data", b"data:", b"data: {}", b"datax: 1", b": ping", b":"),
        *(b"event: error", b"event", b"id: 1", b"retry: 5", b"{", b'"x": 1', b"error: {}", b" data: d"),
        *(b"\xef\xbb\xbfdata: e", b"data: \xff\xfe", "data: \u2028ü".encode(), b"data: x\x0by\x0cz", b""),
    ]
)
STREAMS = st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n"]))).map(
    lambda lines: b"".join(line + end for line, end in lines)
)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    """The bytes in pieces, cut at these places."""
    places = sorted({place % (len(data) + 1) for place in at})
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


def read(reader: Sse | Ndjson, pieces: list[bytes]) -> list[str]:
    payloads = [payload for piece in pieces for payload in reader.feed(piece)]
    return payloads + reader.flush()


@given(st.one_of(st.binary(), STREAMS), st.lists(st.integers(0, 1000)))
def test_sse_is_the_same_however_it_is_cut(data: bytes, at: list[int]) -> None:
    """Any bytes in any pieces give what they give at once, and nothing is raised."""
    whole, pieces = Sse(), Sse()
    assert read(pieces, cut(data, at)) == read(whole, [data])
    assert pieces.rest == whole.rest


@given(st.one_of(st.binary(), STREAMS), st.lists(st.integers(0, 1000)))
def test_ndjson_is_the_same_however_it_is_cut(data: bytes, at: list[int]) -> None:
    """Any bytes in any pieces give what they give at once, and nothing is raised."""
    assert read(Ndjson(), cut(data, at)) == read(Ndjson(), [data])


@given(st.binary(), st.lists(st.integers(0, 1000)), st.integers(1, 20))
def test_small_limits_raise_only_what_they_say(data: bytes, at: list[int], limit: int) -> None:
    """However small the cap, nothing but TooLarge is raised."""
    for reader in (Sse(limit), Ndjson(limit)):
        with suppress(TooLarge):
            read(reader, cut(data, at))


@given(st.lists(st.text().filter(lambda text: "\n" not in text and "\r" not in text and text)))
def test_sse_gives_back_any_text(texts: list[str]) -> None:
    """What was sent as data comes out as it was, strange separators included."""
    stream = "".join(f"data: {text}\n\n" for text in texts).encode("utf-8", "surrogatepass")
    expected = [text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for text in texts]
    assert read(Sse(), [stream]) == expected


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_ndjson_gives_back_any_values(values: list[str]) -> None:
    """One JSON value per line comes out as that value."""
    stream = "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode()
    assert [json.loads(payload) for payload in read(Ndjson(), [stream])] == values


@pytest.mark.parametrize(
    ("stream", "payloads"),
    [
        (b"data: a\n\n", ["a"]),
        (b"data:a\n\n", ["a"]),
        (b"data:  a\n\n", [" a"]),
        (b"data: a\r\rdata: b\r\n\r\n", ["a", "b"]),
        (b"data: a\ndata: b\n\n", ["a\nb"]),
        (b"data\n\n", [""]),
        (b"data: a", ["a"]),
        (b"data: a\n", ["a"]),
        (b": ping\n\n\n\n", []),
        (b"event: x\nid: 1\nretry: 2\ndata: a\n\n", ["a"]),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        ("data: a\u2028b\u0085c\x0b\x0cd\n\n".encode(), ["a\u2028b\u0085c\x0b\x0cd"]),
        (b"data: \xff\n\n", ["\ufffd"]),
        (b"", []),
    ],
)
def test_sse_reads(stream: bytes, payloads: list[str]) -> None:
    """Events by the rules of the standard, unfinished ones at the end included."""
    assert read(Sse(), [stream]) == payloads


def test_crlf_may_be_cut_in_two() -> None:
    """A CR at the end of one piece and an LF at the start of the next are one line end."""
    reader = Sse()
    assert read(reader, [b"data: a\r", b"", b"\ndata: b\r", b"\n", b"\r", b"\n"]) == ["a\nb"]


def test_what_is_no_event_stands_aside() -> None:
    """Bare JSON in a stream is kept apart, line by line."""
    reader = Sse()
    assert read(reader, [b'{\r\n  "error": {"data: ": 1},\n', b"error: x\ndata: a\n\n}"]) == ["a"]
    assert reader.rest == '{\n  "error": {"data: ": 1},\nerror: x\n}'


@pytest.mark.parametrize(
    "stream",
    [
        b"data: " + b"x" * 100,
        b"data: xxxxxxxxx\n" * 20,
        b"nothing of use\n" * 20,
    ],
)
def test_too_much_is_refused(stream: bytes) -> None:
    """One line, one event of many lines and a heap of strays each have a cap."""
    for pieces in ([stream], [stream[at : at + 7] for at in range(0, len(stream), 7)]):
        with pytest.raises(TooLarge, match="over 64 bytes"):
            read(Sse(64), pieces)
    with pytest.raises(TooLarge):
        read(Ndjson(64), [b"x" * 65])


def test_many_small_events_are_no_large_one() -> None:
    """The cap is for one event: a stream of any length passes."""
    assert len(read(Sse(64), [b"data: a\n\n" * 1000])) == 1000
    assert len(read(Ndjson(64), [b"{}\n" * 1000])) == 1000
