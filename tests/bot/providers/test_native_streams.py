"""What the vendors' own wires make of the bytes that their servers send, quirks and failures included."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.errors import (
    AuthenticationFailed,
    ContentFiltered,
    ContextOverflow,
    Cut,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerFailed,
    TimedOut,
)
from bot.core.provider import Citation, ProviderEvent, Reasoning, Text, ToolCall, Usage
from bot.net.streams import Sse
from bot.providers.answer import Answer
from bot.providers.classify import Origin
from bot.providers.wires.anthropic.chunks import MessageChunks
from bot.providers.wires.cohere.chunks import ChatChunks
from bot.providers.wires.google.chunks import ContentChunks
from tests.bot.providers.asking import ask
from tests.bot.providers.natives import opened

STREAMS = Path(__file__).parents[2] / "fakes" / "streams" / "native"
READERS: dict[str, type[Answer]] = {
    "anthropic": MessageChunks,
    "google": ContentChunks,
    "cohere": ChatChunks,
}


@dataclass(frozen=True)
class Expected:
    """What a stream holds; an ``error`` ends it instead of a finish."""

    text: str = ""
    reasoning: str = ""
    usage: Usage | None = None
    calls: list[ToolCall] = field(default_factory=list)
    cited: list[Citation] = field(default_factory=list)
    finish: str | None = "stop"
    error: type[ProviderError] | None = None


def failed(error: type[ProviderError], text: str = "") -> Expected:
    return Expected(text, finish=None, error=error)


def anthropic(output: int, reasoning: int = 0) -> Usage:
    return Usage(2125, output, cached=2000, cache_write=100, reasoning=reasoning)


BERN = '{"city": "Bern"}'
A, B = Citation("https://example.org/a", "A"), Citation("https://example.org/b")
COHERE = Usage(3, 12, cached=2)
SEPARATED = "a\u2028b\u2029c\u0085d"

EXPECTED = {
    "anthropic_text": Expected("Hello world", usage=anthropic(15)),
    "anthropic_thinking": Expected("Yes", "Let me see.", anthropic(40, 30)),
    "anthropic_cumulative": Expected(
        "a", usage=Usage(2230, 9, cached=2100, cache_write=100), finish="length"
    ),
    "anthropic_tools": Expected(
        "Looking.",
        usage=anthropic(60),
        calls=[ToolCall("toolu_01", "weather", BERN), ToolCall("toolu_02", "time", "{}")],
        finish="tool_calls",
    ),
    "anthropic_citations": Expected("It is so.", usage=anthropic(5), cited=[A]),
    "anthropic_refusal": Expected("I began", usage=anthropic(3), finish="content_filter"),
    "anthropic_refusal_empty": failed(ContentFiltered),
    "anthropic_window_full": Expected("a", usage=anthropic(1), finish="length"),
    "anthropic_window_full_empty": failed(ContextOverflow),
    "anthropic_pause": Expected("a", usage=anthropic(1), finish="other"),
    "anthropic_error_first": failed(Overloaded),
    "anthropic_error_middle": failed(Overloaded, "a"),
    "anthropic_error_rate": failed(RateLimited),
    "anthropic_cut": failed(Cut, "a"),
    "anthropic_no_stop_event": Expected("a", usage=anthropic(2)),
    "anthropic_unknown": Expected("a", usage=anthropic(2)),
    "anthropic_separators": Expected(SEPARATED + "é🧀", usage=anthropic(2)),
    "anthropic_crlf": Expected("Hello world", usage=anthropic(15)),
    "anthropic_garbage": failed(ServerFailed, "a"),
    "anthropic_html": failed(ServerFailed),
    "google_text": Expected("Hello world", usage=Usage(15, 5, cached=4)),
    "google_thoughts": Expected("Yes!", "**Plan** more", Usage(12, 25, cached=4, reasoning=20)),
    "google_parts": Expected("first", usage=Usage(1, 2), finish="length"),
    "google_tools": Expected(
        usage=Usage(12, 2, cached=4),
        calls=[ToolCall("f1", "weather", BERN), ToolCall("call_1", "time", "{}")],
        finish="tool_calls",
    ),
    "google_citations": Expected("So.", usage=Usage(12, 2, cached=4), cited=[A, B]),
    "google_blocked_prompt": failed(ContentFiltered),
    "google_safety_empty": failed(ContentFiltered),
    "google_safety": Expected("a", usage=Usage(12, 2, cached=4), finish="content_filter"),
    "google_malformed_call": Expected("a", finish="other"),
    "google_error_middle": failed(Overloaded, "a"),
    "google_error_raw": failed(RateLimited),
    "google_error_array": failed(AuthenticationFailed),
    "google_error_daily": failed(QuotaExhausted),
    "google_cut": failed(Cut, "a"),
    "google_no_blank_line": Expected("a", usage=Usage(12, 2, cached=4)),
    "google_separators": Expected(SEPARATED),
    "google_crlf": Expected("Hello world", usage=Usage(15, 5, cached=4)),
    "cohere_text": Expected("Hello world", usage=COHERE),
    "cohere_thinking": Expected("Yes", "Let me see.", COHERE),
    "cohere_tools": Expected(
        reasoning="I will look.",
        usage=COHERE,
        calls=[ToolCall("weather_1", "weather", '{"city":"Bern"}'), ToolCall("time_2", "time", "{}")],
        finish="tool_calls",
    ),
    "cohere_citations": Expected("So.", usage=COHERE, cited=[A]),
    "cohere_max_tokens": Expected("a", usage=Usage(501, 14), finish="length"),
    "cohere_error": failed(Overloaded, "a"),
    "cohere_error_bare": failed(ServerFailed, "a"),
    "cohere_timeout": failed(TimedOut, "a"),
    "cohere_toxic": failed(ContentFiltered),
    "cohere_error_message": failed(ContextOverflow),
    "cohere_cut": failed(Cut, "a"),
    "cohere_separators": Expected(SEPARATED, usage=COHERE),
    "cohere_crlf": Expected("Hello world", usage=COHERE),
    "cohere_unknown": Expected("a", usage=Usage(1, 2)),
}
CONTINUED = [f"google_continuation_{part}" for part in (1, 2, 3)]


def test_every_stream_is_expected() -> None:
    """No recorded stream is left without a test."""
    assert {path.stem for path in STREAMS.glob("*.sse")} == {*EXPECTED, *CONTINUED}


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_stream_is_read(name: str) -> None:
    """Bytes as servers send them, in pieces of any size, give the events they mean."""
    async with opened(name.partition("_")[0]) as there:
        there.server.script(raw=(STREAMS / f"{name}.sse").read_bytes())
        heard = await ask(there.wire, model=there.model)
    found = Expected(
        heard.text,
        heard.reasoning,
        heard.usage,
        heard.calls,
        [event for event in heard.events if isinstance(event, Citation)],
        heard.finish,
        type(heard.error) if heard.error else None,
    )
    assert found == EXPECTED[name]


@pytest.mark.parametrize(
    "name", [name for name in EXPECTED if name.endswith(("_thinking", "_thoughts", "_text"))]
)
def test_cuts_change_nothing(name: str) -> None:
    """One byte at a time, through letters and line ends, gives what the whole gives."""
    raw = (STREAMS / f"{name}.sse").read_bytes()
    for cuts in ([raw], [raw[place : place + 1] for place in range(len(raw))]):
        answer, reader = READERS[name.partition("_")[0]](Origin("p", "m")), Sse()
        payloads = [payload for data in cuts for payload in reader.feed(data)] + reader.flush()
        events = [event for payload in payloads for event in answer.feed(payload)]
        events += answer.end()
        assert "".join(event.text for event in events if isinstance(event, Text)) == EXPECTED[name].text
        assert EXPECTED[name].usage in events


WHOLE = {
    "anthropic": {
        "type": "message",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "x"},
            {"type": "text", "text": "At once", "citations": [{"url": A.url, "title": A.title}]},
            {"type": "tool_use", "id": "t", "name": "weather", "input": {"city": "Bern"}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 3, "output_tokens": 9, "output_tokens_details": {"thinking_tokens": 4}},
    },
    "google": [
        {
            "candidates": [
                {
                    "content": {
                        "parts": [
                            {"text": "Hm.", "thought": True},
                            {"text": "At once"},
                            {"functionCall": {"id": "t", "name": "weather", "args": {"city": "Bern"}}},
                        ]
                    },
                    "finishReason": "STOP",
                    "groundingMetadata": {"groundingChunks": [{"web": {"uri": A.url, "title": A.title}}]},
                }
            ],
            "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 5, "thoughtsTokenCount": 4},
        }
    ],
    "cohere": {
        "id": "c",
        "finish_reason": "TOOL_CALL",
        "message": {
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "At once"}],
            "tool_calls": [
                {"id": "t", "type": "function", "function": {"name": "weather", "arguments": BERN}}
            ],
            "citations": [{"sources": [{"document": {"url": A.url, "title": A.title}}]}],
        },
        "usage": {"billed_units": {"input_tokens": 3, "output_tokens": 9}},
    },
}


@pytest.mark.parametrize("wire", WHOLE)
async def test_an_answer_that_was_not_streamed_is_read(wire: str) -> None:
    """A server, or a proxy before it, that answers at once is understood."""
    async with opened(wire) as there:
        there.server.script(raw=json.dumps(WHOLE[wire]).encode(), content_type="application/json")
        heard = await ask(there.wire, model=there.model)
    assert (heard.text, heard.reasoning, heard.finish) == ("At once", "Hm.", "tool_calls")
    assert heard.calls == [ToolCall("t", "weather", BERN)]
    assert A in heard.events
    assert heard.usage == Usage(3, 9, reasoning=0 if wire == "cohere" else 4)


@pytest.mark.parametrize("wire", READERS)
@pytest.mark.parametrize(("raw", "error"), [(b"{", ServerFailed), (b"[]", Cut), (b"", Cut), (b"{}", Cut)])
async def test_a_json_body_is_never_silence(wire: str, raw: bytes, error: type[ProviderError]) -> None:
    """A JSON answer to a streamed request that holds no answer is an error."""
    async with opened(wire) as there:
        there.server.script(raw=raw, content_type="application/json; charset=utf-8")
        heard = await ask(there.wire, model=there.model)
    assert type(heard.error) is error
    assert not heard.events


@pytest.mark.parametrize("wire", READERS)
async def test_a_server_that_never_closes_holds_nobody_up(wire: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the finish reason the wait for the body's end is short."""
    monkeypatch.setattr("bot.providers.exchange.LINGER", 0.05)
    async with opened(wire) as there:
        there.server.script(raw=(STREAMS / f"{wire}_text.sse").read_bytes(), stay=True)
        heard = await ask(there.wire, model=there.model)
    assert (heard.text, heard.finish) == ("Hello world", "stop")


