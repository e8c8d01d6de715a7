"""Conversations, their messages as a tree, and the claim that makes one process their only writer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from storage.audit import record
from storage.database import Database, Statements, marks
from storage.periods import day_of
from storage.places import channel_of, enter, point, workspace_of, zone_of
from storage.rows import columns, fill, now
from storage.settings import use_up

NEXT = "model.next"  # the setting's key, at ``next_scope``
_EVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write in a conversation, until somebody claims it with a higher fence."""

    conversation_id: int
    process: str
    fence: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation. ``cost`` is nano-dollars so far, ``unpriced`` counts the answers whose price nobody knows."""

    id: int
    place: str
    workspace_id: str
    title: str
    current_model: str | None
    agent_id: int | None
    system: str | None
    head_id: int | None
    parent_message_id: int | None
    person_id: int | None
    cost: int
    unpriced: int
    owner: str | None
    fence: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. ``outcome`` is set on answers; ``cost`` is nano-dollars, None where unpriced or not an answer.

    ``withdrawn_at``: the person took it back, and with it its text and files.
    """

    id: int
    conversation_id: int
    parent_id: int | None
    role: str
    person_id: int | None
    author_name: str
    external_id: str | None
    text: str
    model: str | None
    reason: str | None
    outcome: str | None
    input_tokens: int
    output_tokens: int
    cost: int | None
    latency_ms: int | None
    first_token_ms: int | None
    created_at: datetime
    day: str
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A turn to be added."""

    conversation_id: int
    parent_id: int | None
    role: str
    text: str
    created_at: datetime
    person_id: int | None = None
    author_name: str = ""
    external_id: str | None = None
    model: str | None = None
    reason: str | None = None
    outcome: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int | None = None
    latency_ms: int | None = None
    first_token_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message, with its bytes. ``state`` is "kept"; "promised" or "refused" have none.

    ``note`` says why a file that is not here could not be had. A document that was read has its text as ``content``,
    ``extent`` says how much of it that is, and no ``data``.
    """

    id: int
    message_id: int
    name: str
    media_type: str
    size: int
    data: bytes
    created_at: datetime
    state: str = "kept"
    note: str | None = None
    content: str | None = None
    extent: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation as a list shows it."""

    id: int
    place: str
    title: str
    updated_at: datetime


# The bytes of a document that was read stay in the database: its text is what is needed of it.
_FILE = columns(Attachment).replace(" data,", " CASE WHEN content IS NULL THEN data ELSE ? END AS data,")


class Conversations:
    """Every conversation."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def claim(self, conversation_id: int, process: str, dead: Collection[str] = ()) -> Claim | None:
        """Become the owner of a conversation that nobody owns, or whose owner is among the dead; else None.

        To go on with a conversation after a failure of its own, a process names itself among the dead.
        """
        rows = await self._db.written(
            "UPDATE conversations SET owner = ?, fence = fence + 1"
            f" WHERE id = ? AND (owner IS NULL OR owner IN ({marks(dead)})) RETURNING fence",
            process,
            conversation_id,
            *dead,
        )
        return Claim(conversation_id, process, rows[0]["fence"]) if rows else None

    async def release(self, claim: Claim) -> None:
        """Give a claim back; one that is lost already is left as it is."""
        await self._db.write(
            "UPDATE conversations SET owner = NULL WHERE id = ? AND fence = ?",
            claim.conversation_id,
            claim.fence,
        )

    async def get(self, conversation_id: int) -> Conversation:
        """The conversation, deleted or not. Raises LookupError where there is none."""
        rows = await self._db.rows(
            f"SELECT {columns(Conversation)} FROM conversations WHERE id = ?", conversation_id
        )
        if not rows:
            raise LookupError(f"no conversation {conversation_id}")
        return fill(Conversation, rows[0])

    async def current(self, place: str) -> Conversation | None:
        """The conversation that a place is in."""
        rows = await self._db.rows(
            f"SELECT {columns(Conversation, 'c')} FROM places p"
            " JOIN conversations c ON c.id = p.current_conversation_id WHERE p.place = ?",
            place,
        )
        return fill(Conversation, rows[0]) if rows else None

    async def start_new(self, place: str, person_id: int | None = None) -> Conversation:
        """An empty conversation, from now on the place's current one; nothing of the old one is carried over."""
        async with self._db.transaction() as tx:
            await enter(tx, place, workspace_of(place))
            return await open_conversation(tx, place, workspace_of(place), person_id)

    async def branch(self, message_id: int) -> list[Message]:
        """The messages that lead to this one, the first said first, this one last."""
        rows = await self._db.rows(
            "WITH RECURSIVE branch (id, parent_id, depth) AS ("
            "SELECT id, parent_id, 0 FROM messages WHERE id = ? UNION ALL "
            "SELECT m.id, m.parent_id, b.depth + 1 FROM messages m JOIN branch b ON m.id = b.parent_id) "
            f"SELECT {columns(Message, 'm')} FROM branch b JOIN messages m ON m.id = b.id ORDER BY b.depth DESC",
            message_id,
        )
        return [fill(Message, row) for row in rows]

    async def attachments(self, message_ids: Collection[int]) -> dict[int, list[Attachment]]:
        """The files of messages, by message; a message without files is not in it."""
        rows = await self._db.rows(
            f"SELECT {_FILE} FROM attachments WHERE message_id IN ({marks(message_ids)}) ORDER BY id",
            b"",
            *message_ids,
        )
        found: dict[int, list[Attachment]] = {}
        for row in rows:
            found.setdefault(row["message_id"], []).append(fill(Attachment, row))
        return found

    async def set_model(self, conversation_id: int, model: str | None, by: int | None = None) -> None:
        """Set the model of this conversation, None for none of its own. Audited; ``by`` is the person."""
        async with self._db.transaction() as tx:
            before = await _lock(tx, conversation_id)
            await tx.write("UPDATE conversations SET current_model = ? WHERE id = ?", model, conversation_id)
            subject = f"conversation:{conversation_id}"
            await record(tx, by, "set model", subject, before=before.current_model, after=model)

    async def set_agent(self, conversation_id: int, agent_id: int | None, by: int | None = None) -> None:
        """Let an agent answer in this conversation, None for none. Audited."""
        async with self._db.transaction() as tx:
            before = await _lock(tx, conversation_id)
            await tx.write("UPDATE conversations SET agent_id = ? WHERE id = ?", agent_id, conversation_id)
            subject = f"conversation:{conversation_id}"
            await record(tx, by, "set agent", subject, before=before.agent_id, after=agent_id)

    async def set_system(self, conversation_id: int, text: str | None, by: int | None = None) -> None:
        """Give this conversation a system text of its own, None for none. Audited, by its length alone."""
        async with self._db.transaction() as tx:
            before = await _lock(tx, conversation_id)
            await tx.write("UPDATE conversations SET system = ? WHERE id = ?", text, conversation_id)
            was, now_ = ({"characters": len(one)} if one else None for one in (before.system, text))
            await record(tx, by, "set system", f"conversation:{conversation_id}", before=was, after=now_)

    async def rename(self, conversation_id: int, title: str) -> None:
        """Give a conversation a title."""
        await self._db.write("UPDATE conversations SET title = ? WHERE id = ?", title, conversation_id)

    async def delete(self, conversation_id: int, by: int | None = None) -> None:
        """Take a conversation out of every list; its ledger entries stay. Audited."""
        async with self._db.transaction() as tx:
            conversation = await _lock(tx, conversation_id)
            await tx.write("UPDATE conversations SET deleted_at = ? WHERE id = ?", now(), conversation_id)
            await tx.write(
                "UPDATE places SET current_conversation_id = NULL WHERE place = ? AND current_conversation_id = ?",
                conversation.place,
                conversation_id,
            )
            await record(
                tx, by, "delete", f"conversation:{conversation_id}", before={"title": conversation.title}
            )

    async def any(self) -> bool:
        """Whether anything was ever said."""
        return bool(await self._db.rows("SELECT 1 FROM conversations LIMIT 1"))

    async def list_for_person(
        self, person_id: int, platform: str, limit: int, before: datetime | None = None
    ) -> list[Listed]:
        """The conversations a person started on a platform, the last used first.

        ``before`` is the ``updated_at`` of an earlier page's last one, to go on from there.
        """
        rows = await self._db.rows(
            f"SELECT {columns(Listed)} FROM conversations WHERE person_id = ? AND updated_at < ?"
            " AND deleted_at IS NULL AND place LIKE ? ORDER BY updated_at DESC LIMIT ?",
            person_id,
            before or _EVER,
            f"{platform}:%",
            limit,
        )
        return [fill(Listed, row) for row in rows]


