"""A model's provider: what is asked of it, the closed union of events it answers with, its interface."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
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

    ``cost`` is the provider's own figure in nano-dollars, None where it gives none.
    """

    input: int
    output: int
    cached: int = 0
    cache_write: int = 0
    reasoning: int = 0
    cost: int | None = None


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

    async def models(self) -> tuple[str, ...]:
        """Ids of the models the key may use, by the provider's free list call."""
        ...
