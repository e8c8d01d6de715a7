"""Sendings: what goes to a target once per period, whichever process sends it, and the log of what became of it.

One row per target and period; a process claims it by one conditional UPDATE, with a lease. The number of attempts is
the fence: whoever claims later writes, whoever claimed before does not any more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Database, Statements, marks
from storage.rows import columns, fill, now

DUE, SENT, FAILED = "due", "sent", "failed"
_MINE = f"id = ? AND attempts = ? AND owner = ? AND state = '{DUE}'"
LEASE = timedelta(minutes=20)  # longer than delivery tries to reach a platform


@dataclass(frozen=True, slots=True)
class NewSending:
    """Something to be sent from ``due_at`` on (None: now), once per ``target`` and ``period``. ``payload`` is JSON."""

    kind: str
    target: str
    period: str
    payload: str = "{}"
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """One as it stands. ``state`` is "due", "sent" or "failed" (given up).

    ``attempts`` counts the claims; ``said`` is what the last one came to, in words; ``message_id`` the platform's.
    """

    id: int
    kind: str
    target: str
    period: str
    payload: str
    state: str
    due_at: datetime
    owner: str | None
    leased_until: datetime | None
    attempts: int
    message_id: str | None
    said: str
    created_at: datetime
    sent_at: datetime | None


class Sendings:
    """Every sending. What writes to a claimed one does nothing where somebody has claimed it since."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def enter(self, sending: NewSending) -> bool:
        """Enter one; false where its target has one of this period already."""
        return await enter(self._db, sending)

    async def note(self, sending: NewSending, state: str, said: str) -> None:
        """Write down one that somebody sent at once and waited for: sent or failed, as it is."""
        at = now()
        await self._db.write(
            "INSERT INTO sendings (kind, target, period, payload, state, due_at, attempts, said, created_at, sent_at)"
            " VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?)",
            sending.kind,
            sending.target,
            sending.period,
            sending.payload,
            state,
            sending.due_at or at,
            said,
            at,
            at if state == SENT else None,
        )

    async def due(
        self, at: datetime, dead: Collection[str] = (), *, kind: str | None = None, limit: int = 100
    ) -> list[Sending]:
        """What may be claimed at a moment, the oldest first: nobody has it, or whoever had it is dead or too late."""
        only, values = ("", ()) if kind is None else (" AND kind = ?", (kind,))
        rows = await self._db.rows(
            f"SELECT {columns(Sending)} FROM sendings WHERE {_free(dead)}{only} ORDER BY due_at, id LIMIT ?",
            *_values(at, dead),
            *values,
            limit,
        )
        return [fill(Sending, row) for row in rows]

    async def claim(
        self, sending_id: int, process: str, at: datetime, dead: Collection[str] = ()
    ) -> Sending | None:
        """Take one in order to send it; None where somebody else has it, or it is sent."""
        rows = await self._db.written(
            "UPDATE sendings SET owner = ?, leased_until = ?, attempts = attempts + 1"
            f" WHERE id = ? AND {_free(dead)} RETURNING {columns(Sending)}",
            process,
            at + LEASE,
            sending_id,
            *_values(at, dead),
        )
        return fill(Sending, rows[0]) if rows else None

    async def sent(self, claimed: Sending, said: str = "", message_id: str | None = None) -> bool:
        """It is there."""
        return await self._end(claimed, SENT, said, message_id)

    async def failed(self, claimed: Sending, said: str) -> bool:
        """It will not be tried again."""
        return await self._end(claimed, FAILED, said, None)

    async def again(self, claimed: Sending, due_at: datetime, said: str) -> bool:
        """It is tried again later."""
        changed = await self._db.write(
            f"UPDATE sendings SET owner = NULL, leased_until = NULL, due_at = ?, said = ? WHERE {_MINE}",
            due_at,
            said,
            claimed.id,
            claimed.attempts,
            claimed.owner,
        )
        return changed == 1

    async def orphaned(self) -> frozenset[str]:
        """Processes that hold claims and serve this database no more."""
        rows = await self._db.rows(
            f"SELECT DISTINCT owner FROM sendings WHERE state = '{DUE}' AND owner IS NOT NULL"
            " AND owner NOT IN (SELECT id FROM processes)"
        )
        return frozenset(row["owner"] for row in rows)

    async def get(self, target: str, period: str) -> Sending | None:
        """The one of a target and period."""
        rows = await self._db.rows(
            f"SELECT {columns(Sending)} FROM sendings WHERE target = ? AND period = ?", target, period
        )
        return fill(Sending, rows[0]) if rows else None

    async def latest(self, targets: Collection[str], limit: int = 50) -> list[Sending]:
        """The last ones to some targets, the newest first."""
        rows = await self._db.rows(
            f"SELECT {columns(Sending)} FROM sendings WHERE target IN ({marks(targets)}) ORDER BY id DESC LIMIT ?",
            *targets,
            limit,
        )
        return [fill(Sending, row) for row in rows]

    async def forget(self, before: datetime) -> int:
        """Drop what was over before a moment; how many."""
        return await self._db.write(f"DELETE FROM sendings WHERE state <> '{DUE}' AND created_at < ?", before)

    async def _end(self, claimed: Sending, state: str, said: str, message_id: str | None) -> bool:
        changed = await self._db.write(
            "UPDATE sendings SET state = ?, said = ?, message_id = ?, sent_at = ?, owner = NULL, leased_until = NULL"
            f" WHERE {_MINE}",
            state,
            said,
            message_id,
            now() if state == SENT else None,
            claimed.id,
            claimed.attempts,
            claimed.owner,
        )
        return changed == 1


async def enter(statements: Statements, sending: NewSending) -> bool:
    """As ``Sendings.enter``, inside a transaction."""
    at = now()
    rows = await statements.written(
        "INSERT INTO sendings (kind, target, period, payload, state, due_at, created_at)"
        f" VALUES (?, ?, ?, ?, '{DUE}', ?, ?) ON CONFLICT (target, period) DO NOTHING RETURNING id",
        sending.kind,
        sending.target,
        sending.period,
        sending.payload,
        sending.due_at or at,
        at,
    )
    return bool(rows)


def _free(dead: Collection[str]) -> str:
    return (
        f"state = '{DUE}' AND due_at <= ? AND (owner IS NULL OR leased_until < ? OR owner IN ({marks(dead)}))"
    )


def _values(at: datetime, dead: Collection[str]) -> tuple[datetime | str, ...]:
    return (at, at, *dead)
