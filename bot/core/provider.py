"""A model's provider: what is asked of it, the closed union of events it answers with, its interface."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from bot.core.message import Attachment, Role


@dataclass(frozen=True, slots=True)
class ModelId:
    """A model as people write it: ``provider/model-id`` (the id itself may contain slashes)."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"

    @classmethod
    def parse(cls, text: str) -> ModelId:
        """Read ``provider/model-id``. Raises ValueError where it is not one."""
        provider, slash, model = text.strip().partition("/")
        if not (provider and slash and model):
            raise ValueError(f"not a model: {text!r}; write provider/model-id")
        return cls(provider, model)


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn as a model gets it."""

    role: Role
    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Parameters:
    """What shapes an answer; None leaves the provider's own default."""

    max_output: int | None = None  # tokens
    temperature: float | None = None
    effort: str | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request for one streamed answer. ``model`` is the provider's own id."""

    model: str
    messages: tuple[ChatMessage, ...]
    system: str = ""
    parameters: Parameters = field(default_factory=Parameters)


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The next piece of what the model thinks; never part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A source that the answer rests on."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A whole call of a tool that the model asks for; ``arguments`` is JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used, in tokens. ``input`` includes ``cached`` and ``cache_write``; ``output`` includes ``reasoning``.

    ``cost`` is the provider's own figure in nano-dollars, None where it gives none. ``search`` is how much of the web
    it says it read ("low", "medium", "high"), "" where it does not say.
    """

    input: int
    output: int
    cached: int = 0
    cache_write: int = 0
    reasoning: int = 0
    cost: int | None = None
    search: str = ""


class FinishReason(StrEnum):
    """Why the provider ended the answer."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event of every complete stream; a stream without it is cut."""

    reason: FinishReason


ProviderEvent = Text | Reasoning | Citation | ToolCall | Usage | Finished


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors in the order of the texts, and the tokens they took."""

    vectors: tuple[tuple[float, ...], ...]
    tokens: int


class Ability(StrEnum):
    """What one model can do, or where it runs, in the words that people filter by."""

    CHAT = "chat"
    IMAGES = "images"
    TOOLS = "tools"
    REASONING = "reasoning"
    JSON = "json"  # answers in a form that is asked for
    TEMPERATURE = "temperature"
    FILES = "files"  # reads PDF by itself
    AUDIO = "audio"
    SEARCH = "search"  # looks things up in the web
    EMBEDDINGS = "embeddings"
    CLOUD = "cloud"  # a local server passes it on to its maker's


@dataclass(frozen=True, slots=True)
class Rates:
    """Dollars per million tokens read and written. ``cached``: read from the provider's cache, None where untold.

    ``per_request`` is dollars for one request, beside its tokens.
    """

    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    per_request: Decimal = Decimal(0)

    @property
    def blended(self) -> Decimal:
        """One figure to compare by: a million tokens, of which three are read to one that is written."""
        return (3 * self.input + self.output) / 4


@dataclass(frozen=True, slots=True)
class Listed:
    """A model as one source tells of it: a provider's list, the bundled data, an admin. None where it says nothing.

    ``window`` and ``max_output`` are tokens; ``has`` and ``lacks`` what it is said to be able to do, and not;
    ``retires_at`` the day from which it answers no more (UTC), ``successor`` the id that takes its place;
    ``size`` bytes on disk and ``changed_at`` when it came there.
    """

    id: str
    window: int | None = None
    max_output: int | None = None
    rates: Rates | None = None
    has: frozenset[Ability] = frozenset()
    lacks: frozenset[Ability] = frozenset()
    retires_at: date | None = None
    successor: str = ""
    size: int | None = None
    changed_at: datetime | None = None


class Provider(Protocol):
    """One wire bound to one provider's base URL and key. Every failure is a ProviderError."""

    def chat(self, request: ChatRequest) -> AsyncGenerator[ProviderEvent]:
        """Stream one answer: any number of events, at most one Usage that counts (the last), then Finished.

        Closing the generator closes the HTTP stream. Raises Cut where the stream ends without its end mark.
        """
        ...

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        """Vectors for the texts. Raises BadRequest where the provider has no embeddings."""
        ...

    async def models(self) -> tuple[Listed, ...]:
        """The models the key may use, with what the provider's free list call tells of each."""
        ...
