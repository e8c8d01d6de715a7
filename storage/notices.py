"""Notices: what somebody should be told, written in the transaction that caused it and delivered later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Database


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
        raise NotImplementedError

    async def delivered(self, notice_id: int) -> None:
        """Somebody was told."""
        raise NotImplementedError
