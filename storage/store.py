"""The store: one object through which everything is kept."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import unquote, urlsplit

from storage import schema
from storage.audit import Audit
from storage.budgets import Budgets
from storage.conversations import Conversations
from storage.database import Database
from storage.errors import StorageDown
from storage.inbox import Inbox
from storage.ledger import Ledger
from storage.lock import alone, make_folder
from storage.notices import Notices
from storage.people import People
from storage.postgres import PostgresDatabase
from storage.posts import Posts
from storage.processes import Processes
from storage.replies import Replies
from storage.sessions import Sessions
from storage.settings import Settings
from storage.sqlite import SqliteDatabase
from storage.tasks import Tasks

log = logging.getLogger(__name__)

_FORMS = "DATABASE_URL is sqlite:///absolute/path.db or postgres://user:password@host:port/name."


class Store:
    """An open database. Every method of its parts raises StorageDown while the database is away."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.people = People(db)
        self.sessions = Sessions(db)
        self.inbox = Inbox(db)
        self.conversations = Conversations(db)
        self.replies = Replies(db)
        self.ledger = Ledger(db)
        self.budgets = Budgets(db)
        self.settings = Settings(db)
        self.posts = Posts(db)
        self.processes = Processes(db)
        self.tasks = Tasks(db)
        self.notices = Notices(db)
        self.audit = Audit(db)

    @classmethod
    async def open(cls, url: str, folder: Path, *, migrate: bool = True) -> Store:
        """Connect to ``sqlite:///absolute/file.db`` or ``postgres://…``, and bring the schema up to date.

        Before an existing SQLite database is migrated it is copied to ``switchboard-before-<n>.db`` beside
        it, ``n`` being the first migration it lacks. ``folder`` is made where it is missing. With
        ``migrate=False`` the schema is only checked. Raises SchemaTooNew, StorageDown.
        """
        make_folder(folder)
        kind = urlsplit(url).scheme
        if kind == "sqlite":
            db = await _open_sqlite(Path(unquote(urlsplit(url).path)), migrate=migrate)
        elif kind in ("postgres", "postgresql"):
            db = await _open_postgres(url, migrate=migrate)
        else:
            raise StorageDown(f"not a database: {kind}:", say=_FORMS)
        return cls(db)

    async def ping(self) -> None:
        """Raises StorageDown where the database does not answer."""
        await self._db.rows("SELECT 1 FROM budgets LIMIT 1")

    async def close(self) -> None:
        """Let go of every connection. Twice is harmless."""
        await self._db.close()


async def _open_sqlite(file: Path, *, migrate: bool) -> Database:
    # Connecting is in the lock too: two processes that make one file WAL at the same moment fail.
    async with alone(file.with_name(f"{file.name}.opening")):
        db = await SqliteDatabase.open(file)
        try:
            if migrate and (copy := await schema.back_up(db, file, await schema.missing(db))):
                log.info("the database was copied to %s before it is migrated", copy)
            await _bring_up(db, migrate=migrate)
        except BaseException:
            await db.close()
            raise
    return db


async def _open_postgres(url: str, *, migrate: bool) -> Database:
    db = await PostgresDatabase.open(url)
    try:
        await _bring_up(db, migrate=migrate)
    except BaseException:
        await db.close()
        raise
    return db


async def _bring_up(db: Database, *, migrate: bool) -> None:
    if not migrate:
        await schema.check(db)
    elif done := await schema.migrate(db):
        log.info("the database was migrated: %s", ", ".join(done))
