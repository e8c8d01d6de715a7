"""How often people and workspaces have asked within a minute: one small row each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database, Statements

MINUTE = 60.0  # seconds

# The minute before counts by the part of it that is not yet a minute ago. A row of another clock, far ahead or far
# behind, counts as none, so that no clock can lock anybody out.
_TAKE = """
INSERT INTO request_counts (subject, minute, count, before) VALUES (?, ?, 1, 0)
ON CONFLICT (subject) DO UPDATE SET
  before = CASE WHEN request_counts.minute = excluded.minute THEN request_counts.before
    WHEN request_counts.minute = excluded.minute - 1 THEN request_counts.count ELSE 0 END,
  count = CASE WHEN request_counts.minute = excluded.minute THEN request_counts.count + 1 ELSE 1 END,
  minute = excluded.minute
WHERE CASE WHEN request_counts.minute = excluded.minute
    THEN request_counts.count + 1 + request_counts.before * CAST(? AS DOUBLE PRECISION)
    WHEN request_counts.minute = excluded.minute - 1 THEN request_counts.count * CAST(? AS DOUBLE PRECISION) + 1
    ELSE 1 END <= CAST(? AS DOUBLE PRECISION)
"""


@dataclass(frozen=True, slots=True)
class Allowed:
    """How many requests a minute a subject may make; ``subject`` is a scope of the settings."""

    subject: str
    most: int


@dataclass(frozen=True, slots=True)
class Exceeded:
    """The limit that has no room, and the seconds until it has."""

    limit: Allowed
    wait: float


class _NoRoom(Exception):
    """Takes back what was counted already."""

    def __init__(self, exceeded: Exceeded) -> None:
        self.exceeded = exceeded


class Rates:
    """Counts requests."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def take(self, limits: Sequence[Allowed], at: datetime) -> Exceeded | None:
        """Count one request against all these limits; where one has no room, against none, and which it was."""
        if not limits:
            return None
        try:
            async with self._db.transaction() as tx:
                for limit in limits:
                    if not await _take(tx, limit, at.timestamp()):
                        raise _NoRoom(await _exceeded(tx, limit, at.timestamp()))
        except _NoRoom as full:
            return full.exceeded
        return None


async def _take(tx: Statements, limit: Allowed, at: float) -> bool:
    if limit.most < 1:
        return False  # the first row would go in unasked
    minute, left = int(at // MINUTE), 1 - at % MINUTE / MINUTE
    return await tx.write(_TAKE, limit.subject, minute, left, left, float(limit.most)) == 1


async def _exceeded(tx: Statements, limit: Allowed, at: float) -> Exceeded:
    rows = await tx.rows("SELECT minute, count, before FROM request_counts WHERE subject = ?", limit.subject)
    if not rows:
        return Exceeded(limit, MINUTE)
    same = rows[0]["minute"] == int(at // MINUTE)
    count, before = (rows[0]["count"], rows[0]["before"]) if same else (0, rows[0]["count"])
    return Exceeded(limit, _wait(count, before, limit.most, at % MINUTE))


def _wait(count: int, before: int, most: int, passed: float) -> float:
    """Seconds until one more fits, ``passed`` seconds into a minute that has seen ``count``."""
    rest = MINUTE - passed
    if count + 1 > most:  # this minute is full: what of it counts in the next one?
        return rest + _faded(count, most)
    return max(0.0, _faded(before, most - count) - passed)


def _faded(before: int, room: int) -> float:
    """Seconds into a minute until what the one before counts leaves a place of ``room``; a little too late."""
    share = (room - 1) / before if before else 1.0
    return math.ceil(MINUTE * (1 - min(1.0, share)) * 10) / 10