@pytest.mark.parametrize("wire", READERS)
def test_an_endless_answer_is_refused(wire: str) -> None:
    """Over 20 million characters an answer is an error, thoughts and arguments of tools alike."""
    much = "x" * 1024 * 1024
    endless = {
        "anthropic": {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": much}},
        "google": {"candidates": [{"content": {"parts": [{"text": much}]}}]},
        "cohere": {
            "type": "tool-call-delta",
            "delta": {"message": {"tool_calls": {"function": {"arguments": much}}}},
        },
    }
    answer = READERS[wire](Origin(wire, "m"))
    for _ in range(20):
        answer.feed(json.dumps(endless[wire]))
    with pytest.raises(ServerFailed, match="over 20971520 characters"):
        answer.feed(json.dumps(endless[wire]))


NAMES = [
    *("type", "delta", "message", "content", "content_block", "index", "text", "thinking", "partial_json"),
    *(
        "usage",
        "output_tokens",
        "input_tokens",
        "stop_reason",
        "error",
        "citation",
        "url",
        "id",
        "name",
        "input",
    ),
    *("candidates", "parts", "thought", "finishReason", "continuationToken", "usageMetadata", "functionCall"),
    *(
        "promptTokenCount",
        "candidatesTokenCount",
        "promptFeedback",
        "blockReason",
        "groundingMetadata",
        "args",
    ),
    *("groundingChunks", "web", "uri", "details", "retryDelay", "violations", "quotaId", "code", "status"),
    *(
        "finish_reason",
        "tool_calls",
        "function",
        "arguments",
        "citations",
        "sources",
        "document",
        "billed_units",
    ),
]
VALUES = [
    *(
        "content_block_delta",
        "content_block_start",
        "message_start",
        "message_delta",
        "message_stop",
        "message",
    ),
    *("text_delta", "thinking_delta", "input_json_delta", "citations_delta", "tool_use", "text", "thinking"),
    *("STOP", "CONTINUATION", "SAFETY", "MAX_TOKENS", "COMPLETE", "ERROR", "TIMEOUT", "end_turn", "refusal"),
    *(
        "content-start",
        "content-delta",
        "tool-call-start",
        "tool-call-delta",
        "citation-start",
        "message-end",
    ),
]
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(VALUES)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=25,
)
TYPED = st.builds(
    lambda kind, rest: {**rest, "type": kind},
    st.sampled_from(VALUES),
    st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4),
)


