"""Who changed what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Database, Statements
from storage.rows import columns, fill, now


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


class Audit:
    """Every change, in order. Written by what makes the change, in its transaction."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def latest(self, limit: int = 100) -> list[AuditRow]:
        """The last changes, the newest first."""
        rows = await self._db.rows(f"SELECT {columns(AuditRow)} FROM audit ORDER BY id DESC LIMIT ?", limit)
        return [fill(AuditRow, row) for row in rows]


async def record(
    tx: Statements, person_id: int | None, action: str, subject: str, *, before: Any = None, after: Any = None
) -> None:
    """Write down a change. ``before`` and ``after`` are what ``json.dumps`` takes, None for nothing."""
    await tx.write(
        "INSERT INTO audit (at, person_id, action, subject, before, after) VALUES (?, ?, ?, ?, ?, ?)",
        now(),
        person_id,
        action,
        subject,
        None if before is None else json.dumps(before),
        None if after is None else json.dumps(after),
    )
