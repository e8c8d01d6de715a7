"""What the vendors' own wires send, to the letter, and what they learn from a refusal."""

from __future__ import annotations

import base64
import json
import logging
from typing import Any

import pytest

from bot.core.errors import (
    AuthenticationFailed,
    BadRequest,
    ContextOverflow,
    ModelMissing,
    NetworkFailed,
    ServerFailed,
)
from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage, ChatRequest, Parameters
from bot.net.http import Http
from tests.bot.providers.asking import ask, hear, ids
from tests.bot.providers.natives import NATIVES, made, opened
from tests.fakes.native import anthropic, cohere, google
from tests.fakes.native.server import Refused

PNG = base64.b64encode(b"\x89PNG").decode()
IMAGE, GIF = Attachment("a.png", "image/png", b"\x89PNG"), Attachment("b.gif", "image/gif", b"GIF8")
TURNS = (
    ChatMessage(Role.USER, "Look", (IMAGE, Attachment("n.txt", "text/plain", b"n"))),
    ChatMessage(Role.ASSISTANT, "I see. "),
    ChatMessage(Role.SYSTEM, "Mind the gap."),
    ChatMessage(Role.USER, "", (GIF,)),
)


async def sent(name: str, model: str, parameters: Parameters | None = None, system: str = "Be kind.") -> Any:
    """The body that the turns become; the server takes it, or the test fails."""
    async with opened(name) as there:
        request = ChatRequest(model, TURNS, system, parameters or Parameters())
        heard = await hear(there.wire.chat(request))
        assert heard.error is None
        (body,) = there.server.requests
        return body


def gif() -> str:
    return base64.b64encode(b"GIF8").decode()


async def test_a_message_request() -> None:
    """Anthropic: the system text apart, images before text, no blanks at the end of an answer."""
    body = await sent("anthropic", "claude-haiku-5-5", Parameters(500, 0.5, "high"))
    assert body == {
        "model": "claude-haiku-5-5",
        "max_tokens": 500,
        "stream": True,
        "system": "Be kind.\n\nMind the gap.",
        "thinking": {"type": "adaptive", "display": "summarized"},
        "output_config": {"effort": "high"},
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
                    {"type": "text", "text": "Look"},
                ],
            },
            {"role": "assistant", "content": [{"type": "text", "text": "I see."}]},
            {
                "role": "user",
                "content": [
                    {"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": gif()}}
                ],
            },
        ],
    }


async def test_a_content_request() -> None:
    """Gemini: roles of its own, parts, and a word in place of an image that it cannot look at."""
    body = await sent("google", "gemini-2.5-flash", Parameters(500, 0.5, "high"))
    assert body == {
        "systemInstruction": {"parts": [{"text": "Be kind."}, {"text": "Mind the gap."}]},
        "contents": [
            {
                "role": "user",
                "parts": [{"text": "Look"}, {"inlineData": {"mimeType": "image/png", "data": PNG}}],
            },
            {"role": "model", "parts": [{"text": "I see. "}]},
            {
                "role": "user",
                "parts": [{"text": "(The image b.gif is of a kind that you cannot look at.)"}],
            },
        ],
        "generationConfig": {
            "maxOutputTokens": 500,
            "temperature": 0.5,
            "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 24_576},
        },
    }


async def test_a_chat_request() -> None:
    """Cohere: messages as they stand, images as addresses that hold them."""
    body = await sent("cohere", "command-a-reasoning-08-2025", Parameters(500, 0.5, "low"))
    assert body == {
        "model": "command-a-reasoning-08-2025",
        "stream": True,
        "max_tokens": 500,
        "temperature": 0.5,
        "thinking": {"type": "enabled", "token_budget": 250},
        "messages": [
            {"role": "system", "content": "Be kind."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Look"},
                    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
                ],
            },
            {"role": "assistant", "content": "I see. "},
            {"role": "system", "content": "Mind the gap."},
            {
                "role": "user",
                "content": [{"type": "image_url", "image_url": {"url": f"data:image/gif;base64,{gif()}"}}],
            },
        ],
    }


