"""The generic gateway: what is sent, and what its answers mean in whichever form they come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.errors import BadRequest, Cut, ModelMissing, Overloaded, QuotaExhausted, RateLimited
from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage, ChatRequest, Parameters, ToolCall, Usage
from bot.net.http import Http
from bot.providers.wires.gateway import Gateway
from tests.bot.providers.asking import ask, hear
from tests.bot.providers.replaying import FIRST, STREAMS, Said, failed, replay, said
from tests.contracts.benches import ROWS
from tests.fakes.provider import ProviderServer
from tests.fakes.rules import Model

MODEL = "openai/gpt-6-luna"
CALL = ToolCall("c1", "weather", '{"city": "Bern"}')
STREAMED = Said("Hello\u2028world", "Hm.", Usage(4, 2), calls=(CALL,), sources=(FIRST,))

EXPECTED = {
    "whole.json": Said("All at once", "Hm.", Usage(7, 3, cached=2, cost=500_000), sources=(FIRST,)),
    "wrapped.json": Said("All at once", usage=Usage(7, 3)),
    "openai.json": Said("All at once", usage=Usage(7, 3), finish="length"),
    "error.json": failed(RateLimited),
    "refused.json": failed(QuotaExhausted),
    "nothing.json": failed(Cut),
    "plain.txt": Said("Just 7 words\u2028of text, then: the end."),
    "letters.txt": Said("0: is where counting begins."),
    "empty.txt": failed(Cut),
    "events.sse": Said("Hello\u2028world", usage=Usage(4, 2)),
    "bare_events.sse": Said("Hello world"),
    "openai_events.sse": Said("Hello", "Hm.", Usage(4, 2, reasoning=1)),
    "ui_events.sse": Said("Hello", "Hm.", Usage(4, 2), "tool_calls", (CALL,), (FIRST,)),
    "ui_error.sse": failed(Overloaded, "Hel"),
    "cut.sse": failed(Cut, "Hel"),
    "data_stream.data": STREAMED,
    "data_stream_bare.txt": STREAMED,
    "data_error.data": failed(QuotaExhausted, "Hel"),
    "data_cut.data": failed(Cut, "Hel"),
}


@pytest.fixture
async def server(provider_server: ProviderServer) -> ProviderServer:
    provider_server.models = {MODEL: Model(MODEL)}
    return provider_server


@pytest.fixture
def gateway(server: ProviderServer, http: Http) -> Gateway:
    return Gateway(replace(ROWS["gateway"], base_url=server.root), server.key, http)


def test_every_stream_is_expected() -> None:
    """No recorded answer is left without a test."""
    assert {path.name for path in (STREAMS / "gateway").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
async def test_an_answer_is_read(name: str, gateway: Gateway, server: ProviderServer) -> None:
    """JSON, plain text, events and data streams, in pieces of any size, give the events they mean."""
    replay(server, STREAMS / "gateway" / name)
    assert said(await ask(gateway, model=MODEL)) == EXPECTED[name]


async def test_a_request_is_exactly_this(gateway: Gateway, server: ProviderServer) -> None:
    """The form that gateways know, and what shapes the answer only where it was asked for."""
    assert (await ask(gateway, model=MODEL)).finish == "stop"
    assert server.requests == [
        {
            "provider": "openai",
            "model": "gpt-6-luna",
            "feature": "llm",
            "subfeature": "chat",
            "featureOptions": {"streaming": True, "json": False},
            "input": {
                "messages": [{"role": "user", "content": "Hello"}],
                "systemPrompt": "",
                "tools": [],
            },
        }
    ]


async def test_parameters_and_images_are_passed_on(gateway: Gateway, server: ProviderServer) -> None:
    """A cap, a temperature and an effort among the options, images among the parts."""
    turns = (ChatMessage(Role.USER, "Look", (Attachment("a.png", "image/png", b"abc"),)),)
    asked = ChatRequest(MODEL, turns, "Be kind.", Parameters(500, 0.5, "low"))
    assert (await hear(gateway.chat(asked))).finish == "stop"
    (body,) = server.requests
    assert body["featureOptions"] == {
        "streaming": True,
        "json": False,
        "maxTokens": 500,
        "temperature": 0.5,
        "reasoningEffort": "low",
    }
    assert body["input"]["systemPrompt"] == "Be kind."
    image = {"type": "image", "image": "data:image/png;base64,YWJj", "mediaType": "image/png"}
    assert body["input"]["messages"][0]["content"] == [{"type": "text", "text": "Look"}, image]


async def test_an_option_that_is_not_understood_is_left_out(gateway: Gateway, server: ProviderServer) -> None:
    """A gateway that knows no temperature answers all the same."""
    server.manner = replace(server.manner, refuses=frozenset({"featureOptions.temperature"}))
    assert (await ask(gateway, model=MODEL, temperature=0.5)).finish == "stop"
    assert server.requests[0]["featureOptions"] == {"streaming": True, "json": False}


async def test_what_a_gateway_has_not(gateway: Gateway) -> None:
    """No list, no vectors, and no model without its provider."""
    assert await gateway.models() == ()
    with pytest.raises(BadRequest):
        await gateway.embed(MODEL, ["one"])
    assert type((await ask(gateway, model="gpt-6-luna")).error) is ModelMissing