@pytest.mark.parametrize("wire", READERS)
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    payloads=st.lists(st.one_of(JSON.map(json.dumps), TYPED.map(json.dumps), st.text(), st.just("[DONE]")))
)
def test_no_chunk_breaks_the_reader(wire: str, payloads: list[str]) -> None:
    """Whatever a server sends, the outcome is events or a ProviderError."""
    answer = READERS[wire](Origin(wire, "m"))
    events: list[ProviderEvent] = []
    with suppress(ProviderError):
        for payload in payloads:
            events += answer.feed(payload)
        events += answer.stray("".join(payloads))
        events += answer.end()
    assert all(event.text for event in events if isinstance(event, Text | Reasoning))
    assert sum(isinstance(event, Usage) for event in events) <= 1


@pytest.mark.parametrize("wire", READERS)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_no_bytes_break_the_reader(wire: str, data: st.DataObject) -> None:
    """A recorded stream with bytes put in, taken out and cut anywhere gives events or a ProviderError."""
    names = [name for name in (*EXPECTED, *CONTINUED) if name.startswith(wire)]
    raw = (STREAMS / f"{data.draw(st.sampled_from(names))}.sse").read_bytes()
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 40)))
    raw = raw[:start] + data.draw(st.binary(max_size=20)) + raw[end:]
    answer, reader = READERS[wire](Origin(wire, "m")), Sse()
    with suppress(ProviderError):
        while raw:
            size = data.draw(st.integers(1, max(1, len(raw))))
            for payload in reader.feed(raw[:size]):
                answer.feed(payload)
            raw = raw[size:]
        for payload in reader.flush():
            answer.feed(payload)
        answer.stray(reader.rest)
        list(answer.end())


