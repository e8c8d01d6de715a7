"""The form of a row: what the catalogue can say of a provider and of its families of models.

A quirk is a field, never an ``if`` on a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Literal

WireName = Literal["openai", "responses", "ollama", "gateway", "anthropic", "google", "cohere", "demo"]
Extra = tuple[tuple[str, Any], ...]  # fields of a body and their values

UNKNOWN_WINDOW = 8192  # tokens; what the smallest servers in use hold
FIRST_EVENT = 30.0  # seconds
FIRST_EVENT_REASONING = 120.0  # seconds: some wires show nothing while the model thinks
FIRST_EVENT_LOADING = 300.0  # seconds: a server that must load the model first

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")  # from least to most


class Sampling(StrEnum):
    """When a model accepts a temperature."""

    ALWAYS = "always"
    WITHOUT_EFFORT = "without effort"  # unless an effort other than "none" is asked for
    EFFORT_NONE = "effort none"  # only with the effort "none"
    NEVER = "never"

    def takes(self, effort: str | None) -> bool:
        """Whether a temperature may be sent beside this effort."""
        match self:
            case Sampling.ALWAYS:
                return True
            case Sampling.WITHOUT_EFFORT:
                return effort in (None, "none")
            case Sampling.EFFORT_NONE:
                return effort == "none"
            case Sampling.NEVER:
                return False


class Can(StrEnum):
    """What a provider has beyond streamed text, as far as its models have it too."""

    REASONING = "reasoning"  # shows what a model thinks
    IMAGES = "images"
    TOOLS = "tools"
    CITATIONS = "citations"
    EMBEDDINGS = "embeddings"
    COST = "its own cost"


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of the models whose id matches ``pattern`` (shell style, lower case).

    ``window`` and ``max_output`` are tokens, None where unknown; ``reasons``: it thinks before it writes,
    and shows nothing of it on its row's wire. ``efforts`` are the levels it takes, least first: None where that
    is not known, () where it takes none. ``wire`` is another than the row's, at the provider's own address.
    ``thinking``: told how hard to think by a level or by a number of tokens, None where it cannot be told.
    """

    pattern: str
    window: int | None = None
    max_output: int | None = None
    vision: bool = False
    reasons: bool = False
    sampling: Sampling = Sampling.ALWAYS
    efforts: tuple[str, ...] | None = None
    wire: WireName | None = None
    extra: Extra = ()
    thinking: Literal["level", "budget"] | None = None

    def effort(self, wanted: str | None) -> str | None:
        """The effort to send: what was asked for, else the level nearest to it that the model takes."""
        if wanted is None or self.efforts is None or wanted in self.efforts:
            return wanted
        if "default" in self.efforts:
            return "none" if wanted == "none" and "none" in self.efforts else "default"
        known = [level for level in self.efforts if level in EFFORTS]
        if not known or wanted not in EFFORTS:
            return None
        return min(known, key=lambda level: abs(EFFORTS.index(level) - EFFORTS.index(wanted)))


@dataclass(frozen=True, slots=True)
class Quirks:
    """How one OpenAI-compatible server differs from the next.

    ``effort_form``: the effort as a field of its own, inside ``reasoning``, or beside a ``thinking`` that can be
    switched off. ``reasoning_apart``: its count of output leaves the reasoning out. ``think_tags``: the text may
    begin with ``<think>``. ``reports_cost``: a cost in its answer is in dollars. ``api_version`` is that of
    addresses by deployment, "" where there are none. ``extra`` goes into every chat's body.
    """

    max_output_field: Literal["max_completion_tokens", "max_tokens"] = "max_tokens"
    obfuscation_off: bool = False  # understands stream_options.include_obfuscation
    developer_role: bool = False  # takes the system text of models that reason as "developer"
    stream_options: bool = True  # understands stream_options
    image_as_text: bool = False  # takes an image's address bare, not in an object
    effort_form: Literal["field", "object", "thinking"] = "field"
    reasoning_apart: bool = False
    think_tags: bool = False
    reports_cost: bool = False
    api_version: str = ""
    extra: Extra = ()


