"""Copies of an SQLite database, made while it is in use, beside the file itself."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storage.audit import record
from storage.database import Database, Dialect
from storage.rows import now

KEPT = 5  # copies made by hand; an older one is deleted when another is made
_NAME = "switchboard-backup-"


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy. ``size`` is in bytes."""

    file: Path
    size: int
    made_at: datetime


class Backups:
    """The copies in a folder. A PostgreSQL is backed up by its own tools, so there are none of it."""

    def __init__(self, db: Database, folder: Path) -> None:
        self._db, self._folder = db, folder

    @property
    def possible(self) -> bool:
        """Whether this database can be copied from here."""
        return self._db.dialect is Dialect.SQLITE

    def all(self) -> list[Backup]:
        """The copies, the newest first."""
        return [_backup(file) for file in sorted(self._folder.glob(f"{_NAME}*.db"), reverse=True)]

    async def make(self, by: int | None) -> Backup:
        """Copy the database as it is now, for this user's eyes only. Audited. Raises StorageDown."""
        file = self._folder / f"{_NAME}{now():%Y-%m-%d-%H%M%S}.db"
        part = file.with_suffix(".part")
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            await self._db.write("VACUUM INTO ?", str(part))
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
        async with self._db.transaction() as tx:
            await record(tx, by, "back up", file.name)
        for old in self.all()[KEPT:]:
            old.file.unlink(missing_ok=True)
        return _backup(file)


def _backup(file: Path) -> Backup:
    found = file.stat()
    return Backup(file, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))
