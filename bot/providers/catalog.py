"""Who serves models: one row per provider, one profile per family of models.

Data only: a quirk is a field, never an ``if`` on a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Literal

Wire = Literal["openai", "demo"]

UNKNOWN_WINDOW = 8192  # tokens; what the smallest servers in use hold
FIRST_EVENT = 30.0  # seconds
FIRST_EVENT_REASONING = 120.0  # seconds: some wires show nothing while the model thinks
FIRST_EVENT_LOADING = 300.0  # seconds: a server that must load the model first


class Sampling(StrEnum):
    """When a model accepts a temperature."""

    ALWAYS = "always"
    WITHOUT_EFFORT = "without effort"  # unless an effort other than "none" is asked for
    EFFORT_NONE = "effort none"  # only with the effort "none"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of the models whose id matches ``pattern`` (shell style, lower case).

    ``window`` and ``max_output`` are tokens, None where unknown; ``reasons``: it thinks before it writes,
    and shows nothing of it on this wire.
    """

    pattern: str
    window: int | None = None
    max_output: int | None = None
    vision: bool = False
    reasons: bool = False
    sampling: Sampling = Sampling.ALWAYS


@dataclass(frozen=True, slots=True)
class Quirks:
    """How one OpenAI-compatible server differs from the next."""

    max_output_field: Literal["max_completion_tokens", "max_tokens"] = "max_tokens"
    obfuscation_off: bool = False  # understands stream_options.include_obfuscation
    developer_role: bool = False  # takes the system text of models that reason as "developer"


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One provider. ``preferred`` are model ids, best first; ``price_id`` is its name in the price data.

    ``quirks`` hold at ``base_url``; a server put in its place by ``base_url_env`` gets the plain ones.
    ``first_event`` is how many seconds its first token may take.
    """

    id: str
    name: str
    wire: Wire
    base_url: str = ""
    key_env: str = ""
    base_url_env: str = ""
    local: bool = False
    console_url: str = ""
    privacy: str = ""
    preferred: tuple[str, ...] = ()
    price_id: str = ""
    profiles: tuple[Profile, ...] = ()
    not_chat: tuple[str, ...] = ()
    quirks: Quirks = field(default_factory=Quirks)
    first_event: float = FIRST_EVENT

    def profile(self, model: str) -> Profile:
        """What is known of a model: its family's profile, else one that knows nothing but tell-tale names."""
        return first_match(self.profiles, model) or first_match(COMMON_PROFILES, model) or Profile("*")

    def chats(self, model: str) -> bool:
        """Whether a model of the live list can hold a conversation."""
        return not any(fnmatchcase(model.lower(), pattern) for pattern in self.not_chat)


def first_match(profiles: Sequence[Profile], model: str) -> Profile | None:
    """The first profile that the model's id matches, or None."""
    name = model.lower()
    return next((profile for profile in profiles if fnmatchcase(name, profile.pattern)), None)


COMMON_PROFILES = tuple(
    Profile(pattern, vision=True)
    for pattern in (
        "*llava*",
        "*-vl*",
        "*.vl*",
        "*vision*",
        "*pixtral*",
        "*gemma3*",
        "*gemma-3*",
        "*gemma-4*",
    )
)
"""Open models that see, by name, wherever they are served."""

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
    *("*realtime*", "*-audio*", "gpt-live*", "*-instruct", "davinci*", "babbage*", "*-codex*", "gpt-5-pro*"),
    *("computer-use*", "*deep-research*", "gpt-*-translate*"),
)

CATALOG: tuple[ProviderRow, ...] = (
    ProviderRow(
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
        profiles=OPENAI_PROFILES,
        not_chat=_NOT_CHAT,
        quirks=Quirks(max_output_field="max_completion_tokens", obfuscation_off=True, developer_role=True),
    ),
    ProviderRow(
        id="demo",
        name="Demo",
        wire="demo",
        local=True,
        privacy="Nothing leaves this machine: the demo is a script, not a model.",
        preferred=("quick", "thorough", "story"),
        profiles=(Profile("*", window=32_000, max_output=8_000, vision=True),),
    ),
)
"""All providers, in the order in which a default is looked for."""


def row(provider: str) -> ProviderRow | None:
    """The row of a provider id, or None."""
    return next((each for each in CATALOG if each.id == provider), None)
