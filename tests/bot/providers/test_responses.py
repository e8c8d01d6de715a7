"""The wire of OpenAI's Responses: what is sent, and what its events mean."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from bot.config import ProviderSettings
from bot.core.errors import (
    AuthenticationFailed,
    ContentFiltered,
    Cut,
    Overloaded,
    QuotaExhausted,
    RateLimited,
    ServerFailed,
)
from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage, ChatRequest, Parameters, ToolCall, Usage
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.registry import Registry
from bot.providers.wires.responses import Responses
from tests.bot.providers.asking import ask, hear, own_row
from tests.bot.providers.replaying import FIRST, STREAMS, Said, failed, replay, said
from tests.fakes.provider import ProviderServer

USAGE = Usage(75, 40, cached=64, cache_write=5, reasoning=30)

EXPECTED = {
    "whole.sse": Said("Hello\u2028world", "**First**\n\nThen.", USAGE, sources=(FIRST,)),
    "tools.sse": Said(finish="tool_calls", calls=(ToolCall("call_1", "weather", '{"a":1}'),)),
    "refusal.sse": Said("I can't.", usage=Usage(3, 4)),
    "too_long.sse": Said("Hel", usage=Usage(3, 4), finish="length"),
    "filtered.sse": failed(ContentFiltered),
    "failed.sse": failed(RateLimited, "Hel", wait=1.5),
    "quota.sse": failed(QuotaExhausted),
    "overloaded_nested.sse": failed(Overloaded),
    "cut.sse": failed(Cut, "Hel"),
    "garbage.sse": failed(ServerFailed),
    "not_streamed.json": Said("All at once", "Hm.", USAGE, sources=(FIRST,)),
    "error.json": failed(AuthenticationFailed),
}


@pytest.fixture
def responses(provider_server: ProviderServer, http: Http) -> Responses:
    return Responses(own_row(provider_server.url), provider_server.key, http)


def test_every_stream_is_expected() -> None:
    """No recorded stream is left without a test."""
    assert {path.name for path in (STREAMS / "responses").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_stream_is_read(name: str, responses: Responses, provider_server: ProviderServer) -> None:
    """Bytes as OpenAI sends them, in pieces of any size, give the events they mean."""
    replay(provider_server, STREAMS / "responses" / name)
    assert said(await ask(responses)) == EXPECTED[name]


async def test_a_request_is_exactly_this(responses: Responses, provider_server: ProviderServer) -> None:
    """Nothing is ever stored, and reasoning is asked for as a summary."""
    turns = (
        ChatMessage(Role.USER, "Look", (Attachment("a.png", "image/png", b"abc"),)),
        ChatMessage(Role.ASSISTANT, "I see."),
        ChatMessage(Role.SYSTEM, "Mind the gap."),
        ChatMessage(Role.USER, "And now?"),
    )
    asked = ChatRequest("gpt-6-luna", turns, "Be kind.", Parameters(500, 0.5, "high"))
    assert (await hear(responses.chat(asked))).finish == "stop"
    assert provider_server.requests == [
        {
            "model": "gpt-6-luna",
            "input": [
                {
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "Look"},
                        {"type": "input_image", "image_url": "data:image/png;base64,YWJj", "detail": "auto"},
                    ],
                },
                {"role": "assistant", "content": [{"type": "output_text", "text": "I see."}]},
                {"role": "developer", "content": [{"type": "input_text", "text": "Mind the gap."}]},
                {"role": "user", "content": [{"type": "input_text", "text": "And now?"}]},
            ],
            "stream": True,
            "store": False,
            "instructions": "Be kind.",
            "stream_options": {"include_obfuscation": False},
            "max_output_tokens": 500,
            "reasoning": {"summary": "auto", "effort": "high"},
        }
    ]


async def test_a_summary_that_is_not_allowed_is_left_out(
    responses: Responses, provider_server: ProviderServer
) -> None:
    """Accounts that are not verified get no summaries; they get the answer all the same, and its effort."""
    provider_server.manner = replace(provider_server.manner, refuses=frozenset({"reasoning.summary"}))
    for _ in range(2):
        assert (await ask(responses, effort="low")).finish == "stop"
    assert [body["reasoning"] for body in provider_server.requests] == [{"effort": "low"}] * 2


async def test_models_that_reason_are_asked_by_it_at_openai_itself(http: Http) -> None:
    """There, and not at a server put in OpenAI's place; what does not reason is asked by chat completions."""
    for base_url, model, sent in (
        ("https://api.openai.com/v1", "gpt-6-luna", "responses"),
        ("https://api.openai.com/v1", "gpt-4.1", "chat"),
        ("http://127.0.0.1:1/v1", "gpt-6-luna", "chat"),
    ):
        keys = {"openai": ProviderSettings(SecretStr("sk-x"), base_url)}
        found = Registry(CATALOG, keys, http).wire_name("openai", model)
        assert found == {"responses": "responses", "chat": "openai"}[sent]