async def test_an_answer_that_goes_on_is_one_answer() -> None:
    """Gemini's continuations are asked for with their tokens; text is joined and usage summed."""
    async with opened("google") as there:
        for name in CONTINUED:
            there.server.script(raw=(STREAMS / f"{name}.sse").read_bytes())
        heard = await ask(there.wire, model="gemini-4-argon")
        bodies = there.server.requests
    assert (heard.text, heard.reasoning, heard.finish) == ("One two three.", "think", "stop")
    assert heard.usage == Usage(60, 21, cached=24, reasoning=6)
    assert [body.pop("continuationToken", None) for body in bodies] == [None, "tok-1", "tok-2"]
    assert bodies[0] == bodies[1] == bodies[2]


async def test_a_cap_holds_over_continuations() -> None:
    """What was written over all requests counts, and the answer ends at its cap."""
    async with opened("google") as there:
        for name in CONTINUED:
            there.server.script(raw=(STREAMS / f"{name}.sse").read_bytes())
        heard = await ask(there.wire, model="gemini-4-argon", max_output=12)
        assert len(there.server.requests) == 2
    assert (heard.text, heard.finish, heard.usage) == (
        "One two ",
        "length",
        Usage(30, 15, cached=8, reasoning=6),
    )


@pytest.mark.parametrize(("kind", "error"), [("rate", RateLimited), ("cut", Cut)])
async def test_a_continuation_may_fail(kind: str, error: type[ProviderError]) -> None:
    """What came before is passed on, and the failure is its own."""
    async with opened("google") as there:
        there.server.script(raw=(STREAMS / f"{CONTINUED[0]}.sse").read_bytes())
        there.server.script(fail=kind)
        heard = await ask(there.wire, model="gemini-4-argon")
    assert (heard.text, heard.finish, type(heard.error)) == ("One ", None, error)
