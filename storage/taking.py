"""Taking: what waits in the inbox becomes user messages and one open reply."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from storage.conversations import Claim, Conversation, NewMessage, add_message
from storage.database import Statements
from storage.errors import ClaimLost
from storage.following import message_followed
from storage.inbox import InboxItem, overheard, said, taken, waiting
from storage.reply_rows import ReplyRow, Taken, read
from storage.rows import columns, fill, now


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be answered: the question, the message that the answer will hang under, and on whose behalf."""

    question_id: int
    parent_id: int
    person_id: int | None
    model_override: str | None = None
    anyway: bool = False


async def take(tx: Statements, claim: Claim) -> Taken | None:
    """Take what waits, as far as one answer is to all of it. Raises ClaimLost where the claim's fence is old."""
    conversation = await _hold(tx, claim)
    items = tuple(await waiting(tx, conversation.id))
    asked: _Asked | None
    if any(item.kind == "said" for item in items):
        asked, items = await _say(tx, conversation, items)
    else:
        asked = await _again(tx, conversation, items)
    if asked is None:
        await _consume(tx, items, None)
        return None
    await tx.write("UPDATE conversations SET head_id = ? WHERE id = ?", asked.parent_id, conversation.id)
    reply = await _open(tx, claim, conversation, asked)
    await _consume(tx, items, reply.id)
    return Taken(reply, items, asked.question_id, asked.person_id, asked.model_override, asked.anyway)


async def retake(statements: Statements, reply: ReplyRow) -> Taken:
    """What an open reply was taken for, once more, so that its question can be answered afresh."""
    items = tuple(await taken(statements, reply.conversation_id, reply.id))
    wishes = [json.loads(item.payload) for item in items if item.kind == "again"]
    alone = len(wishes) == len(items)  # said items win over again items
    wish = wishes[-1] if wishes and alone else {}
    asker = items if alone else [item for item in items if item.kind == "said"]
    return Taken(
        reply,
        items,
        reply.question_id,
        asker[-1].person_id if asker else None,
        wish.get("model"),
        bool(wish.get("anyway")),
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


async def _say(
    tx: Statements, conversation: Conversation, items: Sequence[InboxItem]
) -> tuple[_Asked, tuple[InboxItem, ...]]:
    """Chain what was said to the conversation's head, or to what it follows; the last of it is the question.

    Also which items that took: from the first on that follows something else, they wait for an answer of their own.
    """
    head, question, count = conversation.head_id, None, 0
    for item in items:
        if item.kind == "said":
            follows = await message_followed(tx, conversation.id, item.payload)
            if question is not None and follows not in {None, head}:
                break
            head = await _add(tx, conversation, follows or head, item)
            question = _Asked(head, head, item.person_id)
        count += 1
    assert question is not None
    return question, tuple(items[:count])


async def _add(tx: Statements, conversation: Conversation, parent_id: int | None, item: InboxItem) -> int:
    """The message of what was said, after messages of what was overheard; its id."""
    at = item.sent_at or item.received_at
    for name, text in overheard(item.payload):
        aside = NewMessage(conversation.id, parent_id, "user", text, at, author_name=name)
        parent_id = await add_message(tx, aside, conversation.workspace_id)
    message = NewMessage(
        conversation_id=conversation.id,
        parent_id=parent_id,
        role="user",
        text=said(item.payload),
        created_at=at,
        person_id=item.person_id,
        author_name=item.author_name,
        external_id=item.key,
    )
    message_id = await add_message(tx, message, conversation.workspace_id)
    if item.attachments:
        await tx.write("UPDATE attachments SET message_id = ? WHERE inbox_id = ?", message_id, item.id)
    return message_id


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
        anyway=bool(wish.get("anyway")),
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
