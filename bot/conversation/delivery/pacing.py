"""How often interim texts may spend a budget, so that first and last texts never have to wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, sqrt

from bot.conversation.delivery.budgets import Budget
from bot.conversation.delivery.demand import Expected

_FINEST = 1 / 150  # of a window: faster than this nobody reads, and the tokens would be missed later
_LONG = 1.5  # times the expected length, after which the end of a stream is no longer foreseen
_QUARTERS = (0.25, 0.5, 0.75)
_SHORT = 1.5  # seconds that a last text may have to wait where a platform gives one call at a time
_SOON = (1.25, 2.5, 5.0)


def may_show(budget: Budget, now: float, expected: Expected) -> bool:
    """Whether an interim text may take a token and all last texts still find theirs in time.

    They are looked for now and at some moments before a token spent now would be back.
    """
    demand, free = budget.demand, budget.free(now) - 1
    if free < demand.pending + _kept(budget):
        return False
    if budget.limit == 1:
        return True
    remaining = expected.remaining(demand.age(now))
    to_come = demand.rate(now)
    for ahead in _moments(budget.seconds):
        owed = demand.pending + _ending(demand.growing, ahead / remaining)
        if free + budget.by(now + ahead) < owed + to_come * max(0.0, ahead - expected.seconds):
            return False
    return True


def _moments(seconds: float) -> tuple[float, ...]:
    soon = tuple(moment for moment in _SOON if moment < seconds / 4)
    return soon + tuple(quarter * seconds for quarter in _QUARTERS)


def _ending(growing: int, spans: float) -> float:
    """How many streams may have ended after so many spans of their remaining time: mean and deviation."""
    likely = 1 - exp(-spans)
    return min(growing, growing * likely + 0.5 * sqrt(growing * likely * (1 - likely)))


def _kept(budget: Budget) -> int:
    """Tokens always kept for a stream that may end at any moment."""
    comes_back_soon = budget.limit == 1 and budget.seconds <= _SHORT
    return 1 if budget.demand.growing and not comes_back_soon else 0


def period(budget: Budget, now: float, expected: Expected) -> float:
    """Seconds between two texts of one message that spread the budget evenly over the streams it serves."""
    demand = budget.demand
    age = demand.age(now)
    remaining = expected.served(age, budget.seconds)
    to_come = demand.rate(now)
    longest = _FINEST * budget.seconds
    for ahead in _horizons(remaining, budget.seconds, to_come):
        streaming = max(1, demand.growing) * min(ahead, remaining) + to_come * _streamed(
            ahead, expected.seconds
        )
        tokens = _tokens(budget, now, ahead) - (_kept(budget) if age > _LONG * expected.seconds else 0)
        longest = max(longest, streaming / tokens if tokens >= 1 else ahead)
    return longest


def _horizons(remaining: float, seconds: float, to_come: float) -> Iterator[float]:
    yield remaining
    if to_come:
        yield from (ahead for quarter in (*_QUARTERS, 1.0) if (ahead := quarter * seconds) > remaining)


def _streamed(ahead: float, expected: float) -> float:
    """Seconds of streaming until then, for one stream that begins per second."""
    return ahead * ahead / 2 if ahead < expected else ahead * expected - expected * expected / 2


def _tokens(budget: Budget, now: float, ahead: float) -> float:
    """Tokens that can be spent until then, those included that will have been spent and come back."""
    again = max(0.0, ahead - budget.seconds) / budget.seconds * (budget.limit - _kept(budget))
    return budget.free(now) + budget.by(now + ahead) + again - budget.demand.pending
