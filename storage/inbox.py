"""What people said, kept before anything is done about it."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from storage.amending import Amended, Withdrawn, amend, withdraw
from storage.conversations import open_conversation
from storage.database import Database, Statements, marks
from storage.following import conversation_followed
from storage.places import enter
from storage.posts import NewPost, Standing, insert
from storage.rows import columns, fill, now
from storage.titles import headline


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A file that came along, or that is only promised.

    ``state`` is "kept", "promised" (``ref`` says where it is, ``size`` how large it will be) or "refused" (``note``
    says why).
    """

    name: str
    media_type: str
    data: bytes
    size: int = 0  # bytes, where there is no ``data``
    state: str = "kept"
    ref: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class NewItem:
    """Something addressed to us. ``kind`` is "said" or "again" (payload: {"reply_id", "model", "go_on"}).

    The payload of what was said is {"text", "overheard": [{"author_name", "text"}], "follows": {"key", "page"}};
    the latter two may be missing. ``follows`` names an earlier message of the place: the key of an item, or the
    platform's id of a reply's page.
    """

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
    """Where an item lies. ``fresh`` is false where its key was there already.

    ``busy``: somebody was answering in its conversation at that moment, so that it will wait.
    """

    inbox_id: int
    conversation_id: int
    fresh: bool
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Orphan:
    """A conversation that a dead process had in hand."""

    conversation_id: int
    place: str
    process: str


@dataclass(frozen=True, slots=True)
class FileNote:
    """A file without its bytes; ``size`` is in bytes."""

    id: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class InboxItem:
    """An item as it lies in the inbox. ``state`` is "waiting", "taken" or "withdrawn"."""

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


class _Repeated(Exception):
    """The key is in the inbox already."""


class Inbox:
    """Items waiting for an answer, by conversation."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def receive(self, item: NewItem, post: NewPost | None = None) -> Received:
        """Keep an item, once per key, and the web chat's own record of it, in one short transaction.

        Finds or makes the workspace, the place and the place's current conversation. A repeated key writes nothing
        of the item and returns the ids it got the first time.
        """
        try:
            async with self._db.transaction() as tx:
                return await _receive(tx, item, post)
        except _Repeated:
            rows = await self._db.rows(
                "SELECT i.id, i.conversation_id, c.owner FROM inbox i"
                " JOIN conversations c ON c.id = i.conversation_id WHERE i.key = ?",
                item.key,
            )
            [row] = rows
            return Received(row["id"], row["conversation_id"], fresh=False, busy=row["owner"] is not None)

    async def amend(self, key: str, text: str) -> Amended | None:
        """Give what was said under a key another text, waiting or taken; None where nothing was.

        What was withdrawn stays so.
        """
        async with self._db.transaction() as tx:
            return await amend(tx, key, text)

    async def withdraw(self, key: str) -> Withdrawn | None:
        """Take back what was said under a key: its text and files go, its key stays. None where nothing was said.

        What waits is not answered any more; an open reply that answers nothing else is asked to stop.
        """
        async with self._db.transaction() as tx:
            return await withdraw(tx, key)

    async def known(self, keys: Collection[str]) -> frozenset[str]:
        """Which of these keys something was received under."""
        rows = await self._db.rows(f"SELECT key FROM inbox WHERE key IN ({marks(keys)})", *keys)
        return frozenset(row["key"] for row in rows)

    async def ready(self, limit: int, platforms: Collection[str]) -> list[int]:
        """Conversations of these platforms nobody has claimed in which something waits, the longest waiting first."""
        rows = await self._db.rows(
            "SELECT i.conversation_id FROM inbox i JOIN conversations c ON c.id = i.conversation_id"
            f" WHERE i.state = 'waiting' AND c.owner IS NULL AND ({_on(platforms)})"
            " GROUP BY i.conversation_id ORDER BY MIN(i.id) LIMIT ?",
            *(f"{platform}:%" for platform in platforms),
            limit,
        )
        return [row["conversation_id"] for row in rows]

    async def orphans(self, dead: Collection[str]) -> list[Orphan]:
        """Conversations that one of these processes owned, or in which it left a reply open."""
        rows = await self._db.rows(
            f"SELECT id, place, owner AS process FROM conversations WHERE owner IN ({marks(dead)})"
            " UNION SELECT conversation_id, place, process FROM replies"
            f" WHERE state = 'open' AND process IN ({marks(dead)}) ORDER BY 1, 3",
            *dead,
            *dead,
        )
        return [Orphan(row["id"], row["place"], row["process"]) for row in rows]

    async def waiting(self, conversation_id: int) -> list[InboxItem]:
        """What waits in a conversation, in the order it came."""
        return await waiting(self._db, conversation_id)


def _on(platforms: Collection[str]) -> str:
    """Whether a conversation is on one of so many platforms."""
    return " OR ".join("c.place LIKE ?" for _ in platforms) or "1 = 0"


async def waiting(statements: Statements, conversation_id: int) -> list[InboxItem]:
    """What waits in a conversation, in the order it came."""
    return await _read(statements, "conversation_id = ? AND state = 'waiting'", conversation_id)


async def taken(statements: Statements, conversation_id: int, reply_id: int) -> list[InboxItem]:
    """What a reply of a conversation was opened for, in the order it came."""
    where = "conversation_id = ? AND state = 'taken' AND reply_id = ?"
    return await _read(statements, where, conversation_id, reply_id)


async def _read(statements: Statements, which: str, *values: int) -> list[InboxItem]:
    rows = await statements.rows(f"SELECT {columns(InboxItem)} FROM inbox WHERE {which} ORDER BY id", *values)
    files = await _files(statements, [row["id"] for row in rows])
    return [fill(InboxItem, row, attachments=tuple(files.get(row["id"], ()))) for row in rows]


async def _files(statements: Statements, ids: list[int]) -> dict[int, list[FileNote]]:
    if not ids:
        return {}
    rows = await statements.rows(
        f"SELECT {columns(FileNote)}, inbox_id FROM attachments WHERE inbox_id IN ({marks(ids)}) ORDER BY id",
        *ids,
    )
    found: dict[int, list[FileNote]] = {}
    for row in rows:
        found.setdefault(row["inbox_id"], []).append(fill(FileNote, row))
    return found


async def keep(tx: Statements, item: NewItem) -> None:
    """Keep an item in a transaction of the caller's, whose success makes it the first of its key."""
    await _receive(tx, item, None)


