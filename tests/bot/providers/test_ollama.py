"""The wire of Ollama: what is sent, and what its lines mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.errors import ContextOverflow, Cut, ModelMissing, ServerFailed
from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage, ChatRequest, Parameters, ToolCall, Usage
from bot.net.http import Http
from bot.providers.wires.ollama import Ollama
from tests.bot.providers.asking import ask, hear, ids
from tests.bot.providers.replaying import STREAMS, Said, failed, replay, said
from tests.contracts.benches import ROWS
from tests.fakes.provider import ProviderServer
from tests.fakes.rules import Model

EXPECTED = {
    "whole.ndjson": Said("Bern\u2028!", "Hmm.", Usage(26, 9)),
    "cut_short.ndjson": failed(Cut, "Ber"),
    "no_end.ndjson": failed(Cut, "Ber"),
    "no_last_line_end.ndjson": Said("Bern", usage=Usage(26, 9)),
    "error.ndjson": failed(ServerFailed, "Ber"),
    "error_first.ndjson": failed(ContextOverflow),
    "tools.ndjson": Said(
        usage=Usage(26, 9),
        finish="tool_calls",
        calls=(ToolCall("call_0", "weather", '{"city": "Bern"}'), ToolCall("x", "time", "{}")),
    ),
    "length.ndjson": Said("Bern", usage=Usage(0, 2), finish="length"),
    "cached.ndjson": Said("Bern"),
}


@pytest.fixture
async def server(provider_server: ProviderServer) -> ProviderServer:
    provider_server.models = {name: Model(name) for name in ("llama3.2", "gpt-oss:20b")}
    return provider_server


@pytest.fixture
def ollama(server: ProviderServer, http: Http) -> Ollama:
    return Ollama(replace(ROWS["ollama"], base_url=server.root), server.key, http)


def test_every_stream_is_expected() -> None:
    """No recorded stream is left without a test."""
    assert {path.name for path in (STREAMS / "ollama").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_stream_is_read(name: str, ollama: Ollama, server: ProviderServer) -> None:
    """Bytes as Ollama sends them, in pieces of any size, give the events they mean."""
    replay(server, STREAMS / "ollama" / name)
    assert said(await ask(ollama, model="llama3.2")) == EXPECTED[name]


async def test_a_request_is_exactly_this(ollama: Ollama, server: ProviderServer) -> None:
    """The context length is asked for, and nothing is silently dropped."""
    turns = (ChatMessage(Role.USER, "Look", (Attachment("a.png", "image/png", b"abc"),)),)
    asked = ChatRequest("gpt-oss:20b", turns, "Be kind.", Parameters(500, 0.5, "max"))
    assert (await hear(ollama.chat(asked))).finish == "stop"
    assert server.requests == [
        {
            "model": "gpt-oss:20b",
            "messages": [
                {"role": "system", "content": "Be kind."},
                {"role": "user", "content": "Look", "images": ["YWJj"]},
            ],
            "stream": True,
            "truncate": False,
            "shift": False,
            "keep_alive": "30m",
            "options": {"num_ctx": 32_768, "num_predict": 500, "temperature": 0.5},
            "think": "high",
        }
    ]


@pytest.mark.parametrize(
    ("model", "effort", "think"),
    [
        ("llama3.2", None, None),
        ("llama3.2", "none", False),
        ("llama3.2", "high", True),
        ("gpt-oss:20b", "low", "low"),
    ],
)
async def test_thinking_is_asked_for(
    ollama: Ollama, server: ProviderServer, model: str, effort: str | None, think: bool | str | None
) -> None:
    """By levels where the model has them, else on or off, else as the model likes."""
    await ask(ollama, model=model, effort=effort)
    assert server.requests[0].get("think") == think


async def test_a_model_that_does_not_think_answers_all_the_same(
    ollama: Ollama, server: ProviderServer
) -> None:
    """The refusal names it, so it is asked again without."""
    server.manner = replace(server.manner, refuses=frozenset({"think"}))
    assert (await ask(ollama, model="llama3.2", effort="high")).finish == "stop"
    assert "think" not in server.requests[0]


async def test_installed_models_and_vectors(ollama: Ollama, server: ProviderServer, http: Http) -> None:
    """The list is of what is installed; an address of its compatible side is understood."""
    assert ids(await ollama.models()) == ("llama3.2", "gpt-oss:20b")
    assert len((await ollama.embed("all-minilm", ["one", "two"])).vectors) == 2
    other = Ollama(replace(ROWS["ollama"], base_url=server.url), server.key, http)
    assert (await other.models())[0].id == "llama3.2"
    assert type((await ask(other, model="none")).error) is ModelMissing


@pytest.mark.parametrize("raw", [b"{", b"[]", b"{}", b'{"models":[5],"embeddings":[5]}'])
async def test_an_unreadable_answer_is_the_servers_failure(
    ollama: Ollama, server: ProviderServer, raw: bytes
) -> None:
    """A list or a vector that is none is told as such."""
    server.replies = raw
    with pytest.raises(ServerFailed, match="unreadable"):
        await ollama.models()
    with pytest.raises(ServerFailed, match="unreadable"):
        await ollama.embed("all-minilm", ["one"])


async def test_a_stream_may_be_cut_anywhere(ollama: Ollama, server: ProviderServer) -> None:
    """After any byte but the last few it is told as cut; what came before is passed on."""
    whole = (STREAMS / "ollama" / "whole.ndjson").read_bytes()
    for end in range(1, len(whole) - 2, 17):
        server.script(raw=whole[:end], content_type="application/x-ndjson")
        heard = await ask(ollama, model="llama3.2")
        assert type(heard.error) is Cut, end
        assert "Bern\u2028!".startswith(heard.text)