@pytest.mark.parametrize(
    ("model", "parameters", "expected"),
    [
        ("claude-haiku-5-5", Parameters(9000), {"thinking": {"type": "adaptive", "display": "summarized"}}),
        ("claude-haiku-5-5", Parameters(9000, 0.5, "none"), {"thinking": {"type": "disabled"}}),
        (
            "claude-sonnet-5-5",
            Parameters(9000, effort="none"),
            {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "low"}},
        ),
        ("claude-sonnet-4-6", Parameters(9000, 0.5), {"temperature": 0.5}),
        (
            "claude-sonnet-4-6",
            Parameters(9000, 1.5, "none"),
            {"thinking": {"type": "disabled"}, "temperature": 1.0},
        ),
        (
            "claude-sonnet-4-6",
            Parameters(9000, 0.5, "xhigh"),
            {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "high"}},
        ),
        ("claude-haiku-4-5-20251001", Parameters(9000, 0.5), {"temperature": 0.5}),
        (
            "claude-haiku-4-5-20251001",
            Parameters(9000, 0.5, "medium"),
            {"thinking": {"type": "enabled", "budget_tokens": 4500}},
        ),
        ("claude-haiku-4-5-20251001", Parameters(900, 0.5, "medium"), {"temperature": 0.5}),
    ],
)
async def test_how_hard_claude_thinks(model: str, parameters: Parameters, expected: dict[str, Any]) -> None:
    """Each family is told in its own way, and gets a temperature only where it takes one."""
    body = await sent("anthropic", model, parameters)
    assert {
        name: body[name] for name in ("thinking", "output_config", "temperature") if name in body
    } == expected


@pytest.mark.parametrize(
    ("model", "parameters", "expected"),
    [
        ("gemini-3.8-flash", Parameters(temperature=0.5), {"thinkingConfig": {"includeThoughts": True}}),
        (
            "gemini-3.8-flash",
            Parameters(effort="none"),
            {"thinkingConfig": {"includeThoughts": True, "thinkingLevel": "LOW"}},
        ),
        (
            "gemini-4-argon",
            Parameters(temperature=0.5, effort="max"),
            {"temperature": 0.5, "thinkingConfig": {"includeThoughts": True, "thinkingLevel": "HIGH"}},
        ),
        (
            "gemini-2.5-flash",
            Parameters(effort="none"),
            {"thinkingConfig": {"includeThoughts": False, "thinkingBudget": 0}},
        ),
        ("gemma-4-31b-it", Parameters(temperature=0.5, effort="high"), {"temperature": 0.5}),
        ("gemma-4-31b-it", Parameters(), None),
    ],
)
async def test_how_hard_gemini_thinks(
    model: str, parameters: Parameters, expected: dict[str, Any] | None
) -> None:
    """By a level, by a number of tokens, or not at all."""
    assert (await sent("google", model, parameters)).get("generationConfig") == expected


@pytest.mark.parametrize(
    ("model", "effort", "expected"),
    [
        ("command-a-reasoning-08-2025", None, None),
        ("command-a-reasoning-08-2025", "none", {"type": "disabled"}),
        ("command-a-reasoning-08-2025", "max", {"type": "enabled", "token_budget": 24_576}),
        ("command-r7b-12-2024", "high", None),
    ],
)
async def test_how_hard_command_thinks(
    model: str, effort: str | None, expected: dict[str, Any] | None
) -> None:
    """By a number of tokens, where it can."""
    assert (await sent("cohere", model, Parameters(effort=effort))).get("thinking") == expected


async def test_claude_always_has_a_cap() -> None:
    """The API wants one: the list's figure for the model, else the catalogue's, else one that all take."""
    async with opened("anthropic") as there:
        await ask(there.wire, model="claude-haiku-5-5")
        await there.wire.models()
        await ask(there.wire, model="claude-haiku-5-5")
        await ask(there.wire, model="claude-haiku-5-5", max_output=7)
        assert [body["max_tokens"] for body in there.server.requests] == [128_000, 64_000, 7]


async def test_claudes_first_turn_is_a_persons() -> None:
    """A history that begins with an answer, or has empty turns, is put in order."""
    turns = tuple(
        ChatMessage(role, text)
        for role, text in ((Role.ASSISTANT, "Hi."), (Role.USER, " "), (Role.USER, "Well?"))
    )
    async with opened("anthropic") as there:
        assert (await hear(there.wire.chat(ChatRequest(there.model, turns)))).error is None
        (body,) = there.server.requests
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user"]
    assert "system" not in body


async def test_the_key_goes_in_a_header() -> None:
    """Each in its own, with the version pinned, and never in the address."""
    expected = {"anthropic": "x-api-key", "google": "x-goog-api-key", "cohere": "authorization"}
    for name, header in expected.items():
        async with opened(name) as there:
            await ask(there.wire, model=there.model)
            await there.wire.models()
            assert all(there.server.key in headers[header] for headers in there.server.headers)
            assert not any(there.server.key in path for path in there.server.paths)
            if name == "anthropic":
                assert {each["anthropic-version"] for each in there.server.headers} == {"2023-06-01"}