@dataclass(frozen=True, slots=True)
class Auth:
    """The header that carries the key, and what stands before the key in it."""

    header: str = "Authorization"
    scheme: str = "Bearer "

    def headers(self, key: str) -> dict[str, str]:
        """The header with the key; none where there is no key."""
        return {self.header: f"{self.scheme}{key}"} if key else {}


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One provider. ``preferred`` are model ids, best first; ``price_id`` is its name in the price data.

    ``base_url`` "" means that only ``base_url_env`` can say where it is. ``quirks`` hold at ``base_url``, and with
    ``quirks_travel`` at an address put in its place too. ``first_event`` is how many seconds its first token may
    take. ``away`` are patterns of a local server's models that run elsewhere, and cost. ``headers`` go with every
    request, ``organisation_header`` names the one for a credential's organisation.

    ``lists``: its list names every model that can be asked; where not, a full id is believed. ``variants``: an id
    of the list may be followed by ``:`` and a word. ``list_path`` is where the list is, "" where there is none, and
    ``check_path`` a free call that needs a good key, where the list does not. ``list_prices``: what the prices of
    the list are for, a token or a million, "" where it has none. ``props_path``: where the server itself, above
    ``/v1``, tells the window it was started with. ``window_is_asked``: the profiles' windows are what is asked of the
    server, so that what it lists can only make them smaller.

    ``successors`` are our suggestions for models that end, by pattern; the first match wins. ``keyless``: it can be
    used without any key. ``guarded``: its address was entered here, so that what it leads to is looked at before each
    connection.
    """

    id: str
    name: str
    wire: WireName
    base_url: str = ""
    key_env: str = ""
    base_url_env: str = ""
    base_url_form: str = "http:// or https:// and a host, usually with /v1 at the end"
    local: bool = False
    away: tuple[str, ...] = ()
    console_url: str = ""
    privacy: str = ""
    preferred: tuple[str, ...] = ()
    price_id: str = ""
    profiles: tuple[Profile, ...] = ()
    not_chat: tuple[str, ...] = ()
    quirks: Quirks = field(default_factory=Quirks)
    quirks_travel: bool = True
    first_event: float = FIRST_EVENT
    auth: Auth = field(default_factory=Auth)
    headers: tuple[tuple[str, str], ...] = ()
    organisation_header: str = ""
    can: frozenset[Can] = frozenset()
    lists: bool = True
    variants: bool = False
    list_path: str = "/models"
    check_path: str = ""
    list_prices: Literal["", "token", "million"] = ""
    props_path: str = ""
    window_is_asked: bool = False
    successors: tuple[tuple[str, str], ...] = ()
    keyless: bool = False
    guarded: bool = False

    def profile(self, model: str) -> Profile:
        """What is known of a model: its family's profile, else one that knows nothing but tell-tale names."""
        return first_match(self.profiles, model) or first_match(COMMON_PROFILES, model) or Profile("*")

    def keeps(self, model: str) -> bool:
        """Whether a model runs where the provider is local, so that it is free and nothing leaves the machine."""
        return self.local and not any(fnmatchcase(model.lower(), pattern) for pattern in self.away)

    def chats(self, model: str) -> bool:
        """Whether a model of the live list can hold a conversation."""
        return not any(fnmatchcase(model.lower(), pattern) for pattern in self.not_chat)


def first_match(profiles: Sequence[Profile], model: str) -> Profile | None:
    """The first profile that the model's id matches, or None."""
    name = model.lower()
    return next((profile for profile in profiles if fnmatchcase(name, profile.pattern)), None)


def successor(successors: Sequence[tuple[str, str]], model: str) -> str:
    """What is suggested in a model's place, "" where nothing is or where it is that one already."""
    name = model.lower()
    return next((heir for pattern, heir in successors if fnmatchcase(name, pattern) and name != heir), "")


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
