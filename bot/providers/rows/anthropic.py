"""Anthropic: the Messages API."""

from __future__ import annotations

from bot.providers.rows.forms import Auth, Can, Profile, ProviderRow, Sampling

_EFFORTS = ("low", "medium", "high", "max")
_WITH_NONE = ("none", *_EFFORTS)
_BUDGETS = ("none", "low", "medium", "high")


def _adaptive(pattern: str, *, off: bool, always: bool = True, max_output: int | None = 128_000) -> Profile:
    """One that chooses by itself how much to think. ``off``: can be told not to; ``always``: does unless told."""
    return Profile(
        pattern,
        window=1_000_000,
        max_output=max_output,
        vision=True,
        reasons=always,
        sampling=Sampling.NEVER,
        thinking="level",
        efforts=_WITH_NONE if off else _EFFORTS,
    )


def _budgeted(pattern: str, max_output: int) -> Profile:
    """One that thinks only when it is given a number of tokens for it, and then takes no temperature."""
    return Profile(
        pattern,
        window=200_000,
        max_output=max_output,
        vision=True,
        sampling=Sampling.WITHOUT_EFFORT,
        thinking="budget",
        efforts=_BUDGETS,
    )


# As of 2026-11-20, from the SDK's and LiteLLM's tables. First match wins.
PROFILES = (
    _adaptive("claude-fable-*", off=False, max_output=None),
    _adaptive("claude-mythos-*", off=False, max_output=None),
    _adaptive("claude-haiku-5-5*", off=True),
    _adaptive("claude-opus-5-5*", off=False),
    _adaptive("claude-sonnet-5-5*", off=False),
    *(_adaptive(f"claude-{size}-5*", off=True) for size in ("opus", "sonnet", "haiku")),
    *(_adaptive(f"claude-opus-4-{minor}*", off=True, always=False) for minor in (7, 8, 9)),
    *(
        Profile(
            f"claude-{size}-4-6*",
            window=1_000_000,
            max_output=64_000,
            vision=True,
            sampling=Sampling.WITHOUT_EFFORT,
            thinking="level",
            efforts=_WITH_NONE,
        )
        for size in ("opus", "sonnet")
    ),
    _budgeted("claude-opus-4-[5-9]*", 64_000),
    _budgeted("claude-opus-4*", 32_000),
    _budgeted("claude-sonnet-4*", 64_000),
    _budgeted("claude-haiku-4*", 64_000),
    _budgeted("claude-3-7*", 64_000),
    Profile("claude-3-5*", window=200_000, max_output=8_192, vision=True),
    Profile("claude-3-*", window=200_000, max_output=4_096, vision=True),
    Profile("claude-*", vision=True, reasons=True, sampling=Sampling.NEVER),
)

ANTHROPIC = ProviderRow(
    id="anthropic",
    name="Anthropic",
    wire="anthropic",
    base_url="https://api.anthropic.com",
    key_env="ANTHROPIC_API_KEY",
    base_url_env="ANTHROPIC_BASE_URL",
    console_url="https://platform.claude.com/settings/keys",
    privacy="Not trained on by default; kept about 30 days (privacy.anthropic.com, not verified, 2026-11).",
    preferred=("claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5", "claude-fable-5-2"),
    price_id="anthropic",
    profiles=PROFILES,
    auth=Auth("x-api-key", ""),
    headers=(("anthropic-version", "2023-06-01"),),
    can=frozenset({Can.REASONING, Can.IMAGES, Can.TOOLS, Can.CITATIONS}),
    base_url_form="http:// or https:// and a host, with nothing behind it",
    list_path="/v1/models",
    successors=tuple((f"claude-*{size}*", f"claude-{size}-5-5") for size in ("haiku", "sonnet", "opus")),
)
