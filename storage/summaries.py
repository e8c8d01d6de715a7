"""Summaries: what stands, for models, in the place of the oldest part of a conversation.

A summary hangs on the last message that it covers, so every branch that leads through that message has it. One that is
being made has no text; whatever changes a message beneath it deletes it, and then it is not kept any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Database, Statements, marks
from storage.entries import Settlement
from storage.rows import columns, fill, now
from storage.settling import settle

_GIVEN_UP = timedelta(minutes=5)  # after which whoever began to make one is taken for dead


@dataclass(frozen=True, slots=True)
class Summary:
    """It stands for ``covers`` messages, of which ``message_id`` is the last. ``person_id`` asked for it."""

    id: int
    message_id: int
    conversation_id: int
    covers: int
    text: str
    model: str | None
    person_id: int | None
    created_at: datetime


class Summaries:
    """Every summary."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, branch: Sequence[int]) -> Summary | None:
        """The one that covers the most of a branch, given as the ids of its messages, the first said first."""
        rows = await self._db.rows(
            f"SELECT {columns(Summary)} FROM summaries WHERE text IS NOT NULL AND message_id IN ({marks(branch)})",
            *branch,
        )
        found = {row["message_id"]: row for row in rows}
        last = next((one for one in reversed(branch) if one in found), None)
        return None if last is None else fill(Summary, found[last])

    async def begin(self, message_id: int, conversation_id: int, covers: int, person_id: int) -> bool:
        """Note that one is being made up to a message; false where there is one, or somebody makes it just now."""
        changed = await self._db.write(
            "INSERT INTO summaries (message_id, conversation_id, covers, person_id, created_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (message_id) DO UPDATE SET covers = excluded.covers, person_id = excluded.person_id,"
            " created_at = excluded.created_at WHERE summaries.text IS NULL AND summaries.created_at < ?",
            message_id,
            conversation_id,
            covers,
            person_id,
            now(),
            now() - _GIVEN_UP,
        )
        return bool(changed)

    async def keep(self, message_id: int, text: str, model: str, settlement: Settlement | None) -> bool:
        """Keep the text of one that was begun, and settle its call, in one step; false where it was dropped since.

        The call is settled in any case.
        """
        async with self._db.transaction() as tx:
            changed = await tx.write(
                "UPDATE summaries SET text = ?, model = ? WHERE message_id = ? AND text IS NULL",
                text,
                model,
                message_id,
            )
            if settlement is not None:
                await settle(tx, settlement)
            return bool(changed)

    async def drop(self, message_id: int) -> None:
        """One that was begun comes to nothing."""
        await self._db.write("DELETE FROM summaries WHERE message_id = ? AND text IS NULL", message_id)


async def drop_below(tx: Statements, which: str, *values: int) -> None:
    """Delete the summaries that cover one of the messages that a SELECT names: those made at it or further down."""
    await tx.write(
        f"WITH RECURSIVE below (id) AS ({which} UNION SELECT m.id FROM messages m JOIN below b ON m.parent_id = b.id)"
        " DELETE FROM summaries WHERE message_id IN (SELECT id FROM below)",
        *values,
    )
