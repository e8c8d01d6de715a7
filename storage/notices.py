"""Notices: what somebody should be told, written in the transaction that caused it and delivered later."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database, Statements
from storage.rows import columns, fill, now
from storage.sendings import NewSending, enter
from storage.webhooks import wanting


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

    async def add(self, notice: NewNotice) -> None:
        """Write a notice, once per key."""
        await note(self._db, notice)

    async def send(self, notice: Notice, targets: Collection[str], payload: str) -> bool:
        """Hand a notice on to those who are to be told, and to the webhooks that want its kind, all or nothing.

        False where another process has done that. ``payload`` is JSON, what each sending carries.
        """
        async with self._db.transaction() as tx:
            ours = await tx.write(
                "UPDATE notices SET delivered_at = ? WHERE id = ? AND delivered_at IS NULL", now(), notice.id
            )
            if not ours:
                return False
            hooks = [one.target for one in await wanting(tx, notice.kind)]
            for target in dict.fromkeys([*targets, *hooks]):
                await enter(tx, NewSending("alert", target, f"notice:{notice.id}", payload))
            return True


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
