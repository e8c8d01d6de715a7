"""Google: Gemini's own API."""

from __future__ import annotations

from bot.providers.rows.forms import Auth, Can, Profile, ProviderRow, Sampling

_LEVELS = ("low", "medium", "high")
_WITH_MINIMAL = ("minimal", *_LEVELS)
_WITH_NONE = ("none", *_LEVELS)


def _level(
    pattern: str,
    efforts: tuple[str, ...],
    *,
    window: int = 1_048_576,
    max_output: int = 65_536,
    sampling: Sampling = Sampling.ALWAYS,
) -> Profile:
    """One that thinks, told how hard by a level."""
    return Profile(
        pattern,
        window=window,
        max_output=max_output,
        vision=True,
        reasons=True,
        sampling=sampling,
        thinking="level",
        efforts=efforts,
    )


def _budget(pattern: str, efforts: tuple[str, ...], *, reasons: bool = True) -> Profile:
    """One of the 2.5 family: told how hard to think by a number of tokens."""
    return Profile(
        pattern,
        window=1_048_576,
        max_output=65_536,
        vision=True,
        reasons=reasons,
        thinking="budget",
        efforts=efforts,
    )


# As of 2026-11-20, from google-genai's, LiteLLM's and pydantic-ai's tables. First match wins.
PROFILES = (
    _level("gemini-4-argon*", _LEVELS, max_output=1_048_576),
    _level("gemini-4*", _LEVELS, sampling=Sampling.NEVER),
    _level("gemini-3.5-flash-lite*", _WITH_MINIMAL, sampling=Sampling.NEVER),
    _level("gemini-3.6-flash*", _WITH_MINIMAL, sampling=Sampling.NEVER),
    _level("gemini-3.[78]-flash*", _LEVELS, sampling=Sampling.NEVER),
    _level("gemini-3*-flash*", _WITH_MINIMAL),
    _level("gemini-3-pro*", ("low", "high")),
    _level("gemini-3*", _LEVELS),
    _budget("gemini-2.5-pro*", _LEVELS),
    _budget("gemini-2.5-flash-lite*", _WITH_NONE, reasons=False),
    _budget("gemini-2.5-flash*", _WITH_NONE),
    Profile("gemini-2.0*", window=1_048_576, max_output=8_192, vision=True),
    Profile("gemini-*", window=1_048_576, vision=True),
    Profile("gemma-4*", window=262_144, vision=True),
    Profile("gemma-3n*", window=8_192),
    Profile("gemma-3*", window=131_072, max_output=8_192, vision=True),
)

_NOT_CHAT = (
    *("*embedding*", "*-tts*", "*-image*", "imagen*", "veo*", "lyria*", "aqa", "*nano-banana*", "*-omni*"),
    *("*-live*", "*native-audio*", "*robotics*", "*computer-use*", "*deep-research*"),
)

GOOGLE = ProviderRow(
    id="google",
    name="Google Gemini",
    wire="google",
    base_url="https://generativelanguage.googleapis.com/v1beta",
    key_env="GEMINI_API_KEY",
    base_url_env="GEMINI_BASE_URL",
    console_url="https://aistudio.google.com/apikey",
    privacy=(
        "With a paid key not used for training, abuse logs are kept 55 days; with a free key it may be, and people "
        "may read it (ai.google.dev/gemini-api/terms, 2026-11)."
    ),
    preferred=(
        "gemini-3.5-flash-lite",
        "gemini-3.8-flash",
        "gemini-4-argon",
        "gemini-2.5-pro",
        "gemini-2.5-flash",
    ),
    price_id="google",
    profiles=PROFILES,
    not_chat=_NOT_CHAT,
    auth=Auth("x-goog-api-key", ""),
    can=frozenset({Can.REASONING, Can.IMAGES, Can.TOOLS, Can.CITATIONS, Can.EMBEDDINGS}),
    base_url_form="http:// or https:// and a host, with /v1beta at the end",
    successors=(
        ("gemini-*-lite*", "gemini-3.5-flash-lite"),
        ("gemini-*-flash*", "gemini-3.8-flash"),
        ("gemini-*", "gemini-4-argon"),
    ),
)
