"""What people said, kept before anything is done about it."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from storage.conversations import open_conversation
from storage.database import Database, Statements, marks
from storage.places import enter
from storage.posts import NewPost, Standing, insert
from storage.rows import columns, fill, now

_TITLE = 80  # characters


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
            rows = await self._db.rows("SELECT id, conversation_id FROM inbox WHERE key = ?", item.key)
            return Received(rows[0]["id"], rows[0]["conversation_id"], fresh=False)

    async def ready(self, limit: int) -> list[int]:
        """Conversations nobody has claimed in which something waits, the longest waiting first."""
        rows = await self._db.rows(
            "SELECT i.conversation_id FROM inbox i JOIN conversations c ON c.id = i.conversation_id"
            " WHERE i.state = 'waiting' AND c.owner IS NULL"
            " GROUP BY i.conversation_id ORDER BY MIN(i.id) LIMIT ?",
            limit,
        )
        return [row["conversation_id"] for row in rows]

    async def orphans(self, dead: Collection[str]) -> list[int]:
        """Conversations that one of these processes owned, or in which it left a reply open."""
        rows = await self._db.rows(
            f"SELECT id FROM conversations WHERE owner IN ({marks(dead)})"
            f" UNION SELECT conversation_id FROM replies WHERE state = 'open' AND process IN ({marks(dead)})",
            *dead,
            *dead,
        )
        return sorted(row["id"] for row in rows)

    async def waiting(self, conversation_id: int) -> list[InboxItem]:
        """What waits in a conversation, in the order it came."""
        return await waiting(self._db, conversation_id)


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


async def _receive(tx: Statements, item: NewItem, post: NewPost | None) -> Received:
    current = await enter(tx, item.place, item.workspace_id)
    current = await _meant(tx, item) or current
    if current is None:
        current = (await open_conversation(tx, item.place, item.workspace_id, item.person_id)).id
    inbox_id = await _insert(tx, item, current)
    for file in item.attachments:
        await _keep(tx, file, inbox_id)
    await tx.write(
        "UPDATE conversations SET updated_at = ?, title = CASE WHEN title = '' THEN ? ELSE title END WHERE id = ?",
        now(),
        _headline(item),
        current,
    )
    if post is not None:
        with suppress(Standing):
            await insert(tx, post)
    return Received(inbox_id, current, fresh=True)


async def _meant(tx: Statements, item: NewItem) -> int | None:
    """The conversation of the reply that is to be done again: perhaps not the place's current one any more."""
    named = json.loads(item.payload).get("reply_id") if item.kind == "again" else None
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
        "INSERT INTO attachments (inbox_id, name, media_type, size, data, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        inbox_id,
        file.name,
        file.media_type,
        len(file.data),
        file.data,
        now(),
    )


def said(payload: str) -> str:
    """The text of a said item."""
    return str(json.loads(payload).get("text", ""))


def _headline(item: NewItem) -> str:
    """A conversation's first title: the first line of what was said, or the name of the file that came alone."""
    text = said(item.payload).strip() if item.kind == "said" else ""
    if not text and item.attachments:
        text = item.attachments[0].name
    line = " ".join(text.partition("\n")[0].split())
    return line if len(line) <= _TITLE else line[: _TITLE - 1].rstrip() + "…"
