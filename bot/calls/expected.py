"""What the next message of a conversation will cost about, for people who choose a model. Nothing is held for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core.provider import ModelId, Usage
from bot.providers.registry import Registry


@dataclass(frozen=True, slots=True)
class Expected:
    """In nano-dollars, None where unpriced: what sending the history again costs, and an answer of the usual length.

    ``answer`` is None too where no answer of the model was ever seen. Nothing is taken as cached.
    """

    history: int | None
    answer: int | None

    @property
    def whole(self) -> int | None:
        """Both together."""
        return None if self.history is None or self.answer is None else self.history + self.answer


def expected(registry: Registry, model: ModelId, tokens: int, at: datetime) -> Expected:
    """For a history of so many tokens, by our estimate before it is corrected for the model."""
    given = registry.calibration.correct(model, tokens)
    written = registry.calibration.expected_output(model)
    history = registry.prices.price_of(model, Usage(given, 0), at).cost
    if history is None or written is None:
        return Expected(history, None)
    whole = registry.prices.price_of(model, Usage(given, written), at).cost
    return Expected(history, None if whole is None else whole - history)
