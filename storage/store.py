"""The store: one object through which everything is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from storage import schema
from storage.agents import Agents
from storage.approvals import Approvals
from storage.audit import Audit
from storage.backups import Backups
from storage.budgets import Budgets
from storage.conversations import Conversations
from storage.credentials import Credentials
from storage.custom import Custom
from storage.database import Database
from storage.errors import StorageDown
from storage.estimates import Estimates
from storage.feedback import Feedback
from storage.files import Files
from storage.forgetting import Forgetting
from storage.forks import Forks
from storage.health import Health
from storage.inbox import Inbox
from storage.keyfile import NAME as KEY_FILE
from storage.keyfile import Keys
from storage.known import KnownModels
from storage.ledger import Ledger
from storage.lock import alone, make_folder
from storage.notices import Notices
from storage.people import People
from storage.postgres import PostgresDatabase
from storage.posts import Posts
from storage.price_overrides import PriceOverrides
from storage.processes import Processes
from storage.rates import Rates
from storage.reading import Reading
from storage.replies import Replies
from storage.reports import Reports
from storage.rollups import catch_up
from storage.rows import now
from storage.sendings import Sendings
from storage.sessions import Sessions
from storage.settings import Settings
from storage.sqlite import SqliteDatabase
from storage.summaries import Summaries
from storage.tasks import Tasks
from storage.undoing import Undoing
from storage.uses import Uses
from storage.vault import Vault
from storage.watermarks import Places
from storage.webhooks import Webhooks
from storage.workspaces import Workspaces

log = logging.getLogger(__name__)

_OF_LATE = timedelta(days=7)  # an upgrade takes no longer
_FORMS = "DATABASE_URL is sqlite:///absolute/path.db or postgres://user:password@host:port/name."


class Store:
    """An open database. Every method of its parts raises StorageDown while the database is away."""

    def __init__(self, db: Database, keys: Keys, folder: Path, learn: Callable[[str], object] = str) -> None:
        self._db = db
        self.backups = Backups(db, folder)
        self.vault = Vault(db, keys, learn)
        self.credentials = Credentials(db, self.vault)
        self.known_models = KnownModels(db)
        self.custom = Custom(db)
        self.people = People(db)
        self.workspaces = Workspaces(db)
        self.sessions = Sessions(db)
        self.inbox = Inbox(db)
        self.conversations = Conversations(db)
        self.replies = Replies(db)
        self.reading = Reading(db)
        self.files = Files(db)
        self.agents = Agents(db)
        self.feedback = Feedback(db)
        self.forks = Forks(db)
        self.summaries = Summaries(db)
        self.forgetting = Forgetting(db)
        self.ledger = Ledger(db)
        self.reports = Reports(db)
        self.budgets = Budgets(db)
        self.price_overrides = PriceOverrides(db)
        self.estimates = Estimates(db)
        self.approvals = Approvals(db)
        self.settings = Settings(db)
        self.posts = Posts(db)
        self.places = Places(db)
        self.processes = Processes(db)
        self.tasks = Tasks(db)
        self.uses = Uses(db)
        self.notices = Notices(db)
        self.sendings = Sendings(db)
        self.webhooks = Webhooks(db, self.vault)
        self.audit = Audit(db)
        self.undoing = Undoing(db)
        self.health = Health(db)
        self.rates = Rates(db)

    @classmethod
    async def open(
        cls,
        url: str,
        folder: Path,
        *,
        migrate: bool = True,
        secret_keys: Sequence[bytes] = (),
        learn: Callable[[str], object] = str,
    ) -> Store:
        """Connect to ``sqlite:///absolute/file.db`` or ``postgres://…``, and bring the schema up to date.

        Before an existing SQLite database is migrated it is copied to ``switchboard-before-<n>.db`` beside
        it, ``n`` being the first migration it lacks. ``folder`` is made where it is missing. With
        ``migrate=False`` nothing is made and the schema is only checked.

        ``secret_keys`` are the environment's, the newest first; where there are none, a key file in the folder is
        used, and made when first needed. ``learn`` is told every secret that is opened or entered. Raises
        SchemaTooNew, StorageDown.
        """
        if migrate:
            make_folder(folder)
        kind = urlsplit(url).scheme
        if kind == "sqlite":
            db = await _open_sqlite(Path(unquote(urlsplit(url).path)), migrate=migrate)
        elif kind in ("postgres", "postgresql"):
            db = await _open_postgres(url, migrate=migrate)
        else:
            raise StorageDown(f"not a database: {kind}:", say=_FORMS)
        if migrate:
            await _catch_up(db)
        return cls(db, Keys(folder / KEY_FILE, secret_keys), folder, learn)

    async def ping(self) -> None:
        """Raises StorageDown where the database does not answer."""
        await self._db.rows("SELECT 1 FROM budgets LIMIT 1")

    async def check_writable(self) -> None:
        """Raises StorageError where nothing can be written; writes nothing."""
        await self._db.write("DELETE FROM budgets WHERE 1 = 0")

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


async def _catch_up(db: Database) -> None:
    """Count in the roll-ups what processes of an older version wrote of late, beside newer ones."""
    if caught := await catch_up(db, (now() - _OF_LATE).date().isoformat()):
        log.info("%d entries of an older version were counted in the roll-ups", caught)


async def _bring_up(db: Database, *, migrate: bool) -> None:
    if not migrate:
        await schema.check(db)
    elif done := await schema.migrate(db):
        log.info("the database was migrated: %s", ", ".join(done))
