"""OpenAI, and its models on Azure."""

from __future__ import annotations

from dataclasses import replace

from bot.providers.rows.forms import Auth, Can, Profile, ProviderRow, Quirks, Sampling

# As of 2026-11-20, from the SDKs' and LiteLLM's tables. First match wins; the price data knows more windows.
OPENAI_PROFILES = (
    Profile("gpt-4.1*", window=1_047_576, max_output=32_768, vision=True),
    Profile("gpt-4o*", window=128_000, max_output=16_384, vision=True),
    Profile("gpt-4*"),
    Profile("gpt-3.5*", window=16_385, max_output=4_096),
    Profile("gpt-5-chat*", window=128_000, max_output=16_384, vision=True),
    Profile("gpt-5*-chat*", window=128_000, max_output=16_384, vision=True, sampling=Sampling.NEVER),
    *(
        Profile(
            pattern,
            window=window,
            max_output=max_output,
            vision=True,
            reasons=True,
            sampling=sampling,
            wire="responses",
        )
        for pattern, window, max_output, sampling in (
            ("gpt-*-pro*", None, 128_000, Sampling.NEVER),
            ("gpt-5.[1-4]*", None, 128_000, Sampling.WITHOUT_EFFORT),
            ("gpt-5.[56]*", None, 128_000, Sampling.EFFORT_NONE),
            ("gpt-5*", 272_000, 128_000, Sampling.NEVER),
            ("gpt-6-astra*", 922_000, 128_000, Sampling.NEVER),
            ("gpt-6.1-sol*", 922_000, 128_000, Sampling.NEVER),
            ("gpt-6*", 922_000, 128_000, Sampling.EFFORT_NONE),
            ("o[134]*", 200_000, 100_000, Sampling.NEVER),
        )
    ),
)
"""Models that reason go by Responses, which alone shows what they think, and alone knows some of them."""

_NOT_CHAT = (
    *(
        "*embedding*",
        "*whisper*",
        "tts-*",
        "*-tts*",
        "*-transcribe*",
        "*-image*",
        "dall-e*",
        "sora*",
        "*moderation*",
    ),
    *("*realtime*", "*-audio*", "gpt-live*", "*-instruct", "davinci*", "babbage*"),
    *("computer-use*", "*deep-research*", "gpt-*-translate*"),
)

_CAN = frozenset({Can.REASONING, Can.IMAGES, Can.TOOLS, Can.CITATIONS, Can.EMBEDDINGS})

OPENAI = ProviderRow(
    id="openai",
    name="OpenAI",
    wire="openai",
    base_url="https://api.openai.com/v1",
    key_env="OPENAI_API_KEY",
    base_url_env="OPENAI_BASE_URL",
    console_url="https://platform.openai.com/api-keys",
    privacy="Not trained on by default; abuse logs are kept 30 days (developers.openai.com, 2026-11).",
    preferred=("gpt-6-luna", "gpt-6.1-terra", "gpt-6.1-sol", "gpt-6-astra", "gpt-4.1"),
    price_id="openai",
    organisation_header="OpenAI-Organization",
    profiles=OPENAI_PROFILES,
    not_chat=_NOT_CHAT,
    quirks=Quirks(max_output_field="max_completion_tokens", obfuscation_off=True, developer_role=True),
    quirks_travel=False,
    can=_CAN,
    successors=(("*-nano*", "gpt-6-luna"), ("*-mini*", "gpt-6-luna"), ("*", "gpt-6.1-terra")),
)

AZURE = ProviderRow(
    id="azure",
    name="Azure OpenAI",
    wire="openai",
    key_env="AZURE_OPENAI_API_KEY",
    base_url_env="AZURE_OPENAI_ENDPOINT",
    base_url_form="https://RESOURCE.openai.azure.com, or that with /openai/v1 at the end",
    console_url="https://ai.azure.com",
    privacy="Not trained on; only content flagged as abuse is stored (learn.microsoft.com, 2026-11).",
    price_id="azure",
    # Deployments have names of their own, mostly those of their models, and the list has only models.
    profiles=tuple(replace(profile, wire=None) for profile in OPENAI_PROFILES),
    not_chat=_NOT_CHAT,
    quirks=Quirks(
        max_output_field="max_completion_tokens",
        developer_role=True,
        api_version="2024-10-21",
    ),
    auth=Auth("api-key", ""),
    can=_CAN - {Can.REASONING, Can.CITATIONS},
    lists=False,
)
