"""What the OpenAI-compatible wire sends, and what it learns from a refusal."""

from __future__ import annotations

import asyncio
import base64
import json
import logging

import pytest

from bot.core.errors import (
    AuthenticationFailed,
    BadRequest,
    ModelMissing,
    NetworkFailed,
    ProviderError,
    ServerFailed,
)
from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage, ChatRequest, Text, Usage
from bot.net.http import Http
from bot.providers.wires.openai import OpenAI
from tests.bot.providers.asking import ask, hear, ids, own_row, plain_row, request
from tests.fakes.provider import ProviderServer, answer_for

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


async def test_a_request_is_what_the_reference_allows(wire: OpenAI, provider_server: ProviderServer) -> None:
    """A strict server takes everything that a request may hold, and answers."""
    turns = (
        ChatMessage(Role.USER, "Look", (Attachment("a.png", "image/png", PNG),)),
        ChatMessage(Role.ASSISTANT, "I see."),
        ChatMessage(
            Role.USER, "", (Attachment("a.png", "image/png", PNG), Attachment("b", "text/plain", b"b"))
        ),
        ChatMessage(Role.SYSTEM, "Mind the gap."),
        ChatMessage(Role.USER, "And now?"),
    )
    wanted = request("x", system="Be kind.", max_output=500, temperature=0.5, effort="none")
    heard = await hear(wire.chat(ChatRequest("gpt-6-luna", turns, wanted.system, wanted.parameters)))
    assert (heard.text, heard.finish) == (answer_for("And now?"), "stop")
    (billed,) = provider_server.billed
    assert heard.usage == Usage(billed.input_tokens, billed.output_tokens)
    (body,) = provider_server.requests
    assert [message["role"] for message in body["messages"]] == [
        *("developer", "user", "assistant", "user", "developer", "user"),
    ]
    assert body["messages"][1]["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")
    assert len(body["messages"][3]["content"]) == 1
    del body["messages"]
    assert body == {
        "model": "gpt-6-luna",
        "stream": True,
        "stream_options": {"include_usage": True, "include_obfuscation": False},
        "max_completion_tokens": 500,
        "reasoning_effort": "none",
        "temperature": 0.5,
    }


async def test_another_server_gets_the_plain_form(provider_server: ProviderServer, http: Http) -> None:
    """A compatible server gets the oldest names for everything, and no key where there is none."""
    provider_server.key = ""
    wire = OpenAI(plain_row(provider_server.url), "", http)
    heard = await ask(wire, model="gpt-4.1", system="Be kind.", max_output=3)
    assert (heard.finish, len(heard.text.split())) == ("length", 3)
    (body,) = provider_server.requests
    assert body["messages"][0] == {"role": "system", "content": "Be kind."}
    assert body["max_tokens"] == 3
    assert body["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    ("model", "effort", "sent"),
    [
        ("gpt-4.1", None, True),
        ("gpt-5.2", None, True),
        ("gpt-5.2", "none", True),
        ("gpt-5.2", "high", False),
        ("gpt-6-luna", "none", True),
        ("gpt-6-luna", None, False),
        ("gpt-6.1-sol", "none", False),
        ("o3", None, False),
        ("llama3.3", None, True),
    ],
)
async def test_a_temperature_goes_to_those_that_take_it(
    wire: OpenAI, provider_server: ProviderServer, model: str, effort: str | None, sent: bool
) -> None:
    """Models that reason refuse a temperature, some unless they are told not to reason."""
    provider_server.models[model] = provider_server.models["gpt-4.1"]
    await ask(wire, model=model, temperature=0.5, effort=effort)
    assert ("temperature" in provider_server.requests[0]) is sent


async def test_a_field_that_is_not_understood_is_left_out(
    provider_server: ProviderServer, http: Http
) -> None:
    """A refusal that names a parameter is answered once by a request without it, and remembered."""
    wire = OpenAI(plain_row(provider_server.url), provider_server.key, http)
    for _ in range(2):
        heard = await ask(wire, model="gpt-6-luna", max_output=4)
        assert (heard.error, len(heard.text.split())) == (None, 4)
    # The cap on output keeps its number, for a reservation rests on it.
    assert [body["max_completion_tokens"] for body in provider_server.requests] == [4, 4]


async def test_only_one_field_is_left_out(provider_server: ProviderServer, http: Http) -> None:
    """A second refusal is final, and one that names nothing we could leave out is so at once."""
    wire = OpenAI(plain_row(provider_server.url), provider_server.key, http)
    heard = await ask(wire, model="gpt-6-luna", max_output=4, effort="enormous")
    assert isinstance(heard.error, BadRequest)
    heard = await ask(wire, model="gpt-4.1", max_output=0)
    assert isinstance(heard.error, BadRequest)
    assert provider_server.requests == []


async def test_stopping_ends_the_stream_at_the_server(wire: OpenAI, provider_server: ProviderServer) -> None:
    """Closing the generator closes the connection: the server stops writing, and bills what it wrote."""
    provider_server.script(text="word " * 1000, speed=200)
    events = wire.chat(request())
    assert isinstance(await anext(events), Text)
    await events.aclose()
    (billed,) = await provider_server.billed_all()
    assert not billed.completed
    assert billed.output_tokens < 100


