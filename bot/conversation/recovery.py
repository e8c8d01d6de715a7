"""Replies that a crash left open: finished from the journal, sealed as far as they came, or answered afresh.

What decides is how far the journal had got. "ended": the provider was done, so the reply is completed
exactly. "growing": people may have seen a part, and the provider's stream is gone; it is sealed as
interrupted, with a way on. "waiting": nobody has seen anything, so the question is simply answered, in the
same reply.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.calls.lost import lost
from bot.conversation import agents
from bot.conversation.answer import Parts, close, open_reply
from bot.conversation.ending import LOST, set_apart, ways_on
from bot.conversation.letters import Ended
from bot.conversation.material import gathered
from bot.core.errors import NotConfigured
from bot.core.money import dollars
from bot.core.provider import ModelId
from bot.core.view import Tone
from storage.conversations import Claim
from storage.ledger import Settlement
from storage.replies import ReplyRow, SealedMessage, Taken

log = logging.getLogger(__name__)

_MOST_ATTEMPTS = 4  # answers begun for one question before it is sealed as failed
_GIVEN_UP = "Switchboard failed several times while answering this. Your question is kept."


async def recover(parts: Parts, claim: Claim, left: ReplyRow) -> Taken | None:
    """Close an open reply, or return it to be answered afresh; no call goes unbilled."""
    row = await parts.store.replies.adopt(claim, left.id)
    log.info("reply %s was left open (%s) and is taken up", row.id, row.phase)
    if row.phase == "ended" and row.ended is not None:
        await _close(parts, claim, row, Ended.from_json(row.ended))
        return None
    owed = await _owed(parts, row)
    if row.phase == "growing":
        await _close(parts, claim, row, _interrupted(row, owed))
        return None
    if owed is not None:
        await parts.store.ledger.settle(owed)
    if row.attempt >= _MOST_ATTEMPTS:
        message = SealedMessage(text="", outcome="failed", model=row.model, reason=row.reason)
        given_up = Ended(
            "failed",
            message,
            notice=_GIVEN_UP,
            tone=Tone.ERROR,
            buttons=ways_on(row.id, go_on=False, text=False),
        )
        await _close(parts, claim, row, given_up)
        return None
    taken = await parts.store.replies.retake(claim, row.id)
    begun = row.reservation_id is not None
    return replace(taken, reply=replace(taken.reply, attempt=row.attempt + begun))


async def _close(parts: Parts, claim: Claim, row: ReplyRow, ended: Ended) -> None:
    await close(parts, claim, open_reply(parts, claim, row), row.id, ended)


def _interrupted(row: ReplyRow, owed: Settlement | None) -> Ended:
    outcome = "stopped" if row.stop_requested else "interrupted"
    entry = owed.entry if owed is not None else None
    tokens = (
        f"about {entry.input_tokens + entry.output_tokens:,} tokens · {dollars(entry.cost)}" if entry else ""
    )
    return Ended(
        outcome=outcome,
        message=SealedMessage(
            text="",
            outcome=outcome,
            model=row.model,
            reason=row.reason,
            input_tokens=entry.input_tokens if entry else 0,
            output_tokens=entry.output_tokens if entry else 0,
            cost=entry.cost if entry else 0,
        ),
        settlement=owed,
        footer=" · ".join(part for part in (row.model or "", tokens) if part),
        notice="" if outcome == "stopped" else set_apart(LOST),
        buttons=ways_on(row.id, go_on=True, text=True),
    )


async def _owed(parts: Parts, row: ReplyRow) -> Settlement | None:
    """What the attempt that was at work comes to, by our estimate: its request had left, so it counts."""
    if row.reservation_id is None or row.model is None:
        return None
    store, model = parts.store, ModelId.parse(row.model)
    conversation = await store.conversations.get(row.conversation_id)
    system = agents.system_text(await parts.settings.agent(conversation), conversation)
    try:
        tokens = (await gathered(store, row)).fitted(parts.registry, system, model).tokens
    except NotConfigured:
        tokens = 0  # its provider was taken away meanwhile, and with it what we know of its window
    person = (await store.conversations.branch(row.question_id))[-1].person_id
    return lost(row, conversation.workspace_id, person, parts.registry.prices, input_tokens=tokens)
