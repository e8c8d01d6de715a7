"""Forgetting: what was said in a conversation leaves the database; its numbers and its costs stay."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from storage.audit import record
from storage.database import Database, Row, Statements, first, marks
from storage.forks import FORKED
from storage.places import point
from storage.rows import moment, now
from storage.summaries import drop_below

_GONE = json.dumps({"text": ""})
# The conversations that go on from a message of this one, at whatever remove.
_FORKS = (
    "WITH RECURSIVE shared (id) AS (SELECT f.id FROM conversations f JOIN messages m ON m.id = f.parent_message_id"
    " WHERE m.conversation_id = ? AND f.id <> ? UNION SELECT f.id FROM conversations f"
    " JOIN messages m ON m.id = f.parent_message_id JOIN shared s ON m.conversation_id = s.id)"
    " SELECT id, title FROM conversations WHERE id IN (SELECT id FROM shared) AND deleted_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a conversation holds: its own messages and files, and the forks that share some of it."""

    messages: int = 0
    files: int = 0
    forks: int = 0


class Forgetting:
    """Deletes the text of conversations."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def extent(self, conversation_id: int) -> Extent:
        """What would be forgotten."""
        return await _extent(self._db, conversation_id)

    async def forget(self, conversation_id: int, by: int, instead: str) -> Extent | None:
        """Delete all text of a conversation and end it, all or nothing; None where an answer is still open in it.

        Gone are the texts of messages, replies, summaries and of what waits, the files, and in the web chat the posts;
        in a fork's first post ``instead`` stands for what it quoted. Messages that a fork shares go too, those that
        this one shares with what it comes from stay there. A conversation that is forgotten already is left so.
        Audited, without a word of it.
        """
        async with self._db.transaction() as tx:
            held = await tx.written(
                "UPDATE conversations SET title = title WHERE id = ? RETURNING place, title, created_at, deleted_at",
                conversation_id,
            )
            if not held or held[0]["deleted_at"] is not None:
                return Extent()
            open_ = "SELECT 1 FROM replies WHERE conversation_id = ? AND state = 'open'"
            if await tx.rows(open_, conversation_id):
                return None
            extent = await _extent(tx, conversation_id)
            await _wipe(tx, conversation_id)
            await _wipe_titles(tx, conversation_id, held[0]["title"])
            await _wipe_posts(tx, conversation_id, held[0], instead)
            await _end(tx, conversation_id, held[0]["place"])
            await record(tx, by, "forget", f"conversation:{conversation_id}", before=asdict(extent))
            return extent


async def _extent(statements: Statements, conversation_id: int) -> Extent:
    said = (
        "SELECT COUNT(*) AS n FROM messages WHERE conversation_id = ? AND withdrawn_at IS NULL AND text <> ''"
    )
    files = (
        "SELECT COUNT(*) AS n FROM attachments WHERE message_id IN (SELECT id FROM messages WHERE conversation_id = ?)"
        " OR inbox_id IN (SELECT id FROM inbox WHERE conversation_id = ?)"
    )
    return Extent(
        (await statements.rows(said, conversation_id))[0]["n"],
        (await statements.rows(files, conversation_id, conversation_id))[0]["n"],
        len(await statements.rows(_FORKS, conversation_id, conversation_id)),
    )


async def _wipe(tx: Statements, conversation_id: int) -> None:
    await drop_below(tx, "SELECT id FROM messages WHERE conversation_id = ?", conversation_id)
    await tx.write("DELETE FROM summaries WHERE conversation_id = ?", conversation_id)
    await tx.write(
        "DELETE FROM attachments WHERE message_id IN (SELECT id FROM messages WHERE conversation_id = ?)"
        " OR inbox_id IN (SELECT id FROM inbox WHERE conversation_id = ?)",
        conversation_id,
        conversation_id,
    )
    await tx.write(
        "UPDATE messages SET text = '', author_name = '', withdrawn_at = COALESCE(withdrawn_at, ?)"
        " WHERE conversation_id = ?",
        now(),
        conversation_id,
    )
    # The keys stay, so that a late delivery is not taken for something new.
    await tx.write(
        "UPDATE inbox SET payload = ?, state = 'withdrawn' WHERE conversation_id = ?", _GONE, conversation_id
    )
    await tx.write("UPDATE replies SET text = '', ended = NULL WHERE conversation_id = ?", conversation_id)


async def _wipe_titles(tx: Statements, conversation_id: int, title: str) -> None:
    """A fork that was named after the conversation is named after it no longer."""
    for fork in await tx.rows(_FORKS, conversation_id, conversation_id):
        if title and fork["title"] != (plain := fork["title"].removesuffix(title)):
            named = plain.strip(": ") if plain.startswith(FORKED) else plain
            await tx.write("UPDATE conversations SET title = ? WHERE id = ?", named, fork["id"])


async def _end(tx: Statements, conversation_id: int, place: str) -> None:
    """Take it out of its place and every list: what is said there next begins a new one."""
    await tx.write(
        "UPDATE conversations SET title = '', system = NULL, deleted_at = ? WHERE id = ?",
        now(),
        conversation_id,
    )
    current = "SELECT 1 FROM places WHERE place = ? AND current_conversation_id = ?"
    if await tx.rows(current, place, conversation_id):
        await point(tx, place, None)


async def _wipe_posts(tx: Statements, conversation_id: int, held: Row, instead: str) -> None:
    """Delete the web chat's posts of the conversation; posts are there for no other platform."""
    place = held["place"]
    posts = await tx.rows(
        "SELECT id, key, created_at FROM posts WHERE place = ? AND deleted_at IS NULL", place
    )
    if posts:
        gone = await _posts_of(tx, conversation_id, posts, place, moment(held["created_at"]))
        await tx.write(
            f"UPDATE posts SET view = ?, deleted_at = ? WHERE id IN ({marks(gone)})", "", now(), *gone
        )
    quoting = await tx.rows(
        "SELECT p.id, p.view FROM posts p JOIN forks f ON f.place = p.place AND f.opening = CAST(p.id AS TEXT)"
        " JOIN messages m ON m.id = f.message_id WHERE m.conversation_id = ? AND p.deleted_at IS NULL",
        conversation_id,
    )
    for post in quoting:
        view = json.dumps({**json.loads(post["view"]), "text": instead})
        await tx.write("UPDATE posts SET view = ? WHERE id = ?", view, post["id"])


async def _posts_of(
    tx: Statements, conversation_id: int, posts: Collection[Row], place: str, begun: datetime
) -> list[int]:
    """Its questions and answers by their keys; and of what has none (commands and what they said) all of its time."""
    keys = await tx.rows(
        "SELECT conversation_id, key FROM inbox WHERE place = ? UNION ALL SELECT r.conversation_id, p.key"
        " FROM pages p JOIN replies r ON r.id = p.reply_id WHERE r.place = ?",
        place,
        place,
    )
    owner = {row["key"].partition("#")[2] or row["key"]: row["conversation_id"] for row in keys}
    row = first(
        await tx.rows(
            "SELECT MIN(created_at) AS at FROM conversations WHERE place = ? AND id > ?",
            place,
            conversation_id,
        )
    )
    until = None if row is None or row["at"] is None else moment(row["at"])
    earlier = await tx.rows("SELECT 1 FROM conversations WHERE place = ? AND id < ?", place, conversation_id)

    def its(post: Row) -> bool:
        if post["key"] in owner:
            return bool(owner[post["key"]] == conversation_id)
        at = moment(post["created_at"])
        return (at >= begun or not earlier) and (until is None or at < until)

    return [post["id"] for post in posts if its(post)]