async def test_a_models_name_stays_in_its_place() -> None:
    """Whatever a person types as a model is one part of the address."""
    async with opened("google") as there:
        heard = await ask(there.wire, model="../../v1/x?key=1#a")
        assert there.server.paths == [
            "/v1beta/models/..%2F..%2Fv1%2Fx%3Fkey=1%23a:streamGenerateContent?alt=sse"
        ]
    assert isinstance(heard.error, ModelMissing)


WRONG = anthropic.refuse
LESSONS: list[tuple[str, str, dict[str, Any], Refused, str]] = [
    (
        "anthropic",
        "claude-sonnet-4-6",
        {"temperature": 0.5},
        WRONG(400, "invalid_request_error", "`temperature` is deprecated for this model."),
        "temperature",
    ),
    (
        "anthropic",
        "claude-haiku-5-5",
        {"effort": "high"},
        WRONG(400, "invalid_request_error", "This model does not support the effort parameter."),
        "output_config",
    ),
    (
        "anthropic",
        "claude-haiku-5-5",
        {},
        WRONG(400, "invalid_request_error", "adaptive thinking is not supported on this model"),
        "thinking",
    ),
    (
        "google",
        "gemini-4-argon",
        {"temperature": 0.5},
        google.refuse(400, "INVALID_ARGUMENT", "temperature is not supported by this model."),
        "generationConfig.temperature",
    ),
    (
        "google",
        "gemini-3.8-flash",
        {"effort": "low"},
        google.refuse(400, "INVALID_ARGUMENT", "Thinking level is not supported for this model."),
        "generationConfig.thinkingConfig.thinkingLevel",
    ),
    (
        "google",
        "gemini-3.8-flash",
        {},
        google.refuse(400, "INVALID_ARGUMENT", "Thinking is not enabled for models/gemini-3.8-flash"),
        "generationConfig",
    ),
    (
        "google",
        "gemini-3.8-flash",
        {"effort": "low"},
        google.refuse(
            400,
            "INVALID_ARGUMENT",
            "Thinking_config.include_thoughts is only enabled when thinking is enabled.",
        ),
        "generationConfig",
    ),
    (
        "cohere",
        "command-a-reasoning-08-2025",
        {"effort": "low"},
        cohere.refuse(400, "invalid request: thinking is not supported by this model"),
        "thinking",
    ),
    (
        "cohere",
        "command-a-03-2025",
        {"max_output": 9000},
        cohere.refuse(422, "invalid request: max_tokens must be at most 8000"),
        "max_tokens",
    ),
]


@pytest.mark.parametrize(("name", "model", "parameters", "refused", "gone"), LESSONS)
async def test_a_field_that_is_not_understood_is_left_out(
    name: str, model: str, parameters: dict[str, Any], refused: Refused, gone: str
) -> None:
    """A refusal that names a parameter is answered once by a request without it, and remembered."""
    async with opened(name) as there:
        there.server.first.append(refused)
        for _ in range(2):
            heard = await ask(there.wire, model=model, **parameters)
            assert (heard.error, heard.finish) == (None, "stop")
        first, *others = there.server.requests
    assert len(others) == 2
    assert others[0] == others[1]
    assert _has(first, gone)
    assert not any(_has(body, gone) for body in others)


def _has(body: Any, path: str) -> bool:
    for part in path.split("."):
        if part not in body:
            return False
        body = body[part]
    return True


@pytest.mark.parametrize(
    ("said", "cap", "thinks"),
    [
        ("max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens", 64_000, True),
        ("max_tokens is too large", 4096, False),
    ],
)
async def test_a_cap_that_is_too_high_becomes_lower(said: str, cap: int, thinks: bool) -> None:
    """Anthropic must have one, so a refused one is replaced, and thinking goes where it no longer fits."""
    refused = WRONG(400, "invalid_request_error", said)
    async with opened("anthropic") as there:
        there.server.first.append(refused)
        heard = await ask(there.wire, model="claude-haiku-4-5-20251001", max_output=100_000, effort="high")
        first, second = there.server.requests
    assert heard.finish == "stop"
    assert (first["max_tokens"], second["max_tokens"]) == (100_000, cap)
    assert "thinking" in first
    assert ("thinking" in second) is thinks


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        (
            "anthropic",
            WRONG(
                400, "invalid_request_error", "input length and `max_tokens` exceed context limit: 9 + 2 > 10"
            ),
        ),
        (
            "cohere",
            cohere.refuse(400, "too many tokens: try a shorter prompt or a smaller max_tokens value."),
        ),
    ],
)
async def test_a_long_conversation_is_not_the_caps_fault(name: str, refused: Refused) -> None:
    """A refusal for its length may name the cap; that stays, for this request and for those to come."""
    async with opened(name) as there:
        there.server.first.append(refused)
        assert isinstance((await ask(there.wire, model=there.model, max_output=5000)).error, ContextOverflow)
        assert (await ask(there.wire, model=there.model, max_output=5000)).error is None
        assert [body["max_tokens"] for body in there.server.requests] == [5000, 5000]


