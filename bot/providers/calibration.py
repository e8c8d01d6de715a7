"""What providers' counts teach of each model: how far our estimates are off, and how long its answers are.

Kept in the database and shared by all processes; learning itself costs no query.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from math import ceil

from bot.core.provider import ModelId
from storage.errors import StorageDown
from storage.estimates import Estimate, Estimates

_SHORTEST = 50  # tokens; a shorter request tells little more than the framing
_LEAST, _MOST = 0.4, 2.5  # no tokenizer is further off than that
_SETTLED = 3  # samples after which one more can hardly surprise
_SURPRISE = 1.5  # times, up or down, that a sample may then differ from what is known
_WEIGHT = 0.1  # of one sample among many
_PENDING = 200  # lessons that wait for the database, at most

_NEW = Estimate()
_Lesson = tuple[ModelId, Callable[[Estimate], Estimate]]


class Calibration:
    """What is known of each model, by memory; ``sync`` writes down what was learned and reads what others did."""

    def __init__(self, kept: Estimates | None = None) -> None:
        self._kept = kept
        self._known: dict[ModelId, Estimate] = {}
        self._pending: list[_Lesson] = []

    def learn(self, model: ModelId, estimated: int, actual: int) -> None:
        """Take in one settled request, in tokens: the uncorrected estimate and what the provider counted."""
        if estimated >= _SHORTEST and actual > 0:
            ratio = min(max(actual / estimated, _LEAST), _MOST)
            self._take(model, lambda known: _with_ratio(known, ratio))

    def wrote(self, model: ModelId, output: int) -> None:
        """Take in how long a whole answer was, in tokens, what was thought included."""
        if output > 0:
            self._take(model, lambda known: _with_answer(known, output))

    def factor(self, model: ModelId) -> float:
        """What to multiply an estimate of input by; 1.0 until something is known."""
        return self._known.get(model, _NEW).factor

    def correct(self, model: ModelId, estimated: int) -> int:
        """An estimate in the model's own tokens, rounded up."""
        return ceil(estimated * self.factor(model))

    def expected_output(self, model: ModelId) -> int | None:
        """How long the model's answers are in the mean, in tokens; None until one was seen.

        For showing what to expect: a reservation holds the most that can come.
        """
        known = self._known.get(model, _NEW)
        return round(known.output) if known.answers else None

    async def sync(self) -> None:
        """Write down what was learned and take over what other processes learned.

        While the database is away what was learned waits, the last of it.
        """
        if self._kept is None:
            return
        try:
            while self._pending:
                await self._write(self._pending[0][0])
            known = await self._kept.all()
        except StorageDown:
            return
        self._known |= {ModelId(*name): estimate for name, estimate in known.items()}
        for model, lesson in self._pending:  # learned while we waited
            self._known[model] = lesson(self._known.get(model, _NEW))

    def _take(self, model: ModelId, lesson: Callable[[Estimate], Estimate]) -> None:
        self._known[model] = lesson(self._known.get(model, _NEW))
        if self._kept is not None:
            self._pending.append((model, lesson))
            del self._pending[:-_PENDING]

    async def _write(self, model: ModelId) -> None:
        """Write down all that waits of one model."""
        assert self._kept is not None
        mine = [each for each in self._pending if each[0] == model]
        await self._kept.learn(
            model.provider,
            model.model,
            lambda known: reduce(lambda so_far, each: each[1](so_far), mine, known),
        )
        self._pending = [each for each in self._pending if not any(each is done for done in mine)]


def _with_ratio(known: Estimate, ratio: float) -> Estimate:
    """One more sample into a running mean that forgets slowly; one that is far off what is known moves it little."""
    if known.samples >= _SETTLED:
        ratio = min(max(ratio, known.factor / _SURPRISE), known.factor * _SURPRISE)
    weight = max(_WEIGHT, 1 / (known.samples + 1))
    factor = known.factor + weight * (ratio - known.factor)
    return replace(known, factor=factor, samples=known.samples + 1)


def _with_answer(known: Estimate, output: int) -> Estimate:
    """One more answer into the running mean, which forgets slowly."""
    if known.answers >= _SETTLED:
        output = min(output, ceil(known.output * 4))
    weight = max(_WEIGHT, 1 / (known.answers + 1))
    return replace(known, output=known.output + weight * (output - known.output), answers=known.answers + 1)
