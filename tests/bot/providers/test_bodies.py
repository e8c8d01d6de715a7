"""The exact body that each compatible provider is sent, quirks included."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.core.message import Attachment, Role
from bot.core.provider import ChatMessage, ChatRequest, Parameters
from bot.net.http import Http
from bot.providers.wires.openai import OpenAI
from tests.bot.providers.asking import hear
from tests.contracts.benches import ROWS
from tests.fakes.manners import MANNERS
from tests.fakes.provider import ProviderServer
from tests.fakes.rules import Model

USAGE = {"stream_options": {"include_usage": True}}
CAP = {"max_tokens": 500}
DENY = {"provider": {"data_collection": "deny"}}

# What stands beside model, messages and stream where 500 tokens, a temperature and a high effort were asked for.
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "deepseek": (
        "deepseek-flash",
        {**USAGE, **CAP, "thinking": {"type": "enabled"}, "reasoning_effort": "high"},
    ),
    "mistral": ("mistral-large-4", {**CAP, "temperature": 0.5, "reasoning_effort": "high"}),
    "xai": (
        "grok-4.7",
        {**USAGE, "max_completion_tokens": 500, "temperature": 0.5, "reasoning_effort": "high"},
    ),
    "groq": (
        "qwen/qwen3.8-27b",
        {
            **USAGE,
            "max_completion_tokens": 500,
            "temperature": 0.5,
            "reasoning_effort": "default",
            "reasoning_format": "parsed",
        },
    ),
    "together": ("m", {**USAGE, **CAP, "temperature": 0.5, "reasoning_effort": "high"}),
    "perplexity": ("sonar-pro", {**CAP, "temperature": 0.5}),
    "huggingface": ("m:fastest", {**USAGE, **CAP, "temperature": 0.5, "reasoning_effort": "high"}),
    "openrouter": ("m", {**USAGE, **CAP, **DENY, "temperature": 0.5, "reasoning": {"effort": "high"}}),
    "vercel": ("m", {**USAGE, **CAP, "temperature": 0.5, "reasoning_effort": "high"}),
    "edenai": ("m", {**USAGE, **CAP, "temperature": 0.5, "reasoning_effort": "high"}),
    "fal": ("m", {**USAGE, **CAP, "temperature": 0.5, "reasoning": {"effort": "high"}}),
    "litellm": ("m", {**USAGE, **CAP, "temperature": 0.5, "reasoning_effort": "high"}),
    "azure": (
        "our-gpt",
        {**USAGE, "max_completion_tokens": 500, "temperature": 0.5, "reasoning_effort": "high"},
    ),
    "compatible": ("m", {**USAGE, **CAP, "temperature": 0.5, "reasoning_effort": "high"}),
}


def test_every_compatible_row_has_a_body() -> None:
    """OpenAI's own stands in test_openai_requests.py."""
    assert {*BODIES, "openai"} == {row.id for row in ROWS.values() if row.wire == "openai"}


@pytest.mark.parametrize("provider", BODIES)
async def test_a_body_is_exactly_this(provider: str, http: Http) -> None:
    """The names, the levels and the forms that this provider knows, and no others."""
    model, more = BODIES[provider]
    body = await sent(provider, model, Parameters(500, 0.5, "high"), http)
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello"}]
    assert body == {"model": model, "messages": messages, "stream": True, **more}


@pytest.mark.parametrize(
    ("provider", "model", "effort", "found"),
    [
        ("deepseek", "deepseek-flash", "none", {"thinking": {"type": "disabled"}}),
        ("deepseek", "deepseek-flash", "medium", {"reasoning_effort": "low"}),
        ("xai", "grok-4.5", "none", {"reasoning_effort": "low"}),
        ("xai", "grok-4.3", "none", {"reasoning_effort": "none"}),
        ("xai", "grok-4.20-reasoning", "high", {"reasoning_effort": None}),
        ("groq", "openai/gpt-oss-120b", "xhigh", {"reasoning_effort": "high"}),
        ("groq", "llama-x", "high", {"reasoning_effort": None}),
        ("mistral", "mistral-large-4", "low", {"reasoning_effort": "none"}),
    ],
)
async def test_an_effort_is_one_that_the_model_takes(
    provider: str, model: str, effort: str, found: dict[str, Any], http: Http
) -> None:
    """The nearest level that it has, and none where it has none."""
    body = await sent(provider, model, Parameters(None, None, effort), http)
    assert {name: body.get(name) for name in found} == found


async def test_images_are_sent_in_the_providers_form(http: Http) -> None:
    """As an object with an address, or as the bare address."""
    for provider, image in (
        ("xai", {"url": "data:image/png;base64,YWJj", "detail": "auto"}),
        ("mistral", "data:image/png;base64,YWJj"),
    ):
        turn = ChatMessage(Role.USER, "", (Attachment("a.png", "image/png", b"abc"),))
        body = await sent(provider, "m", Parameters(), http, turn)
        assert body["messages"][-1]["content"] == [{"type": "image_url", "image_url": image}]


async def sent(
    provider: str,
    model: str,
    parameters: Parameters,
    http: Http,
    turn: ChatMessage = ChatMessage(Role.USER, "Hello"),  # noqa: B008 - a frozen value
) -> Any:
    """The body that the provider's server got, whatever it would have answered."""
    row, manner = ROWS[provider], MANNERS[provider]
    async with ProviderServer(models=(Model(model),), manner=manner) as server:
        server.script(raw=b"")
        url = server.root if manner.deployments else server.url
        wire = OpenAI(replace(row, base_url=url), server.key, http)
        await hear(wire.chat(ChatRequest(model, (turn,), "Be kind.", parameters)))
        (body,) = server.requests
        return body