def next_scope(person_id: int, place: str) -> str:
    """The settings scope of what a person chose for the next conversation that they start in a place's channel."""
    return f"person:{person_id}@{channel_of(place)}"


async def open_conversation(
    tx: Statements, place: str, workspace_id: str, person_id: int | None, title: str = ""
) -> Conversation:
    """A new conversation, made the current one of a place that is entered already.

    Whoever chose a model for the next one they start in this channel gets it here.
    """
    at = now()
    awaited = None
    if person_id is not None:
        awaited = await use_up(tx, next_scope(person_id, place), NEXT, person_id)
    rows = await tx.written(
        "INSERT INTO conversations (place, workspace_id, person_id, title, current_model, created_at, updated_at)"
        f" VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING {columns(Conversation)}",
        place,
        workspace_id,
        person_id,
        title,
        awaited,
        at,
        at,
    )
    conversation = fill(Conversation, rows[0])
    await point(tx, place, conversation.id)
    return conversation


async def add_message(tx: Statements, message: NewMessage, workspace_id: str) -> int:
    """Add a turn, dated in its workspace's time zone; its id. The head is the caller's business."""
    values = {field.name: getattr(message, field.name) for field in fields(message)}
    values["day"] = day_of(message.created_at, await zone_of(tx, workspace_id))
    rows = await tx.written(
        f"INSERT INTO messages ({', '.join(values)}) VALUES ({marks(values)}) RETURNING id", *values.values()
    )
    message_id: int = rows[0]["id"]
    return message_id


async def _lock(tx: Statements, conversation_id: int) -> Conversation:
    """The conversation, nobody else changing it until the transaction ends."""
    rows = await tx.written(
        f"UPDATE conversations SET title = title WHERE id = ? RETURNING {columns(Conversation)}",
        conversation_id,
    )
    if not rows:
        raise LookupError(f"no conversation {conversation_id}")
    return fill(Conversation, rows[0])
