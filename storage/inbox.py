"""What people said, kept before anything is done about it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database
from storage.posts import NewPost


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A file that came along."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class NewItem:
    """Something addressed to us. ``kind`` is "said" (payload: {"text"}) or "again" ({"reply_id", "model", "go_on"})."""

    key: str
    place: str
    workspace_id: str
    person_id: int | None
    author_name: str
    kind: str
    payload: str
    attachments: tuple[NewAttachment, ...] = ()
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """Where an item lies. ``fresh`` is false where its key was there already."""

    inbox_id: int
    conversation_id: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class FileNote:
    """A file without its bytes; ``size`` is in bytes."""

    id: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class InboxItem:
    """An item as it lies in the inbox. ``state`` is "waiting" or "taken"."""

    id: int
    key: str
    conversation_id: int
    place: str
    person_id: int | None
    author_name: str
    kind: str
    payload: str
    state: str
    reply_id: int | None
    received_at: datetime
    sent_at: datetime | None
    attachments: tuple[FileNote, ...] = ()


class Inbox:
    """Items waiting for an answer, by conversation."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def receive(self, item: NewItem, post: NewPost | None = None) -> Received:
        """Keep an item, once per key, and the web chat's own record of it, in one short transaction.

        Finds or makes the workspace, the place and the place's current conversation. A repeated key writes nothing
        of the item and returns the ids it got the first time.
        """
        raise NotImplementedError

    async def ready(self, limit: int) -> list[int]:
        """Conversations nobody has claimed in which something waits, the longest waiting first."""
        raise NotImplementedError

    async def orphans(self, dead: Collection[str]) -> list[int]:
        """Conversations that one of these processes owned, or in which it left a reply open."""
        raise NotImplementedError

    async def waiting(self, conversation_id: int) -> list[InboxItem]:
        """What waits in a conversation, in the order it came."""
        raise NotImplementedError
