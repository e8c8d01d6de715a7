"""What each provider's list tells of its models, from bodies as their references have them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.core.provider import Ability, Listed, Rates
from bot.net.http import Http
from bot.providers import catalog, facts
from bot.providers.wires.ollama import Ollama
from bot.providers.wires.openai import OpenAI
from tests.bot.providers.natives import opened
from tests.fakes.provider import ProviderServer

CAN = Ability
Told = dict[str, Any]


@pytest.fixture
async def server() -> AsyncIterator[ProviderServer]:
    async with ProviderServer(key="") as server:
        yield server


async def told(server: ProviderServer, http: Http, provider: str, body: object) -> list[Listed]:
    """A provider's list, as its wire understands it."""
    row = catalog.row(provider)
    assert row is not None
    server.replies = json.dumps(body).encode()
    return list(await OpenAI(replace(row, base_url=server.url), "", http).models())


def rates(read: str, written: str, cached: str | None = None) -> Rates:
    return Rates(Decimal(read), Decimal(written), None if cached is None else Decimal(cached))


BODIES: dict[str, tuple[Told, Listed]] = {
    "openai": (
        {"id": "gpt-5", "object": "model", "created": 1, "owned_by": "openai", "shutdown_date": "2026-12-11"},
        Listed("gpt-5", retires_at=date(2026, 12, 11)),
    ),
    "mistral": (
        {
            "id": "mistral-medium-3",
            "max_context_length": 131_072,
            "deprecation": "2027-01-31T12:00:00Z",
            "deprecation_replacement_model": "mistral-medium-3-5",
            "capabilities": {"completion_chat": True, "vision": True, "function_calling": False},
        },
        Listed(
            "mistral-medium-3",
            131_072,
            has=frozenset({CAN.CHAT, CAN.IMAGES}),
            lacks=frozenset({CAN.TOOLS}),
            retires_at=date(2027, 1, 31),
            successor="mistral-medium-3-5",
        ),
    ),
    "groq": (
        {
            "id": "openai/gpt-oss-120b",
            "active": True,
            "context_window": 131_072,
            "max_completion_tokens": 65_536,
        },
        Listed("openai/gpt-oss-120b", 131_072, 65_536),
    ),
    "together": (
        {
            "id": "moonshotai/Kimi-K3.1-Pro",
            "type": "chat",
            "context_length": 1_048_576,
            "pricing": {"input": 2, "cached_input": 0.2, "output": 10},
        },
        Listed("moonshotai/Kimi-K3.1-Pro", 1_048_576, rates=rates("2", "10", "0.2")),
    ),
    "openrouter": (
        {
            "id": "openai/gpt-6-luna",
            "context_length": 1_050_000,
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
            "pricing": {"prompt": "0.0000001", "completion": "0.0000005", "input_cache_read": "0.00000001"},
            "top_provider": {"context_length": 922_000, "max_completion_tokens": 128_000},
            "supported_parameters": ["tools", "reasoning", "structured_outputs", "max_tokens"],
            "expiration_date": None,
        },
        Listed(
            "openai/gpt-6-luna",
            1_050_000,
            128_000,
            rates("0.1", "0.5", "0.01"),
            frozenset({CAN.IMAGES, CAN.TOOLS, CAN.REASONING, CAN.JSON}),
            frozenset({CAN.TEMPERATURE}),
        ),
    ),
    "vercel": (
        {
            "id": "openai/gpt-4.1",
            "type": "language",
            "context_window": 1_047_576,
            "max_tokens": 32_768,
            "tags": ["tool-use", "vision", "implicit-caching"],
            "pricing": {"input": "0.000002", "output": "0.000008", "input_cache_read": "0.0000005"},
        },
        Listed(
            "openai/gpt-4.1",
            1_047_576,
            32_768,
            rates("2", "8", "0.5"),
            frozenset({CAN.TOOLS, CAN.IMAGES}),
        ),
    ),
    "huggingface": (
        {
            "id": "Qwen/Qwen3.8-27B",
            "architecture": {"input_modalities": ["text"]},
            "providers": [
                {"provider": "a", "status": "live", "context_length": 262_144, "supports_tools": True}
                | {"pricing": {"input": 0.2, "output": 0.6}},
                {"provider": "b", "status": "live", "context_length": 131_072, "supports_tools": True}
                | {"pricing": {"input": 0.8, "output": 4}},
                {"provider": "c", "status": "error", "context_length": 4_096},
            ],
        },
        Listed(
            "Qwen/Qwen3.8-27B",
            131_072,
            rates=rates("0.8", "4"),
            has=frozenset({CAN.TOOLS}),
            lacks=frozenset({CAN.IMAGES}),
        ),
    ),
    "litellm": (
        {"id": "house-embed", "mode": "embedding", "max_input_tokens": 8_191, "max_output_tokens": 8_191},
        Listed("house-embed", 8_191, has=frozenset({CAN.EMBEDDINGS}), lacks=frozenset({CAN.CHAT})),
    ),
    "edenai": (
        {"id": "openai/gpt-4.1", "model_name": "gpt-4.1", "context_length": 1_047_576},
        Listed("openai/gpt-4.1", 1_047_576),
    ),
    "compatible": (
        {"id": "llama", "object": "model", "max_model_len": 40_960},
        Listed("llama", 40_960),
    ),
}


