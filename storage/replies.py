"""Replies: the durable record of a message that is growing, with its pages and its journal. All under the fence."""

from __future__ import annotations

from storage.conversations import Claim
from storage.database import Database, Value
from storage.errors import ClaimLost
from storage.following import plain
from storage.inbox import waiting
from storage.ledger import Settlement
from storage.notices import NewNotice
from storage.reply_rows import PageRow, ReplyRow, SealedMessage, Taken, read, with_pages
from storage.rows import columns
from storage.sealing import seal
from storage.taking import retake, take

__all__ = ["PageRow", "Replies", "ReplyRow", "SealedMessage", "Taken"]


# A write that was under way when the answer ended may arrive after the end: it must not take the rest away again.
_JOURNAL = (
    "UPDATE replies SET text = CASE WHEN phase = 'ended' THEN text ELSE ? END, shown = ?,"
    " phase = CASE WHEN phase = 'ended' THEN phase ELSE ? END"
    " WHERE id = ? AND fence = ? AND state = 'open'"
    " RETURNING stop_requested"
)


class Replies:
    """Every reply. What takes a claim raises ClaimLost where its fence is old, and then writes nothing."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def take(self, claim: Claim) -> Taken | None:
        """Turn what waits into user messages and open one reply to them; None where nothing waits.

        Said items win over again items; an again item alone makes a retry of the reply it names (None: the last),
        under the same question, and is passed over where there is nothing to do again.
        """
        if not await waiting(self._db, claim.conversation_id):
            return None
        async with self._db.transaction() as tx:
            return await take(tx, claim)

    async def adopt(self, claim: Claim, reply_id: int) -> ReplyRow:
        """Move an open reply of the claim's conversation to the claim's process and fence; the row as it now stands."""
        async with self._db.transaction() as tx:
            rows = await tx.written(
                "UPDATE replies SET process = ?, fence = ? WHERE id = ? AND state = 'open' AND fence <= ?"
                " AND EXISTS (SELECT 1 FROM conversations c WHERE c.id = replies.conversation_id AND c.fence = ?)"
                f" RETURNING {columns(ReplyRow)}",
                claim.process,
                claim.fence,
                reply_id,
                claim.fence,
                claim.fence,
            )
            if not rows:
                raise _lost(claim, reply_id)
            return (await with_pages(tx, rows))[0]

    async def retake(self, claim: Claim, reply_id: int) -> Taken:
        """What an adopted reply was opened for, so that a question nobody has seen answered is answered afresh.

        Raises ClaimLost where the reply is not the claim's, or is sealed.
        """
        found = await read(self._db, "id = ? AND fence = ? AND state = 'open'", reply_id, claim.fence)
        if not found:
            raise _lost(claim, reply_id)
        return await retake(self._db, found[0])

    async def begin(
        self, claim: Claim, reply_id: int, *, model: str, reason: str, reservation_id: int, attempt: int
    ) -> None:
        """Note which model is about to be asked, why, and on which reservation."""
        await self._write(
            claim,
            reply_id,
            "model = ?, reason = ?, reservation_id = ?, attempt = ?",
            model,
            reason,
            reservation_id,
            attempt,
        )

    async def journal(self, claim: Claim, reply_id: int, text: str, shown: int, *, phase: str) -> bool:
        """Keep the text so far and how much of it is shown. One statement; whether somebody asked to stop.

        A reply that has ended stays so: the writes that show its last text do not make it grow again.
        """
        rows = await self._db.written(_JOURNAL, text, shown, phase, reply_id, claim.fence)
        if not rows:
            raise _lost(claim, reply_id)
        return bool(rows[0]["stop_requested"])

    async def intend_page(  # noqa: PLR0917 - in the order of its only caller, the reply's journal
        self, claim: Claim, reply_id: int, number: int, key: str, start: int, text: str, shown: int
    ) -> bool:
        """The journal's write and, in the same transaction, a page about to be posted under ``key``.

        Whether somebody asked to stop. Intending the same key again is no error.
        """
        async with self._db.transaction() as tx:
            rows = await tx.written(_JOURNAL, text, shown, "growing", reply_id, claim.fence)
            if not rows:
                raise _lost(claim, reply_id)
            await tx.write(
                "INSERT INTO pages (reply_id, number, key, state, start) VALUES (?, ?, ?, 'intended', ?)"
                " ON CONFLICT (reply_id, number) DO UPDATE"
                " SET key = excluded.key, start = excluded.start, state = 'intended', message_id = NULL"
                " WHERE pages.key <> excluded.key",
                reply_id,
                number,
                key,
                start,
            )
            return bool(rows[0]["stop_requested"])

    async def page_sent(self, claim: Claim, key: str, message_id: str) -> None:
        """The platform took a page, and this is its id."""
        await self._write_page(
            claim,
            key,
            "message_id = ?, state = CASE WHEN state = 'intended' THEN 'sent' ELSE state END",
            message_id,
        )

    async def page_sealed(self, claim: Claim, key: str) -> None:
        """A page shows its last text."""
        await self._write_page(claim, key, "state = 'sealed'")

    async def end(self, claim: Claim, reply_id: int, text: str, ended: str, outcome: str) -> None:
        """The provider is done: keep all the text and the JSON of how it ended; phase "ended"."""
        await self._write(
            claim, reply_id, "text = ?, ended = ?, outcome = ?, phase = 'ended'", text, ended, outcome
        )

    async def seal(
        self,
        claim: Claim,
        reply_id: int,
        *,
        message: SealedMessage,
        settlement: Settlement | None = None,
        notices: tuple[NewNotice, ...] = (),
    ) -> int:
        """Write the answer's message, its ledger entry, settlement and notices, and seal the reply, all or nothing.

        The id of the message. It becomes the conversation's head unless it was refused or failed without a text.
        Sealing again under the same claim changes nothing and returns the same id.
        """
        async with self._db.transaction() as tx:
            return await seal(tx, claim, reply_id, message=message, settlement=settlement, notices=notices)

    async def open_of(self, conversation_id: int) -> list[ReplyRow]:
        """The open replies of a conversation with their pages, the oldest first."""
        return await read(self._db, "conversation_id = ? AND state = 'open' ORDER BY id", conversation_id)

    async def get(self, reply_id: int) -> ReplyRow | None:
        """A reply with its pages."""
        found = await read(self._db, "id = ?", reply_id)
        return found[0] if found else None

    async def last(self, conversation_id: int) -> ReplyRow | None:
        """The newest reply of a conversation with its pages."""
        found = await read(self._db, "conversation_id = ? ORDER BY id DESC LIMIT 1", conversation_id)
        return found[0] if found else None

    async def amended(self, reply_id: int) -> int:
        """How often what a reply answers was edited while the reply was open."""
        rows = await self._db.rows("SELECT amended FROM replies WHERE id = ?", reply_id)
        return int(rows[0]["amended"]) if rows else 0

    async def showing(self, within: str, message_id: str) -> ReplyRow | None:
        """The reply that a platform's message shows a page of; ``within`` is the place or a wider one."""
        found = await read(
            self._db,
            "id IN (SELECT reply_id FROM pages WHERE message_id = ?)"
            " AND (place = ? OR place LIKE ? ESCAPE '!') ORDER BY id DESC LIMIT 1",
            message_id,
            within,
            f"{plain(within)}/%",
        )
        return found[0] if found else None

    async def request_stop(self, conversation_id: int) -> int:
        """Ask the open replies of a conversation to stop, wherever they grow; how many there are."""
        return await self._db.write(
            "UPDATE replies SET stop_requested = ? WHERE conversation_id = ? AND state = 'open'",
            True,
            conversation_id,
        )

    async def stops(self, process: str) -> list[int]:
        """The open replies of a process that somebody asked to stop."""
        rows = await self._db.rows(
            "SELECT id FROM replies WHERE state = 'open' AND process = ? AND stop_requested ORDER BY id",
            process,
        )
        return [row["id"] for row in rows]

    async def _write(self, claim: Claim, reply_id: int, changes: str, *values: Value) -> None:
        changed = await self._db.write(
            f"UPDATE replies SET {changes} WHERE id = ? AND fence = ? AND state = 'open'",
            *values,
            reply_id,
            claim.fence,
        )
        if not changed:
            raise _lost(claim, reply_id)

    async def _write_page(self, claim: Claim, key: str, changes: str, *values: Value) -> None:
        changed = await self._db.write(
            f"UPDATE pages SET {changes} WHERE key = ?"
            " AND reply_id IN (SELECT id FROM replies WHERE conversation_id = ? AND fence = ?)",
            *values,
            key,
            claim.conversation_id,
            claim.fence,
        )
        if not changed:
            raise ClaimLost(f"page {key}, fence {claim.fence}")


def _lost(claim: Claim, reply_id: int) -> ClaimLost:
    return ClaimLost(f"reply {reply_id} of conversation {claim.conversation_id}, fence {claim.fence}")
