"""The fake provider itself: as strict as the reference, right about its bill, usable as a process."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.net.http import Http
from bot.providers.wires.openai import OpenAI
from tests.bot.providers.asking import ask, own_row
from tests.fakes.provider import Billed, ProviderServer, answer_for
from tests.fakes.scripts import tokens

HELLO = [{"role": "user", "content": "Hello"}]


async def send(server: ProviderServer, http: Http, body: Any, key: str | None = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {server.key if key is None else key}"}
    answer = await http.request("POST", f"{server.url}/chat/completions", headers=headers, json=body)
    return answer.status, json.loads(answer.body)


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_output": 5},
        {"max_completion_tokens": 0},
        {"max_completion_tokens": "5"},
        {"max_completion_tokens": 5, "max_tokens": 5},
        {"temperature": 3},
        {"stream": "yes"},
        {"stream_options": {"include_usage": True}},
        {"stream": True, "stream_options": {"include_everything": True}},
        {"messages": []},
        {"messages": [{"role": "person", "content": "Hello"}]},
        {"messages": [{"role": "user", "content": None}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a", "more": 1}]}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,a"}}]}]},
        {
            "messages": [
                {
                    "role": "user",
                    "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,!"}}],
                }
            ]
        },
    ],
)
async def test_what_the_reference_does_not_know_is_refused(
    provider_server: ProviderServer, http: Http, wrong: dict[str, Any]
) -> None:
    """Unknown arguments and wrong types are errors, and cost nothing."""
    status, body = await send(provider_server, http, {"model": "gpt-4.1", "messages": HELLO} | wrong)
    assert (status, body["error"]["type"]) == (400, "invalid_request_error")
    assert not provider_server.requests
    assert not provider_server.billed


async def test_the_key_the_model_and_the_window_count(provider_server: ProviderServer, http: Http) -> None:
    """Without the key, for a model that is not there, or with too much text nothing is answered."""
    good = {"model": "gpt-4.1", "messages": HELLO}
    assert (await send(provider_server, http, good, key="wrong"))[0] == 401
    assert (await send(provider_server, http, {**good, "model": "gpt-9"}))[0] == 404
    assert (await send(provider_server, http, {"messages": HELLO}))[0] == 404
    assert (await send(provider_server, http, None))[0] == 400
    long = [{"role": "user", "content": "word " * 300}]
    status, body = await send(provider_server, http, {"model": "tiny", "messages": long})
    assert (status, body["error"]["code"]) == (400, "context_length_exceeded")
    assert provider_server.billed == []


async def test_the_bill_is_its_own_count(provider_server: ProviderServer, http: Http) -> None:
    """Tokens are words, and what was not streamed is not billed."""
    status, body = await send(provider_server, http, {"model": "gpt-4.1", "messages": HELLO})
    text = body["choices"][0]["message"]["content"]
    (billed,) = provider_server.billed
    assert (status, text) == (200, answer_for("Hello"))
    assert billed == Billed("gpt-4.1", 4, len(tokens(text)), billed.request_id, True, text, "Hello")
    assert body["usage"]["completion_tokens"] == billed.output_tokens


async def test_scripts_are_taken_in_their_order(wire: OpenAI, provider_server: ProviderServer) -> None:
    """Each once, those for another model left for it, then the default."""
    provider_server.script(text="for the other", model="gpt-4.1")
    provider_server.script(text="first")
    provider_server.script(text="second")
    said = [(await ask(wire)).text for _ in range(3)]
    assert said == ["first", "second", answer_for("Hello")]
    assert (await ask(wire, model="gpt-4.1")).text == "for the other"


def test_answers_can_be_computed() -> None:
    """The same message has the same answer, another one another."""
    assert answer_for("a") == answer_for("a") != answer_for("b")
    assert 40 <= len(answer_for("a").split()) <= 130
    assert "".join(tokens("  one two\nthree  ")) == "  one two\nthree  "


async def test_it_runs_by_itself(tmp_path: Path, http: Http) -> None:
    """As a process it says where it is, and keeps its bill in a file."""
    port_file, log = tmp_path / "port", tmp_path / "log"
    command = (sys.executable, "-m", "tests.fakes.provider", "--port-file", port_file, "--log", log)
    process = await asyncio.create_subprocess_exec(*command, "--speed", "5000", "--delay", "0.01")
    try:
        async with asyncio.timeout(20):
            while not port_file.exists():  # noqa: ASYNC110 - nothing tells us of a file
                await asyncio.sleep(0.02)
        heard = await ask(OpenAI(own_row(port_file.read_text()), "", http), "Are you there?")
    finally:
        process.kill()
        await process.wait()
    assert heard.text == answer_for("Are you there?")
    (line,) = log.read_text().splitlines()
    assert Billed(**json.loads(line)).streamed_text == heard.text
