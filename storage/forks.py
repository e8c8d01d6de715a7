"""Forks: conversations that go on elsewhere from a message. A fork shares what led to it, and copies nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.audit import record
from storage.conversations import Conversation, open_conversation
from storage.database import Database, Statements, first
from storage.following import message_named
from storage.places import enter, workspace_of
from storage.rows import columns, fill, now

FORKED = "Fork: "  # before the title of the conversation that it comes from


@dataclass(frozen=True, slots=True)
class NewFork:
    """A fork that is wanted, once per ``key``: of what led to a message, asked for at a place. ``process`` makes it."""

    key: str
    message_id: int
    origin: str
    person_id: int | None
    process: str
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Fork(NewFork):
    """A fork. ``place``, ``opening`` and ``conversation_id`` are None until it is made.

    ``opening`` is the platform's id of our first message at the place; ``model`` the one it is to begin with, None for
    that of the conversation it comes from.
    """

    id: int = 0
    place: str | None = None
    opening: str | None = None
    conversation_id: int | None = None
    created_at: datetime | None = None


class Forks:
    """Every fork."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def begin(self, new: NewFork) -> tuple[Fork, bool]:
        """Note that a fork is wanted, and whether that is news; where its key is known, how far that one has come."""
        rows = await self._db.written(
            "INSERT INTO forks (key, message_id, origin, person_id, process, model, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
            f" ON CONFLICT (key) DO NOTHING RETURNING {columns(Fork)}",
            new.key,
            new.message_id,
            new.origin,
            new.person_id,
            new.process,
            new.model,
            now(),
        )
        if rows:
            return fill(Fork, rows[0]), True
        rows = await self._db.rows(f"SELECT {columns(Fork)} FROM forks WHERE key = ?", new.key)
        return fill(Fork, rows[0]), False

    async def take_over(self, fork: Fork, process: str) -> bool:
        """Make a fork that another process, dead by now, has begun; false where somebody else does so already."""
        changed = await self._db.write(
            "UPDATE forks SET process = ? WHERE id = ? AND process = ?", process, fork.id, fork.process
        )
        return bool(changed)

    async def finish(self, key: str, place: str, opening: str) -> Fork:
        """Open the fork's conversation at a place, make it the current one there, and note our first message in it.

        It has the model, the agent and the instructions of the one it comes from, and the fork's own model before
        those. A fork that is made already is left as it is. Audited.
        """
        async with self._db.transaction() as tx:
            # The row is locked from here on: of two that finish one fork the second finds it made.
            fork = fill(
                Fork,
                (
                    await tx.written(
                        f"UPDATE forks SET key = key WHERE key = ? RETURNING {columns(Fork)}", key
                    )
                )[0],
            )
            if fork.conversation_id is not None:
                return fork
            conversation_id = await _open(tx, fork, place)
            rows = await tx.written(
                "UPDATE forks SET place = ?, opening = ?, conversation_id = ? WHERE id = ?"
                f" RETURNING {columns(Fork)}",
                place,
                opening,
                conversation_id,
                fork.id,
            )
            about = {"message": fork.message_id, "place": place}
            await record(tx, fork.person_id, "fork", f"conversation:{conversation_id}", after=about)
            return fill(Fork, rows[0])

    async def at(self, place: str) -> Fork | None:
        """The fork that a place began with."""
        sql = f"SELECT {columns(Fork)} FROM forks WHERE place = ? ORDER BY id LIMIT 1"
        row = first(await self._db.rows(sql, place))
        return None if row is None else fill(Fork, row)

    async def message(self, place: str, key: str, page: str) -> int | None:
        """The message of a place that came under an inbox key, or that a reply's page shows; None where neither is.

        For an answer that was refused, or failed without a text, the question it was given to.
        """
        return await message_named(self._db, place, key, page)


async def _open(tx: Statements, fork: Fork, place: str) -> int:
    """The fork's conversation: a new one, or that of somebody who spoke there before it was made."""
    rows = await tx.rows(
        f"SELECT {columns(Conversation, 'c')} FROM conversations c JOIN messages m ON m.conversation_id = c.id"
        " WHERE m.id = ?",
        fork.message_id,
    )
    origin = fill(Conversation, rows[0])
    current = await enter(tx, place, workspace_of(place))
    opened = None if current is None else await _branch_off(tx, current, fork, origin, "head_id IS NULL")
    if opened is not None:
        return opened
    title = f"{FORKED}{origin.title}" if origin.title else ""
    new = await open_conversation(tx, place, workspace_of(place), fork.person_id, title)
    opened = await _branch_off(tx, new.id, fork, origin, "1 = 1")
    assert opened is not None
    return opened


async def _branch_off(
    tx: Statements, conversation_id: int, fork: Fork, origin: Conversation, where: str
) -> int | None:
    """Let a conversation go on from the fork's message, where a condition is true of it; its id then."""
    rows = await tx.written(
        "UPDATE conversations SET head_id = ?, parent_message_id = ?, current_model = ?, agent_id = ?, system = ?"
        f" WHERE id = ? AND {where} RETURNING id",
        fork.message_id,
        fork.message_id,
        fork.model or origin.current_model,
        origin.agent_id,
        origin.system,
        conversation_id,
    )
    row = first(rows)
    return None if row is None else row["id"]
