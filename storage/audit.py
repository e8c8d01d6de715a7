"""Who changed what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Database


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
        raise NotImplementedError