@pytest.mark.parametrize("provider", BODIES)
async def test_what_a_list_tells(server: ProviderServer, http: Http, provider: str) -> None:
    """Window, output, prices in dollars per million, abilities, the last day and what follows."""
    entry, listed = BODIES[provider]
    body: object = [entry] if provider == "together" else {"object": "list", "data": [entry]}
    assert await told(server, http, provider, body) == [listed]
    assert facts.from_json(listed.id, json.loads(json.dumps(facts.to_json(listed)))) == listed


async def test_what_is_no_figure_is_left_out(server: ProviderServer, http: Http) -> None:
    """Nonsense beside the id takes nothing else away; an automatic choice has no price of its own."""
    entry = {
        "id": "openrouter/auto",
        "context_length": "lots",
        "architecture": "?",
        "pricing": {"prompt": "-1", "completion": "-1"},
        "top_provider": [],
        "expiration_date": "soon",
        "supported_parameters": 5,
        "capabilities": {"vision": "yes"},
        "providers": "none",
    }
    assert await told(server, http, "openrouter", {"data": [entry]}) == [Listed("openrouter/auto")]


async def test_llama_cpp_tells_the_window_it_was_started_with(server: ProviderServer, http: Http) -> None:
    """Where it has one model and its list does not say."""
    body = {"data": [{"id": "llama", "meta": {"n_ctx_train": 131_072}}]}
    assert await told(server, http, "compatible", body) == [Listed("llama")]
    server.props = {"default_generation_settings": {"n_ctx": 16_384}}
    assert await told(server, http, "compatible", body) == [Listed("llama", 16_384)]
    two = {"data": [{"id": "llama"}, {"id": "other"}]}
    assert await told(server, http, "compatible", two) == [Listed("llama"), Listed("other")]


async def test_ollama_tells_size_age_window_and_abilities(server: ProviderServer, http: Http) -> None:
    """The window by a look at each; a model of its cloud is no local one; one without a look is still there."""
    row = catalog.row("ollama")
    assert row is not None
    at = "2026-11-20T10:00:00.123456Z"
    small = {
        "name": "qwen3:8b",
        "model": "qwen3:8b",
        "size": 5_200_000_000,
        "digest": "a1",
        "modified_at": at,
    }
    away = {"name": "big-cloud", "size": 384, "digest": "b2", "remote_host": "https://ollama.com:443"}
    server.replies = json.dumps({"models": [small, away, {"name": "bare"}]}).encode()
    server.shows = {
        "qwen3:8b": {
            "capabilities": ["completion", "tools", "thinking"],
            "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40_960},
        }
    }
    wire = Ollama(replace(row, base_url=server.root), "", http)
    first = await wire.models()
    assert first == (
        Listed(
            "qwen3:8b",
            40_960,
            has=frozenset({CAN.CHAT, CAN.TOOLS, CAN.REASONING}),
            lacks=frozenset({CAN.IMAGES}),
            size=5_200_000_000,
            changed_at=datetime(2026, 11, 20, 10, 0, 0, 123_456, UTC),
        ),
        Listed("big-cloud", has=frozenset({CAN.CLOUD})),
        Listed("bare"),
    )
    server.shows = {}
    assert (await wire.models())[0] == first[0]  # asked once for each version


@pytest.mark.parametrize(
    ("name", "body", "listed"),
    [
        (
            "anthropic",
            {
                "data": [
                    {
                        "id": "claude-haiku-5-5",
                        "max_input_tokens": 1_000_000,
                        "max_tokens": 128_000,
                        "capabilities": {
                            "image_input": {"supported": True},
                            "thinking": {"supported": False},
                        },
                        "lifecycle": "deprecated",
                        "retires_at": "2027-06-30T00:00:00Z",
                    }
                ]
            },
            Listed(
                "claude-haiku-5-5",
                1_000_000,
                128_000,
                has=frozenset({CAN.IMAGES}),
                lacks=frozenset({CAN.REASONING}),
                retires_at=date(2027, 6, 30),
            ),
        ),
        (
            "google",
            {
                "models": [
                    {
                        "name": "models/gemini-3.8-flash",
                        "inputTokenLimit": 1_048_576,
                        "outputTokenLimit": 65_536,
                        "supportedGenerationMethods": ["generateContent"],
                        "thinking": True,
                    }
                ]
            },
            Listed("gemini-3.8-flash", 1_048_576, 65_536, has=frozenset({CAN.REASONING})),
        ),
        (
            "cohere",
            {
                "models": [
                    {"name": "command-a", "context_length": 256_000, "features": ["tools", "json_mode"]}
                ]
            },
            Listed("command-a", 256_000, has=frozenset({CAN.TOOLS, CAN.JSON})),
        ),
    ],
)
async def test_what_the_vendors_own_lists_tell(name: str, body: Told, listed: Listed) -> None:
    """The same, in their own names."""
    async with opened(name) as there:
        there.server.replies = json.dumps(body).encode()
        assert await there.wire.models() == (listed,)
