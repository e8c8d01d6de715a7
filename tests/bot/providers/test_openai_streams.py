"""What the OpenAI-compatible wire makes of the bytes that servers send, quirks and failures included."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.errors import (
    ContentFiltered,
    ContextOverflow,
    Cut,
    Overloaded,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    ServerFailed,
)
from bot.core.provider import ProviderEvent, Reasoning, Text, ToolCall, Usage
from bot.providers.classify import Origin
from bot.providers.wires.openai import OpenAI
from bot.providers.wires.openai.chunks import Chunks
from tests.bot.providers.asking import ask
from tests.fakes.provider import ProviderServer

STREAMS = Path(__file__).parents[2] / "fakes" / "streams"


@dataclass(frozen=True)
class Expected:
    """What a stream holds; an ``error`` ends it instead of a finish."""

    text: str = ""
    reasoning: str = ""
    usage: Usage | None = None
    calls: list[ToolCall] = field(default_factory=list)
    finish: str | None = "stop"
    error: type[ProviderError] | None = None


def failed(error: type[ProviderError], text: str = "") -> Expected:
    return Expected(text, finish=None, error=error)


EXPECTED = {
    "openai": Expected("Hello world", usage=Usage(9, 12, cached=4, cache_write=2, reasoning=5)),
    "openai_refusal": Expected("I can't help with that."),
    "openai_tools": Expected(
        calls=[ToolCall("call_a", "weather", '{"city":"Bern"}'), ToolCall("call_b", "time", "{}")],
        finish="tool_calls",
    ),
    "tools_without_index": Expected(
        calls=[ToolCall("one", "weather", '{"a":1}'), ToolCall("two", "time", '{"b": 2}')],
        finish="tool_calls",
    ),
    "tools_all_zero": Expected(
        calls=[ToolCall("one", "weather", "{}"), ToolCall("two", "time", "{}")], finish="tool_calls"
    ),
    "azure": Expected("Fine."),
    "llamacpp": Expected("Yes", "Hmm.", Usage(3, 2)),
    "ollama": Expected("Yes", "Let me see.", Usage(5, 6)),
    "litellm": Expected("Hi"),
    "mistral": Expected("Three!", "One, two.", Usage(7, 8)),
    "usage_repeated": Expected("ab", usage=Usage(5, 3)),
    "usage_absent": Expected("a", finish="length"),
    "without_done": Expected("a"),
    "without_blank_line": Expected("a"),
    "line_separators": Expected("a\u2028b\u2029c\u0085d"),
    "crlf": Expected("a"),
    "cr": Expected("a"),
    "many_data_lines": Expected("a"),
    "comments": Expected("a"),
    "after_finish": Expected("a", usage=Usage(1, 1)),
    "content_filter": Expected("a", finish="content_filter"),
    "content_filter_empty": failed(ContentFiltered),
    "error_object": failed(RateLimited, "a"),
    "error_string": failed(ServerFailed),
    "error_numeric": failed(ServerFailed),
    "error_numeric_text": failed(Overloaded),
    "error_line": failed(ContextOverflow),
    "error_raw_json": failed(QuotaExhausted),
    "error_object_kind": failed(ContextOverflow),
    "done_without_finish": failed(Cut, "a"),
    "empty": failed(Cut),
    "garbage": failed(ServerFailed),
    "noise": failed(ServerFailed),
    "not_objects": Expected("a", calls=[ToolCall("call_0", "", "")]),
}


def test_every_stream_is_expected() -> None:
    """No recorded stream is left without a test."""
    assert {path.stem for path in STREAMS.glob("*.sse")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_stream_is_read(name: str, wire: OpenAI, provider_server: ProviderServer) -> None:
    """Bytes as servers send them, in pieces of any size, give the events they mean."""
    provider_server.script(raw=(STREAMS / f"{name}.sse").read_bytes())
    heard = await ask(wire)
    calls = heard.calls
    found = Expected(
        heard.text,
        heard.reasoning,
        heard.usage,
        calls,
        heard.finish,
        type(heard.error) if heard.error else None,
    )
    assert found == EXPECTED[name]


async def test_an_answer_that_was_not_streamed_is_read(wire: OpenAI, provider_server: ProviderServer) -> None:
    """A server that ignores ``stream`` is understood, with and without a finish reason."""
    provider_server.script(fail="json", text="All at once")
    heard = await ask(wire)
    assert (heard.text, heard.finish) == ("All at once", "stop")
    assert heard.usage == Usage(4, 3)
    bare = b'{"choices":[{"message":{"content":"Bare"}}]}'
    for content_type in ("application/json", "text/event-stream"):
        provider_server.script(raw=bare, content_type=content_type)
        heard = await ask(wire)
        assert (heard.text, heard.finish) == ("Bare", "stop")


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b'{"code": "server_is_overloaded", "error": "The model failed."}', Overloaded),
        (b'{"choices": []}', Cut),
        (b"[]", Cut),
        (b"", Cut),
        (b"{", ServerFailed),
    ],
)
async def test_a_json_body_may_tell_of_a_failure(
    wire: OpenAI, provider_server: ProviderServer, raw: bytes, error: type[ProviderError]
) -> None:
    """A JSON answer to a streamed request is an error or an answer, never silence."""
    provider_server.script(raw=raw, content_type="application/json; charset=utf-8")
    heard = await ask(wire)
    assert type(heard.error) is error
    assert not heard.events


async def test_one_huge_event_is_refused(wire: OpenAI, provider_server: ProviderServer) -> None:
    """An event over 8 MiB ends the answer with an error."""
    provider_server.script(text="x" * 24 * 400_000, piece=400_000)
    heard = await ask(wire)
    assert isinstance(heard.error, ServerFailed)
    assert "over 8388608 bytes" in str(heard.error)


async def test_an_answer_of_5_mb_comes_whole(wire: OpenAI, provider_server: ProviderServer) -> None:
    """A long answer is no error."""
    provider_server.script(text="word " * 1_000_000, piece=2_000)
    heard = await ask(wire)
    assert (len(heard.text), heard.finish) == (5_000_000, "stop")


def test_an_endless_answer_is_refused() -> None:
    """Over 20 million characters an answer is an error."""
    chunks = Chunks(Origin("openai", "m"))
    payload = '{"choices":[{"delta":{"content":"%s"}}]}' % ("x" * 1024 * 1024)
    for _ in range(20):
        assert chunks.feed(payload)
    with pytest.raises(ServerFailed, match="over 20971520 characters"):
        chunks.feed(payload)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("choices", "delta", "message", "content", "refusal", "reasoning", "reasoning_content"),
                    *("tool_calls", "index", "id", "function", "name", "arguments", "finish_reason", "usage"),
                    *("prompt_tokens", "completion_tokens", "prompt_tokens_details", "cached_tokens", "type"),
                    *("text", "thinking", "error", "code", "object"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(JSON.map(json.dumps), st.text(), st.just("[DONE]"))))
def test_no_chunk_breaks_the_reader(payloads: list[str]) -> None:
    """Whatever a server sends, the outcome is events or a ProviderError."""
    chunks = Chunks(Origin("openai", "m"))
    events: list[ProviderEvent] = []
    with suppress(ProviderError):
        for payload in payloads:
            events += chunks.feed(payload)
        events += chunks.end()
    assert all(event.text for event in events if isinstance(event, Text | Reasoning))
