"""The schema's version: what this program knows, what the database has, and bringing the two together."""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Sequence
from pathlib import Path

from storage import migrations
from storage.database import Database, Dialect, Statements
from storage.errors import SchemaTooNew, StorageError

_LOCK = 7_269_501_683_221  # any number; ours among the server's advisory locks
_EXISTS = {
    Dialect.SQLITE: "SELECT 1 FROM sqlite_master WHERE name = 'tortoise_migrations'",
    Dialect.POSTGRES: "SELECT 1 WHERE to_regclass('tortoise_migrations') IS NOT NULL",
}
_TOO_NEW = (
    "This database was migrated by a newer version of Switchboard (it has {name}, which this version does not know). "
    "Run that version or a later one, or go back to a backup."
)
_TOO_OLD = "The database is not up to date (it lacks {name}); `switchboard migrate` brings it there."


def known() -> list[str]:
    """The names of this program's migrations, in order."""
    return sorted(module.name for module in pkgutil.iter_modules(migrations.__path__))


async def applied(statements: Statements, dialect: Dialect) -> list[str]:
    """The names of the migrations that the database has."""
    if not await statements.rows(_EXISTS[dialect]):
        return []
    rows = await statements.rows("SELECT name FROM tortoise_migrations WHERE app = 'storage' ORDER BY id")
    return [row["name"] for row in rows]


async def missing(db: Database) -> list[str]:
    """The migrations that the database lacks, in order. Raises SchemaTooNew."""
    has, ours = await applied(db, db.dialect), known()
    if unknown := sorted(set(has) - set(ours)):
        raise SchemaTooNew(f"unknown migrations: {unknown}", say=_TOO_NEW.format(name=unknown[0]))
    return [name for name in ours if name not in has]


async def check(db: Database) -> None:
    """Raise where the database is newer or older than this program."""
    if lacking := await missing(db):
        raise StorageError(f"missing migrations: {lacking}", say=_TOO_OLD.format(name=lacking[0]))


async def migrate(db: Database) -> list[str]:
    """Apply what the database lacks, all or nothing; the names of what was applied. Raises SchemaTooNew.

    Whoever comes second waits for the first and finds nothing left to do.
    """
    if not await missing(db):
        return []
    from storage.migrating import apply_all  # noqa: PLC0415 - its library takes long to import and is rarely needed

    async with db.transaction() as tx:
        if db.dialect is Dialect.POSTGRES:
            await tx.rows("SELECT pg_advisory_xact_lock(?)", _LOCK)
        done = await apply_all(tx, db.dialect)
    await check(db)  # whoever we waited for may have been newer than we are
    return done


async def back_up(db: Database, file: Path, lacking: Sequence[str]) -> Path | None:
    """Copy an SQLite database that is about to get what it lacks; the copy, None where there is nothing to keep."""
    if not lacking or not await applied(db, db.dialect):
        return None
    copy = file.with_name(f"switchboard-before-{int(lacking[0].partition('_')[0])}.db")
    part = copy.with_suffix(".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    await db.write("VACUUM INTO ?", str(part))
    part.replace(copy)
    return copy
