"""The store: one object through which everything is kept."""

from __future__ import annotations

from pathlib import Path

from storage.audit import Audit
from storage.budgets import Budgets
from storage.conversations import Conversations
from storage.database import Database
from storage.inbox import Inbox
from storage.ledger import Ledger
from storage.notices import Notices
from storage.people import People
from storage.posts import Posts
from storage.processes import Processes
from storage.replies import Replies
from storage.sessions import Sessions
from storage.settings import Settings
from storage.tasks import Tasks


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

        Before an existing SQLite database is migrated it is copied to ``switchboard-before-<n>.db`` beside it.
        With ``migrate=False`` the schema is only checked. Raises SchemaTooNew, StorageDown.
        """
        raise NotImplementedError

    async def ping(self) -> None:
        """Raises StorageDown where the database does not answer."""
        raise NotImplementedError

    async def close(self) -> None:
        """Let go of every connection. Twice is harmless."""
        raise NotImplementedError
