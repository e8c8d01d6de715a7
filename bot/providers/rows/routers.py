"""Those who pass a request on to others, by OpenAI's protocol or a gateway's own."""

from __future__ import annotations

from bot.providers.rows.forms import Auth, Can, Profile, ProviderRow, Quirks

_ALL = frozenset({Can.REASONING, Can.IMAGES, Can.TOOLS})
_NOT_CHAT = ("*embed*", "*rerank*", "*flux*", "*imagen*", "*-tts*", "*whisper*", "*recraft*", "*veo*")
_ROUTED = ("openai/gpt-6-luna", "google/gemini-3.8-flash", "anthropic/claude-haiku-5.5")
_PROFILES = (
    Profile("openai/gpt-[56]*", window=272_000, vision=True),
    Profile("openai/gpt-4*", window=128_000, vision=True),
    Profile("google/gemini-*", window=1_000_000, vision=True),
    Profile("anthropic/claude-*-5*", window=1_000_000, vision=True),
    Profile("anthropic/*", window=200_000, vision=True),
    Profile("x-ai/grok-*", window=256_000, vision=True),
)

OPENROUTER = ProviderRow(
    id="openrouter",
    name="OpenRouter",
    wire="openai",
    base_url="https://openrouter.ai/api/v1",
    key_env="OPENROUTER_API_KEY",
    console_url="https://openrouter.ai/settings/keys",
    privacy="Keeps no texts; goes only to those who do not train on them, as we ask (openrouter.ai, 2026-11).",
    preferred=_ROUTED,
    profiles=_PROFILES,
    price_id="openrouter",
    not_chat=_NOT_CHAT,
    quirks=Quirks(
        effort_form="object", reports_cost=True, extra=(("provider", {"data_collection": "deny"}),)
    ),
    headers=(("X-Title", "Switchboard"),),
    can=_ALL | {Can.CITATIONS, Can.EMBEDDINGS, Can.COST},
    variants=True,
    check_path="/key",
    list_prices="token",
)

VERCEL = ProviderRow(
    id="vercel",
    name="Vercel AI Gateway",
    wire="openai",
    base_url="https://ai-gateway.vercel.sh/v1",
    key_env="VERCEL_AI_GATEWAY_API_KEY",
    console_url="https://vercel.com/dashboard",
    privacy="The gateway keeps nothing; who serves the model has rules of its own (vercel.com, 2026-11).",
    preferred=_ROUTED,
    profiles=_PROFILES,
    not_chat=_NOT_CHAT,
    quirks=Quirks(reports_cost=True),
    can=_ALL | {Can.CITATIONS, Can.EMBEDDINGS, Can.COST},
    check_path="/credits",
    list_prices="token",
)

EDENAI = ProviderRow(
    id="edenai",
    name="Eden AI",
    wire="openai",
    base_url="https://api.edenai.run/v3",
    key_env="EDENAI_API_KEY",
    base_url_env="EDENAI_BASE_URL",
    base_url_form="https://api.eu.edenai.run/v3 for Europe, or another address of Eden AI",
    console_url="https://app.edenai.run",
    privacy="Keeps nothing after the answer; who serves the model has rules of its own (edenai.co, 2026-07).",
    preferred=_ROUTED,
    profiles=_PROFILES,
    not_chat=_NOT_CHAT,
    quirks=Quirks(think_tags=True, reports_cost=True),
    can=_ALL | {Can.COST},
)

FAL = ProviderRow(
    id="fal",
    name="Fal",
    wire="openai",
    base_url="https://fal.run/openrouter/router/openai/v1",
    key_env="FAL_KEY",
    console_url="https://fal.ai/dashboard/keys",
    privacy="Passes on to OpenRouter and whoever serves the model: see its policy (not verified, 2026-11).",
    preferred=_ROUTED,
    profiles=_PROFILES,
    quirks=Quirks(effort_form="object", reports_cost=True),
    auth=Auth("Authorization", "Key "),
    can=_ALL | {Can.COST},
    lists=False,
    list_path="",
)

GATEWAY = ProviderRow(
    id="gateway",
    name="AI gateway",
    wire="gateway",
    key_env="AI_GATEWAY_API_KEY",
    base_url_env="AI_GATEWAY_URL",
    base_url_form="http:// or https:// and the gateway's host, below which /api/generate is",
    privacy="Who runs the gateway says what is kept (your own server, 2026-11).",
    can=frozenset({Can.REASONING, Can.IMAGES, Can.TOOLS, Can.CITATIONS, Can.COST}),
    lists=False,
    list_path="",
)