async def _receive(tx: Statements, item: NewItem, post: NewPost | None) -> Received:
    current = await enter(tx, item.place, item.workspace_id)
    current = await _meant(tx, item) or current
    if current is None:
        current = (await open_conversation(tx, item.place, item.workspace_id, item.person_id)).id
    inbox_id = await _insert(tx, item, current)
    for file in item.attachments:
        await _keep(tx, file, inbox_id)
    rows = await tx.written(
        "UPDATE conversations SET updated_at = ?, title = CASE WHEN title = '' THEN ? ELSE title END WHERE id = ?"
        " RETURNING owner",
        now(),
        _headline(item),
        current,
    )
    if post is not None:
        with suppress(Standing):
            await insert(tx, post)
    return Received(inbox_id, current, fresh=True, busy=rows[0]["owner"] is not None)


async def _meant(tx: Statements, item: NewItem) -> int | None:
    """The conversation of the reply that is to be done again, or of the message that this one follows.

    It is perhaps not the place's current one any more.
    """
    if item.kind == "said":
        return await conversation_followed(tx, item.place, item.payload)
    named = json.loads(item.payload).get("reply_id")
    if named is None:
        return None
    rows = await tx.rows("SELECT conversation_id FROM replies WHERE id = ? AND place = ?", named, item.place)
    return rows[0]["conversation_id"] if rows else None


async def _insert(tx: Statements, item: NewItem, conversation_id: int) -> int:
    rows = await tx.written(
        "INSERT INTO inbox (key, conversation_id, place, person_id, author_name, kind, payload, state,"
        " received_at, sent_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?)"
        " ON CONFLICT (key) DO NOTHING RETURNING id",
        item.key,
        conversation_id,
        item.place,
        item.person_id,
        item.author_name,
        item.kind,
        item.payload,
        now(),
        item.sent_at,
    )
    if not rows:
        raise _Repeated
    inbox_id: int = rows[0]["id"]
    return inbox_id


async def _keep(tx: Statements, file: NewAttachment, inbox_id: int) -> None:
    await tx.write(
        "INSERT INTO attachments (inbox_id, name, media_type, size, data, state, ref, note, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        inbox_id,
        file.name,
        file.media_type,
        len(file.data) or file.size,
        file.data,
        file.state,
        file.ref,
        file.note,
        now(),
    )


def said(payload: str) -> str:
    """The text of a said item."""
    return str(json.loads(payload).get("text", ""))


def overheard(payload: str) -> list[tuple[str, str]]:
    """What a said item brings along that others had said before: who, and what."""
    return [(one["author_name"], one["text"]) for one in json.loads(payload).get("overheard", ())]


def _headline(item: NewItem) -> str:
    """A conversation's first title: the first line of what was said, or the name of the file that came alone."""
    title = headline(said(item.payload)) if item.kind == "said" else ""
    return title or (headline(item.attachments[0].name) if item.attachments else "")
