"""Cohere: its chat API, version 2."""

from __future__ import annotations

from bot.providers.rows.forms import Can, Profile, ProviderRow

_EFFORTS = ("none", "low", "medium", "high")

# As of 2026-11-20, from LiteLLM's table; what Command A+ costs is not published. First match wins.
PROFILES = (
    Profile(
        "command-a-plus*",
        window=128_000,
        max_output=64_000,
        vision=True,
        reasons=True,
        thinking="budget",
        efforts=_EFFORTS,
    ),
    Profile(
        "command-a-reasoning*",
        window=256_000,
        max_output=32_000,
        reasons=True,
        thinking="budget",
        efforts=_EFFORTS,
    ),
    Profile("command-a-vision*", window=128_000, max_output=8_000, vision=True),
    Profile("command-a-translate*", window=8_000, max_output=8_000),
    Profile("command-a*", window=256_000, max_output=8_000),
    Profile("command-r*", window=128_000, max_output=4_096),
    Profile("c4ai-aya-vision*", window=16_000, max_output=4_000, vision=True),
)

COHERE = ProviderRow(
    id="cohere",
    name="Cohere",
    wire="cohere",
    base_url="https://api.cohere.com",
    key_env="COHERE_API_KEY",
    base_url_env="COHERE_BASE_URL",
    console_url="https://dashboard.cohere.com/api-keys",
    privacy="Logged for 30 days; training on it can be turned off there: see its policy (not verified, 2026-11).",
    preferred=("command-r7b-12-2024", "command-a-03-2025", "command-a-plus-05-2026"),
    price_id="cohere",
    profiles=PROFILES,
    can=frozenset({Can.REASONING, Can.IMAGES, Can.TOOLS, Can.CITATIONS, Can.EMBEDDINGS}),
    base_url_form="http:// or https:// and a host, with nothing behind it",
    list_path="/v1/models",
    not_chat=("embed-*", "rerank-*"),
)
