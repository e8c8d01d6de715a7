"""Second thoughts: a message that was received gets another text, or is taken back.

Both begin by locking the conversation, as taking does: what is still waiting is changed before it is taken, or the
message made from it afterwards, never in between.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.database import Row, Statements
from storage.rows import now
from storage.summaries import drop_below
from storage.titles import headline

_BURST = timedelta(minutes=5)  # in which several edits are one


@dataclass(frozen=True, slots=True)
class Offer:
    """A reply whose question was edited since, and may be answered again; ``at`` is when that was noticed."""

    reply_id: int
    place: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Amended:
    """What was edited: its conversation, and the reply to offer another answer for."""

    conversation_id: int
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was taken back: its conversation, and the open replies that have nothing left to answer."""

    conversation_id: int
    stopped: tuple[int, ...] = ()


async def amend(tx: Statements, key: str, text: str) -> Amended | None:
    """Give a said item, and the message made from it, another text; None where there is no such item.

    Open replies to it learn that it reads otherwise. Where the last reply of its conversation was to it, and is sealed,
    another answer may be offered, once in a while.
    """
    item = await _locked(tx, key)
    if item is None:
        return None
    before = json.loads(item["payload"])
    if item["state"] == "withdrawn" or before.get("text") == text:
        return Amended(item["conversation_id"])
    payload = json.dumps({**before, "text": text})
    await tx.write("UPDATE inbox SET payload = ? WHERE id = ?", payload, item["id"])
    made = await tx.written(
        "UPDATE messages SET text = ? WHERE external_id = ? AND conversation_id = ? RETURNING id",
        text,
        key,
        item["conversation_id"],
    )
    await _retitle(tx, item, headline(text))
    await _unsummarise(tx, [row["id"] for row in made])
    return Amended(item["conversation_id"], await _offered(tx, item) if made else None)


async def withdraw(tx: Statements, key: str) -> Withdrawn | None:
    """Empty a said item and the message made from it; its key stays. None where there is no such item.

    An open reply that answers nothing else is asked to stop.
    """
    item = await _locked(tx, key)
    if item is None:
        return None
    state = "withdrawn"
    payload = json.dumps({"text": ""})
    await tx.write("UPDATE inbox SET payload = ?, state = ? WHERE id = ?", payload, state, item["id"])
    await tx.write("DELETE FROM attachments WHERE inbox_id = ?", item["id"])
    made = await tx.written(
        "UPDATE messages SET text = '', withdrawn_at = ? WHERE external_id = ? AND conversation_id = ? RETURNING id",
        now(),
        key,
        item["conversation_id"],
    )
    await _retitle(tx, item, "")
    messages = [row["id"] for row in made]
    await _unsummarise(tx, messages)
    return Withdrawn(item["conversation_id"], await _stop(tx, item, messages))


async def _unsummarise(tx: Statements, message_ids: list[int]) -> None:
    """No summary says any longer what a message said before."""
    for message_id in message_ids:
        await drop_below(tx, "SELECT id FROM messages WHERE id = ?", message_id)


async def _offered(tx: Statements, item: Row) -> Offer | None:
    """Note an edit of what was taken, and whether another answer is to be offered for it now."""
    same = "conversation_id = ? AND (id = ? OR question_id = (SELECT r.question_id FROM replies r WHERE r.id = ?))"
    its = (item["conversation_id"], item["reply_id"], item["reply_id"])
    if await tx.write(f"UPDATE replies SET amended = amended + 1 WHERE state = 'open' AND {same}", *its):
        return None
    at = now()
    rows = await tx.written(
        f"UPDATE replies SET offered_at = ? WHERE {same} AND (offered_at IS NULL OR offered_at < ?)"
        " AND id = (SELECT MAX(r.id) FROM replies r WHERE r.conversation_id = ?) RETURNING id, place",
        at,
        *its,
        at - _BURST,
        item["conversation_id"],
    )
    return Offer(rows[0]["id"], rows[0]["place"], at) if rows else None


async def _locked(tx: Statements, key: str) -> Row | None:
    """The said item of a key, its conversation locked first."""
    held = await tx.written(
        "UPDATE conversations SET title = title"
        " WHERE id = (SELECT conversation_id FROM inbox WHERE key = ? AND kind = 'said') RETURNING title",
        key,
    )
    if not held:
        return None
    return (
        await tx.rows("SELECT id, conversation_id, payload, state, reply_id FROM inbox WHERE key = ?", key)
    )[0]


async def _retitle(tx: Statements, item: Row, title: str) -> None:
    """A conversation that was named after the message is named after it no longer."""
    before = headline(str(json.loads(item["payload"]).get("text", "")))
    if before:
        await tx.write(
            "UPDATE conversations SET title = ? WHERE id = ? AND title = ?",
            title,
            item["conversation_id"],
            before,
        )


async def _stop(tx: Statements, item: Row, message_ids: list[int]) -> tuple[int, ...]:
    """Stop the open replies to a message that is no more, unless they were opened for others too."""
    stopped = await tx.written(
        "UPDATE replies SET stop_requested = ? WHERE state = 'open' AND conversation_id = ?"
        " AND (id = ? OR question_id = ?) AND NOT EXISTS (SELECT 1 FROM inbox WHERE conversation_id = ?"
        " AND reply_id = replies.id AND kind = 'said' AND state = 'taken') RETURNING id",
        True,
        item["conversation_id"],
        item["reply_id"],
        message_ids[0] if message_ids else None,
        item["conversation_id"],
    )
    return tuple(row["id"] for row in stopped)
