"""What reports add up: the figures that an entry of the ledger counts with, and how long answers took."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from storage.entries import CORRECTION, PRICED, NewEntry

BOUNDS = (250, 500, 750, 1000, 1500, 2000, 3000, 4000, 6000, 8000, 12000, 16000, 32000, 64000, 128000)
"""Milliseconds up to which a bucket counts, the bound itself in it; the last bucket counts what took longer."""

SUMS = (
    "requests",
    "failures",
    "fallbacks",
    "unpriced",
    "input_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost",
)
BUCKETS = tuple(f"b{number:02}" for number in range(len(BOUNDS) + 1))


@dataclass(frozen=True, slots=True)
class Figures:
    """What was used. ``cost`` is nano-dollars; ``buckets`` are empty where nobody counted how long answers took.

    ``input_tokens`` include cached and cache-written ones, ``output_tokens`` those of reasoning.
    """

    requests: int = 0
    failures: int = 0
    fallbacks: int = 0
    unpriced: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cost: int = 0
    buckets: tuple[int, ...] = ()

    @property
    def sums(self) -> tuple[int, ...]:
        """The figures in the order of SUMS."""
        return tuple(getattr(self, name) for name in SUMS)

    @property
    def tokens(self) -> int:
        """All tokens, read and written."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Figures) -> Figures:
        sums = {name: getattr(self, name) + getattr(other, name) for name in SUMS}
        buckets = self.buckets or other.buckets
        if self.buckets and other.buckets:
            buckets = tuple(a + b for a, b in zip(self.buckets, other.buckets, strict=True))
        return Figures(**sums, buckets=buckets)

    def took(self, percent: int) -> int | None:
        """Milliseconds within which so many percent of the complete answers came; None where there were none.

        Worked out from buckets, evenly within each: a figure to compare by, a fifth off at most as a rule.
        """
        count = sum(self.buckets)
        if not count:
            return None
        wanted, before = count * percent / 100, 0
        for number, inside in enumerate(self.buckets):
            if inside and before + inside >= wanted:
                low = BOUNDS[number - 1] if number else 0
                high = BOUNDS[number] if number < len(BOUNDS) else 2 * BOUNDS[-1]
                return round(low + (high - low) * (wanted - before) / inside)
            before += inside
        raise AssertionError("the buckets hold fewer than they count")


def figures_of(entry: NewEntry) -> Figures:
    """What one entry counts with. A correction is no request: it counts its cost, and prices what was unpriced."""
    if entry.kind == CORRECTION:
        return Figures(
            unpriced=-1 if entry.why == PRICED else 0, cost=entry.cost or 0, buckets=(0,) * len(BUCKETS)
        )
    return Figures(
        requests=1,
        failures=int(entry.outcome == "failed"),
        fallbacks=int(entry.why == "fallback"),
        unpriced=int(entry.cost is None),
        input_tokens=entry.input_tokens,
        cached_tokens=entry.cached_tokens,
        cache_write_tokens=entry.cache_write_tokens,
        output_tokens=entry.output_tokens,
        reasoning_tokens=entry.reasoning_tokens,
        cost=entry.cost or 0,
        buckets=_buckets(entry),
    )


def _buckets(entry: NewEntry) -> tuple[int, ...]:
    found = [0] * len(BUCKETS)
    if entry.outcome == "complete" and entry.latency_ms is not None:
        found[bisect_left(BOUNDS, entry.latency_ms)] = 1
    return tuple(found)


def summed(figures: Sequence[Figures]) -> Figures:
    """All of them together."""
    return sum(figures, Figures())