async def test_cancelling_ends_the_stream_at_the_server(
    wire: OpenAI, provider_server: ProviderServer
) -> None:
    """A task that is cancelled while it waits for the next word closes the connection."""
    provider_server.script(text="word " * 100, fail="hang", after=3)
    events = wire.chat(request())
    for _ in range(3):
        await anext(events)

    async def wait() -> None:
        await anext(events)

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    (billed,) = await provider_server.billed_all()
    assert (billed.completed, billed.output_tokens) == (False, 3)


async def test_a_connection_serves_the_next_answer(wire: OpenAI, provider_server: ProviderServer) -> None:
    """An answer that was read to its end leaves its connection to the next."""
    peers = set()
    for _ in range(3):
        await ask(wire)
        peers.add(provider_server.peers[-1])
    assert len(peers) == 1


@pytest.mark.parametrize("fail", [None, "no done"])
async def test_usage_may_stay_away(wire: OpenAI, provider_server: ProviderServer, fail: str | None) -> None:
    """A server that reports no usage has answered all the same."""
    provider_server.script(usage=False, fail=fail)
    heard = await ask(wire)
    assert (heard.text, heard.usage, heard.finish) == (answer_for("Hello"), None, "stop")


async def test_a_server_that_never_closes_holds_nobody_up(
    wire: OpenAI, provider_server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the finish reason the wait for usage is short, and shorter still after the end mark."""
    monkeypatch.setattr("bot.providers.exchange.LINGER", 0.05)
    for mark in ("", "data: [DONE]\n\n"):
        finished = '{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}'
        provider_server.script(raw=f"data: {finished}\n\n{mark}".encode(), stay=True)
        async with asyncio.timeout(30):
            heard = await ask(wire)
        assert (heard.text, heard.finish) == ("a", "stop")


async def test_signs_of_life_are_passed_on(wire: OpenAI, provider_server: ProviderServer) -> None:
    """Bytes that are no event are told to whoever watches the deadlines."""
    beats = 0

    def alive() -> None:
        nonlocal beats
        beats += 1

    provider_server.script(text="a", delay=0.2, keep_alive=0.02)
    await hear(wire.chat(request(), alive))
    assert beats >= 4


async def test_embeddings_come_in_the_order_of_their_texts(
    wire: OpenAI, provider_server: ProviderServer
) -> None:
    """Vectors stand where their texts stood, whatever order the server gave them in."""
    both = await wire.embed("text-embedding-3-small", ["one", "two words"])
    (single,) = (await wire.embed("text-embedding-3-small", ["two words"])).vectors
    assert both.vectors[1] == single
    assert both.tokens == provider_server.billed[0].input_tokens == 3
    with pytest.raises(ModelMissing):
        await wire.embed("gpt-4.1", ["one"])


async def test_the_models_are_those_of_the_server(
    wire: OpenAI, provider_server: ProviderServer, http: Http
) -> None:
    """The list call gives ids, and needs the key."""
    assert ids(await wire.models()) == tuple(provider_server.models)
    with pytest.raises(AuthenticationFailed):
        await OpenAI(own_row(provider_server.url), "sk-wrong-key-000000", http).models()


@pytest.mark.parametrize("raw", [b"{", b"[]", b"{}", b'{"data":[5]}', b'{"data":5}'])
async def test_an_unreadable_answer_is_the_servers_failure(
    wire: OpenAI, provider_server: ProviderServer, raw: bytes
) -> None:
    """A list or a vector that is none is told as such."""
    provider_server.replies = raw
    with pytest.raises(ServerFailed, match="unreadable"):
        await wire.models()
    with pytest.raises(ServerFailed, match="unreadable"):
        await wire.embed("text-embedding-3-small", ["one"])


async def test_a_server_that_is_not_there_is_told(http: Http) -> None:
    """No connection is NetworkFailed, for every call."""
    wire = OpenAI(own_row("http://127.0.0.1:1/v1"), "", http)
    assert isinstance((await ask(wire)).error, NetworkFailed)
    with pytest.raises(NetworkFailed):
        await wire.models()


@pytest.mark.parametrize("fail", ["auth", "quota", "request", "error", "json error", "html"])
async def test_the_key_is_never_told(
    fail: str, provider_server: ProviderServer, http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the provider echoes, no message, sentence or log line holds the key."""
    caplog.set_level(logging.DEBUG)
    key = "sk-proj-" + "Z9" * 20
    provider_server.script(fail=fail)
    wire = OpenAI(own_row(provider_server.url), key, http)
    error = (await ask(wire)).error
    assert error is not None
    for text in (
        str(error),
        error.say,
        repr(error),
        repr(error.__dict__),
        repr(error.__cause__),
        caplog.text,
    ):
        assert "Z9Z9" not in text


async def test_a_redirect_is_explained(wire: OpenAI, provider_server: ProviderServer) -> None:
    """A server that sends us elsewhere is refused, and why is in the log."""
    provider_server.script(fail="redirect")
    error = (await ask(wire)).error
    assert isinstance(error, ProviderError)
    assert "redirect" in str(error)
    assert json.dumps(error.status) == "307"
