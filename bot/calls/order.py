"""What is asked of a call, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from bot.core.errors import ProviderError
from bot.core.place import Place
from bot.core.provider import (
    ChatMessage,
    Citation,
    FinishReason,
    ModelId,
    Parameters,
    Reasoning,
    Text,
    ToolCall,
    Usage,
)
from bot.providers.prices import Priced
from storage.ledger import Settlement


@dataclass(frozen=True, slots=True)
class Order:
    """One answer that is wanted, and who and what it is charged to.

    ``models`` is the chosen one, then the chain that may stand in for it: to name a model here is to permit a
    move to it. ``why`` goes into the ledger for the chosen one ("chosen", "retry"); attempts count from
    ``first_attempt``. ``input_tokens`` is an estimate of the whole input that somebody has made already.
    """

    person_id: int | None
    workspace_id: str
    place: Place
    models: tuple[ModelId, ...]
    messages: tuple[ChatMessage, ...]
    system: str = ""
    parameters: Parameters = field(default_factory=Parameters)
    conversation_id: int | None = None
    question_id: int | None = None
    reply_id: int | None = None
    kind: str = "chat"
    why: str = "chosen"
    first_attempt: int = 1
    input_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A model is about to be asked; nothing has left yet. ``why`` is the order's own or "fallback"."""

    model: ModelId
    number: int
    reservation_id: int
    why: str


CallEvent = Text | Reasoning | Citation | ToolCall | Attempt


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """A model that another one stood in for; ``cost`` is nano-dollars, None where unpriced."""

    model: ModelId
    error: ProviderError
    cost: int | None


@dataclass(frozen=True, slots=True)
class CallResult:
    """What the last attempt came to: the one whose text was shown, or whose error was raised.

    ``outcome`` is "complete", "stopped", "interrupted" or "failed"; ``estimated``: the tokens are our guess.
    ``settlement`` is yet to be written, with the message or by ``Call.settle``; None where nothing is owed.
    ``attempts_failed`` are the attempts before this one.
    """

    model: ModelId
    outcome: str
    usage: Usage = field(default_factory=partial(Usage, 0, 0))
    estimated: bool = False
    priced: Priced = field(default_factory=partial(Priced, 0, "not asked"))
    finish: FinishReason | None = None
    first_token_ms: int | None = None
    latency_ms: int = 0
    settlement: Settlement | None = None
    attempts_failed: tuple[FailedAttempt, ...] = ()

    @property
    def cost(self) -> int | None:
        """Nano-dollars, None where unpriced."""
        return self.priced.cost
