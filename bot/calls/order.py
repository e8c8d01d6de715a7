"""What is asked of a call, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bot.core.errors import ProviderError, Refused
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
from storage.ledger import BudgetLine, Settlement

AGAIN = "retry"  # why an answer is wanted once more


@dataclass(frozen=True, slots=True)
class Fitted:
    """The messages as they fit a model's window, and our estimate of the whole input in tokens, None: not made."""

    messages: tuple[ChatMessage, ...]
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One answer that is wanted, and who and what it is charged to.

    ``models`` is the chosen one, then the chain that may stand in for it: to name a model here is to permit a
    move to it. ``why`` goes into the ledger for the chosen one ("chosen", "retry"); attempts count from
    ``first_attempt``. ``input_tokens`` is an estimate of the whole input that somebody has made already. ``fit``,
    where given, makes the messages for each model anew. ``counts``: it is one of the requests of its minute. With
    ``warn`` a model that is expensive for this is not asked, but Expensive is raised.
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
    fit: Callable[[ModelId], Fitted] | None = None
    counts: bool = True
    warn: bool = False


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """A model that another one stood in for; ``cost`` is nano-dollars, None where unpriced."""

    model: ModelId
    error: ProviderError
    cost: int | None


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A model of the chain that could not stand in."""

    model: ModelId
    error: Refused


@dataclass(frozen=True, slots=True)
class Moved:
    """A model was left for a cheaper one, because the budget that has no room for it says so."""

    wanted: ModelId
    line: BudgetLine


@dataclass(frozen=True, slots=True)
class Attempt:
    """A model is about to be asked; nothing has left yet. ``why`` is the order's own, "fallback" or "cheapest".

    ``instead`` are the attempts before, where it stands in for some.
    """

    model: ModelId
    number: int
    reservation_id: int
    why: str
    instead: tuple[FailedAttempt, ...] = ()


CallEvent = Text | Reasoning | Citation | ToolCall | Attempt


@dataclass(frozen=True, slots=True)
class CallResult:
    """What the last attempt came to: the one whose text was shown, or whose error was raised.

    ``outcome`` is "complete", "stopped", "interrupted" or "failed"; ``estimated``: the tokens are our guess.
    ``settlement`` is yet to be written, with the message or by ``Call.settle``; None where nothing is owed.
    ``attempts_failed`` are the attempts before this one, ``passed_over`` those of the chain that were none; ``moved``
    is set where a spent budget chose the model.
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
    passed_over: tuple[PassedOver, ...] = ()
    moved: Moved | None = None

    @property
    def cost(self) -> int | None:
        """Nano-dollars, None where unpriced."""
        return self.priced.cost
