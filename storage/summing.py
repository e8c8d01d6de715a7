"""The figures of entries, in the words of the database: what ``storage.figures`` says of one, over many."""

from __future__ import annotations

from itertools import pairwise

from storage.entries import CORRECTION, PRICED
from storage.figures import BOUNDS, BUCKETS, SUMS
from storage.rollups import NOBODY, RETRY

KIND = f"CASE WHEN kind = 'chat' AND why = 'retry' THEN '{RETRY}' ELSE kind END"
PERSON = f"COALESCE(person_id, {NOBODY})"

_IS_REQUEST = f"kind <> '{CORRECTION}'"


def of_entries(*, timed: bool = True) -> str:
    """The sums of entries as columns, named as the roll-ups name them."""
    parts = {
        "requests": _count(_IS_REQUEST),
        "failures": _count(f"{_IS_REQUEST} AND outcome = 'failed'"),
        "fallbacks": _count(f"{_IS_REQUEST} AND why = 'fallback'"),
        "unpriced": f"SUM(CASE WHEN {_IS_REQUEST} AND cost IS NULL THEN 1"
        f" WHEN NOT {_IS_REQUEST} AND why = '{PRICED}' THEN -1 ELSE 0 END)",
        "cost": "SUM(COALESCE(cost, 0))",
    }
    columns = [f"{parts.get(name, f'SUM({name})')} AS {name}" for name in SUMS]
    if timed:
        edges = pairwise([None, *BOUNDS, None])
        columns += [f"{_took(low, high)} AS {name}" for name, (low, high) in zip(BUCKETS, edges, strict=True)]
    return ", ".join(columns)


def _count(condition: str) -> str:
    return f"SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)"


def _took(low: int | None, high: int | None) -> str:
    within = [f"latency_ms > {low}"] if low is not None else []
    within += [f"latency_ms <= {high}"] if high is not None else []
    return _count(f"{_IS_REQUEST} AND outcome = 'complete' AND {' AND '.join(within)}")
