"""Who changed what."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Database, Statements, marks
from storage.rows import columns, fill, now

NULL = object()  # in place of None, where the value itself is null
_noted: ContextVar[list[int] | None] = ContextVar("noted", default=None)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One change. ``before`` and ``after`` are JSON, None where there was or is nothing."""

    id: int
    at: datetime
    person_id: int | None
    action: str
    subject: str
    before: str | None
    after: str | None

    @property
    def number(self) -> int:
        """The number of what was changed, for subjects that have one: 7 of "budget:7" and of "credential:7 Work"."""
        return int(self.subject.partition(":")[2].partition(" ")[0])


class Audit:
    """Every change, in order. Written by what makes the change, in its transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def note(self, person_id: int | None, action: str, subject: str) -> None:
        """Write down a change that was made outside of the database."""
        await record(self._db, person_id, action, subject)

    async def latest(self, limit: int = 100, *, before: int | None = None) -> list[AuditRow]:
        """The last changes, the newest first; ``before`` is the number of an earlier page's last one."""
        where, values = ("", ()) if before is None else (" WHERE id < ?", (before,))
        rows = await self._db.rows(
            f"SELECT {columns(AuditRow)} FROM audit{where} ORDER BY id DESC LIMIT ?", *values, limit
        )
        return [fill(AuditRow, row) for row in rows]

    async def entries(self, ids: Collection[int]) -> list[AuditRow]:
        """The changes of these numbers, as far as there are such, in order."""
        rows = await self._db.rows(
            f"SELECT {columns(AuditRow)} FROM audit WHERE id IN ({marks(ids)}) ORDER BY id", *ids
        )
        return [fill(AuditRow, row) for row in rows]

    async def last(self, action: str, subject: str) -> AuditRow | None:
        """The last change of that kind to a subject."""
        rows = await self._db.rows(
            f"SELECT {columns(AuditRow)} FROM audit WHERE subject = ? AND action = ? ORDER BY id DESC LIMIT 1",
            subject,
            action,
        )
        return fill(AuditRow, rows[0]) if rows else None


@contextmanager
def noting() -> Iterator[list[int]]:
    """Collect the numbers of what is written down inside, in order."""
    noted: list[int] = []
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


async def record(
    tx: Statements, person_id: int | None, action: str, subject: str, *, before: Any = None, after: Any = None
) -> None:
    """Write down a change. ``before`` and ``after`` are what ``json.dumps`` takes, None for nothing, or NULL."""
    rows = await tx.written(
        "INSERT INTO audit (at, person_id, action, subject, before, after) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        now(),
        person_id,
        action,
        subject,
        _json(before),
        _json(after),
    )
    if (noted := _noted.get()) is not None:
        noted.append(int(rows[0]["id"]))


def _json(value: Any) -> str | None:
    if value is None:
        return None
    return "null" if value is NULL else json.dumps(value)
