"""Those who serve their own models by OpenAI's protocol. Windows and levels as of 2026-11-20."""

from __future__ import annotations

from bot.providers.rows.forms import Can, Profile, ProviderRow, Quirks, Sampling

_ALL = frozenset({Can.REASONING, Can.IMAGES, Can.TOOLS})

DEEPSEEK = ProviderRow(
    id="deepseek",
    name="DeepSeek",
    wire="openai",
    base_url="https://api.deepseek.com",
    key_env="DEEPSEEK_API_KEY",
    console_url="https://platform.deepseek.com/api_keys",
    privacy="Stored in China and may be used for improvement: see its policy (not verified, 2026-11).",
    preferred=("deepseek-flash", "deepseek-v4-pro"),
    price_id="deepseek",
    profiles=tuple(
        Profile(
            pattern,
            window=1_000_000,
            max_output=393_216,
            vision=vision,
            sampling=Sampling.EFFORT_NONE,  # without effect while it thinks, which it does unless told not to
            efforts=("none", "low", "high", "max"),
        )
        for pattern, vision in (("deepseek-flash*", True), ("deepseek-*", False))
    ),
    quirks=Quirks(effort_form="thinking"),
    can=_ALL,
    successors=(("deepseek-*", "deepseek-flash"),),
)

MISTRAL = ProviderRow(
    id="mistral",
    name="Mistral",
    wire="openai",
    base_url="https://api.mistral.ai/v1",
    key_env="MISTRAL_API_KEY",
    console_url="https://console.mistral.ai/api-keys",
    privacy="Paid: kept 30 days, not trained on; the free plan may train (docs.mistral.ai, 2026-11).",
    preferred=("mistral-medium-3-5", "mistral-large-4", "mistral-small-2603", "codestral-latest"),
    price_id="mistral",
    profiles=(
        Profile("mistral-large-4*", window=1_048_576, vision=True, efforts=("none", "high")),
        Profile("mistral-medium-3-5*", window=262_144, vision=True, efforts=("none", "high")),
        Profile("mistral-small-2603*", window=262_144, vision=True, efforts=("none", "high")),
        Profile("ministral-*", window=131_072, vision=True, efforts=()),
        Profile("codestral-*", window=128_000, efforts=()),
        Profile("pixtral-*", window=128_000, vision=True, efforts=()),
    ),
    not_chat=("*embed*", "*ocr*", "*moderation*", "voxtral*", "*transcribe*", "*tts*"),
    quirks=Quirks(stream_options=False, image_as_text=True),
    can=_ALL | {Can.EMBEDDINGS},
)

_GROK_LEVELS = ("low", "medium", "high")

XAI = ProviderRow(
    id="xai",
    name="xAI",
    wire="openai",
    base_url="https://api.x.ai/v1",
    key_env="XAI_API_KEY",
    console_url="https://console.x.ai",
    privacy="Never trained on without permission; kept 30 days (docs.x.ai, 2026-11).",
    preferred=("grok-4.7", "grok-4.3", "grok-build-0.1"),
    price_id="x-ai",
    profiles=(
        Profile("grok-4.20*", vision=True, efforts=()),
        Profile("grok-4.3*", window=1_000_000, vision=True, efforts=("none", *_GROK_LEVELS)),
        Profile("grok-4.7*", window=500_000, vision=True, efforts=(*_GROK_LEVELS, "xhigh")),
        Profile("grok-4.[56]*", window=500_000, vision=True, efforts=_GROK_LEVELS),
        Profile("grok-build*", window=256_000, vision=True, efforts=()),
    ),
    not_chat=("*image*", "*voice*", "*imagine*", "*embed*"),
    quirks=Quirks(max_output_field="max_completion_tokens", reasoning_apart=True, reports_cost=True),
    can=_ALL | {Can.CITATIONS, Can.COST},
    successors=(("grok-code*", "grok-build-0.1"), ("grok-*", "grok-4.3")),
)

PERPLEXITY = ProviderRow(
    id="perplexity",
    name="Perplexity",
    wire="openai",
    base_url="https://api.perplexity.ai",
    key_env="PERPLEXITY_API_KEY",
    console_url="https://www.perplexity.ai/settings/api",
    privacy="Nothing is kept, never trained on (docs.perplexity.ai, 2026-11).",
    preferred=("sonar", "sonar-pro", "sonar-reasoning-pro", "sonar-deep-research"),
    price_id="perplexity",
    profiles=(
        Profile("sonar-pro*", window=200_000, max_output=8_000, vision=True, efforts=()),
        Profile("sonar-deep-research*", window=128_000, reasons=True, efforts=_GROK_LEVELS),
        Profile("sonar*", window=128_000, vision=True, efforts=()),
    ),
    quirks=Quirks(stream_options=False, reasoning_apart=True, think_tags=True, reports_cost=True),
    can=frozenset({Can.REASONING, Can.IMAGES, Can.CITATIONS, Can.COST}),
    lists=False,
    list_path="",
)
