"""Sealing: everything that an answer leaves behind, in one transaction."""

from __future__ import annotations

from storage.conversations import Claim, NewMessage, add_message
from storage.database import Statements
from storage.entries import Settlement
from storage.errors import ClaimLost
from storage.notices import NewNotice, note
from storage.reply_rows import SealedMessage
from storage.rows import now
from storage.settling import settle


async def seal(
    tx: Statements,
    claim: Claim,
    reply_id: int,
    *,
    message: SealedMessage,
    settlement: Settlement | None,
    notices: tuple[NewNotice, ...],
) -> int:
    """Seal a reply; the id of its message. Raises ClaimLost where the claim's fence is old."""
    workspace_id = await _hold(tx, claim)
    rows = await tx.written(
        "UPDATE replies SET state = 'sealed', text = ?, outcome = ?, sealed_at = ?"
        " WHERE id = ? AND fence = ? AND state = 'open' RETURNING parent_id",
        message.text,
        message.outcome,
        now(),
        reply_id,
        claim.fence,
    )
    if not rows:
        return await _sealed_before(tx, claim, reply_id)
    message_id = await _say(tx, claim, workspace_id, rows[0]["parent_id"], message)
    await tx.write("UPDATE replies SET message_id = ? WHERE id = ?", message_id, reply_id)
    await tx.write("UPDATE pages SET state = 'sealed' WHERE reply_id = ?", reply_id)
    if settlement is not None:
        await settle(tx, settlement, message_id)
    for notice in notices:
        await note(tx, notice)
    return message_id


async def _hold(tx: Statements, claim: Claim) -> str:
    """Lock the conversation, which only the newest claim may; its workspace."""
    rows = await tx.written(
        "UPDATE conversations SET title = title WHERE id = ? AND fence = ? RETURNING workspace_id",
        claim.conversation_id,
        claim.fence,
    )
    if not rows:
        raise ClaimLost(f"conversation {claim.conversation_id}, fence {claim.fence}")
    workspace_id: str = rows[0]["workspace_id"]
    return workspace_id


async def _sealed_before(tx: Statements, claim: Claim, reply_id: int) -> int:
    rows = await tx.rows(
        "SELECT message_id FROM replies WHERE id = ? AND fence = ? AND state = 'sealed'",
        reply_id,
        claim.fence,
    )
    if not rows:
        raise ClaimLost(f"reply {reply_id} of conversation {claim.conversation_id}, fence {claim.fence}")
    message_id: int = rows[0]["message_id"]
    return message_id


async def _say(
    tx: Statements, claim: Claim, workspace_id: str, parent_id: int, message: SealedMessage
) -> int:
    """Add the answer to the conversation. What was refused, or failed without a text, does not become its head."""
    new = NewMessage(
        conversation_id=claim.conversation_id,
        parent_id=parent_id,
        role="assistant",
        text=message.text,
        created_at=now(),
        model=message.model,
        reason=message.reason,
        outcome=message.outcome,
        input_tokens=message.input_tokens,
        output_tokens=message.output_tokens,
        cost=message.cost,
        latency_ms=message.latency_ms,
        first_token_ms=message.first_token_ms,
    )
    message_id = await add_message(tx, new, workspace_id)
    nothing = message.outcome == "refused" or (message.outcome == "failed" and not message.text)
    await tx.write(
        "UPDATE conversations SET head_id = ?, updated_at = ? WHERE id = ?",
        parent_id if nothing else message_id,
        new.created_at,
        claim.conversation_id,
    )
    return message_id
