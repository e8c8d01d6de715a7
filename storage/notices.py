"""Notices: what somebody should be told, written in the transaction that caused it and delivered later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Database, Statements
from storage.rows import columns, fill, now


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice to be written, once per ``key``. ``scope`` and ``subject`` say whom it concerns."""

    kind: str
    key: str
    text: str
    scope: str = "installation"
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it stands."""

    id: int
    kind: str
    key: str
    text: str
    scope: str
    subject: str
    created_at: datetime
    delivered_at: datetime | None


class Notices:
    """Every notice."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def undelivered(self) -> list[Notice]:
        """What nobody was told yet, the oldest first."""
        rows = await self._db.rows(
            f"SELECT {columns(Notice)} FROM notices WHERE delivered_at IS NULL ORDER BY id"
        )
        return [fill(Notice, row) for row in rows]

    async def delivered(self, notice_id: int) -> None:
        """Somebody was told."""
        await self._db.write("UPDATE notices SET delivered_at = ? WHERE id = ?", now(), notice_id)


async def note(tx: Statements, notice: NewNotice) -> None:
    """Write a notice, once per key."""
    await tx.write(
        "INSERT INTO notices (kind, key, text, scope, subject, created_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (key) DO NOTHING",
        notice.kind,
        notice.key,
        notice.text,
        notice.scope,
        notice.subject,
        now(),
    )