@pytest.mark.parametrize("name", NATIVES)
async def test_only_one_field_is_left_out(name: str) -> None:
    """A second refusal is final, and one that names nothing is so at once."""
    refused = Refused(400, b'{"message": "temperature is not supported"}')
    async with opened(name) as there:
        there.server.first += [refused, refused]
        model = {"anthropic": "claude-sonnet-4-6", "google": "gemma-4-31b-it"}.get(name, there.model)
        assert isinstance((await ask(there.wire, model=model, temperature=0.5)).error, BadRequest)
        assert len(there.server.requests) == 2
        there.server.first.append(Refused(400, b'{"message": "something else"}'))
        assert isinstance((await ask(there.wire, model=model, temperature=0.5)).error, BadRequest)
        assert len(there.server.requests) == 3


@pytest.mark.parametrize(
    ("name", "models"),
    [
        (
            "anthropic",
            ("claude-haiku-5-5", "claude-sonnet-5-5", "claude-haiku-4-5-20251001", "claude-sonnet-4-6"),
        ),
        ("google", ("gemini-3.8-flash", "gemini-2.5-flash", "gemma-4-31b-it", "gemini-4-argon")),
        ("cohere", ("command-r7b-12-2024", "command-a-03-2025", "command-a-reasoning-08-2025")),
    ],
)
async def test_every_page_of_the_list_is_read(name: str, models: tuple[str, ...]) -> None:
    """All pages, in their order, without what is retired or cannot write; and it needs the key."""
    async with opened(name) as there:
        assert ids(await there.wire.models()) == models
        assert len(there.server.paths) > 1
        with pytest.raises(AuthenticationFailed):
            await there.with_key("sk-wrong-key-0000000").models()


@pytest.mark.parametrize("name", ["google", "cohere"])
async def test_embeddings_come_in_the_order_of_their_texts(name: str) -> None:
    """More texts than one request takes go in several; the tokens are all of theirs."""
    texts = [f"text number {place}" for place in range(205)]
    async with opened(name) as there:
        embedder = NATIVES[name].embedder
        found = await there.wire.embed(embedder, texts)
        (single,) = (await there.wire.embed(embedder, texts[150:151])).vectors
        assert len(there.server.embeddings) == 4
        with pytest.raises(ModelMissing):
            await there.wire.embed("no-such-model", texts[:1])
    assert len(found.vectors) == 205
    assert found.vectors[150] == single
    assert found.tokens >= 615


@pytest.mark.parametrize("name", NATIVES)
@pytest.mark.parametrize("raw", [b"{", b"[]", b"{}", b'{"data":5,"models":5,"embeddings":{"float":[5]}}'])
async def test_an_unreadable_answer_is_the_servers_failure(name: str, raw: bytes) -> None:
    """A list or a vector that is none is told as such."""
    async with opened(name) as there:
        there.server.replies = raw
        with pytest.raises(ServerFailed, match="unreadable"):
            await there.wire.models()
        if NATIVES[name].embedder:
            with pytest.raises(ServerFailed, match="unreadable"):
                await there.wire.embed(NATIVES[name].embedder, ["one"])


@pytest.mark.parametrize("name", NATIVES)
async def test_a_server_that_is_not_there_is_told(name: str) -> None:
    """No connection is NetworkFailed, for every call."""
    async with Http() as http:
        wire = made(name, "http://127.0.0.1:1", "", http)
        assert isinstance((await ask(wire, model="m")).error, NetworkFailed)
        with pytest.raises(NetworkFailed):
            await wire.models()


@pytest.mark.parametrize("name", NATIVES)
async def test_the_key_is_never_told(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the server echoes, no message, sentence or log line holds the key."""
    caplog.set_level(logging.DEBUG)
    key = "AQ.Ab8" + "Z9" * 6
    echoed = json.dumps({"error": {"message": f"bad key {key}", "type": "x"}, "message": f"bad key {key}"})
    async with opened(name) as there:
        there.server.key = key
        wire = there.with_key(key)
        there.server.first.append(Refused(401, echoed.encode()))
        there.server.script(raw=f"data: {echoed}\n\n".encode())
        errors = [(await ask(wire, model=there.model)).error for _ in range(2)]
    for error in errors:
        assert error is not None
        for text in (str(error), error.say, repr(error.__dict__), repr(error.__cause__), caplog.text):
            assert "Z9Z9" not in text
