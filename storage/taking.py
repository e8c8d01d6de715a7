"""Taking: what waits in the inbox becomes user messages and one open reply."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from storage.conversations import Claim, Conversation, NewMessage, add_message
from storage.database import Statements
from storage.errors import ClaimLost
from storage.inbox import InboxItem, said, taken, waiting
from storage.reply_rows import ReplyRow, Taken, read
from storage.rows import columns, fill, now


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be answered: the question, the message that the answer will hang under, and on whose behalf."""

    question_id: int
    parent_id: int
    person_id: int | None
    model_override: str | None = None
    go_on_from: ReplyRow | None = None


async def take(tx: Statements, claim: Claim) -> Taken | None:
    """Take all that waits. Raises ClaimLost where the claim's fence is old."""
    conversation = await _hold(tx, claim)
    items = tuple(await waiting(tx, conversation.id))
    spoken = [item for item in items if item.kind == "said"]
    asked = await _say(tx, conversation, spoken) if spoken else await _again(tx, conversation, items)
    if asked is None:
        await _consume(tx, items, None)
        return None
    await tx.write("UPDATE conversations SET head_id = ? WHERE id = ?", asked.parent_id, conversation.id)
    reply = await _open(tx, claim, conversation, asked)
    await _consume(tx, items, reply.id)
    return Taken(reply, items, asked.question_id, asked.person_id, asked.model_override, asked.go_on_from)


async def retake(statements: Statements, reply: ReplyRow) -> Taken:
    """What an open reply was taken for, once more, so that its question can be answered afresh."""
    items = tuple(await taken(statements, reply.conversation_id, reply.id))
    wishes = [json.loads(item.payload) for item in items if item.kind == "again"]
    alone = len(wishes) == len(items)  # said items win over again items
    wish = wishes[-1] if wishes and alone else {}
    goes_on: list[ReplyRow] = []
    if reply.parent_id != reply.question_id:
        before = "conversation_id = ? AND message_id = ?"
        goes_on = await read(statements, before, reply.conversation_id, reply.parent_id)
    asker = items if alone else [item for item in items if item.kind == "said"]
    return Taken(
        reply,
        items,
        reply.question_id,
        asker[-1].person_id if asker else None,
        wish.get("model"),
        goes_on[0] if goes_on else None,
    )


async def _hold(tx: Statements, claim: Claim) -> Conversation:
    """Lock the conversation, which only the newest claim may."""
    rows = await tx.written(
        f"UPDATE conversations SET title = title WHERE id = ? AND fence = ? RETURNING {columns(Conversation)}",
        claim.conversation_id,
        claim.fence,
    )
    if not rows:
        raise ClaimLost(f"conversation {claim.conversation_id}, fence {claim.fence}")
    return fill(Conversation, rows[0])


async def _say(tx: Statements, conversation: Conversation, items: Sequence[InboxItem]) -> _Asked:
    """Chain what was said to the conversation's head; the last of it is the question."""
    head = conversation.head_id
    for item in items:
        message = NewMessage(
            conversation_id=conversation.id,
            parent_id=head,
            role="user",
            text=said(item.payload),
            created_at=item.sent_at or item.received_at,
            person_id=item.person_id,
            author_name=item.author_name,
            external_id=item.key,
        )
        head = await add_message(tx, message, conversation.workspace_id)
        if item.attachments:
            await tx.write("UPDATE attachments SET message_id = ? WHERE inbox_id = ?", head, item.id)
    assert head is not None
    return _Asked(head, head, items[-1].person_id)


async def _again(tx: Statements, conversation: Conversation, items: Sequence[InboxItem]) -> _Asked | None:
    """Answer an old question anew, or go on with its answer; None where there is nothing to do again."""
    if not items:
        return None
    wish = json.loads(items[-1].payload)
    named = wish.get("reply_id")
    if named is None:
        found = await read(tx, "conversation_id = ? ORDER BY id DESC LIMIT 1", conversation.id)
    else:
        found = await read(tx, "id = ? AND conversation_id = ?", named, conversation.id)
    if not found:
        return None
    old, goes_on = found[0], bool(wish.get("go_on")) and found[0].message_id is not None
    return _Asked(
        question_id=old.question_id,
        parent_id=old.message_id if goes_on and old.message_id is not None else old.question_id,
        person_id=items[-1].person_id,
        model_override=wish.get("model"),
        go_on_from=old if goes_on else None,
    )


async def _open(tx: Statements, claim: Claim, conversation: Conversation, asked: _Asked) -> ReplyRow:
    rows = await tx.written(
        "INSERT INTO replies (conversation_id, question_id, parent_id, place, process, fence, state, phase, text,"
        f" created_at) VALUES (?, ?, ?, ?, ?, ?, 'open', 'waiting', '', ?) RETURNING {columns(ReplyRow)}",
        conversation.id,
        asked.question_id,
        asked.parent_id,
        conversation.place,
        claim.process,
        claim.fence,
        now(),
    )
    return fill(ReplyRow, rows[0])


async def _consume(tx: Statements, items: Sequence[InboxItem], reply_id: int | None) -> None:
    for item in items:
        await tx.write("UPDATE inbox SET state = 'taken', reply_id = ? WHERE id = ?", reply_id, item.id)
