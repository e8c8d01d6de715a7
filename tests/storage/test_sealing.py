"""Sealing: an answer's message, entry, settlement and notices come together or not at all."""

import asyncio

import pytest

from storage.budgets import NewBudget
from storage.errors import ClaimLost
from storage.ledger import Settlement
from storage.notices import NewNotice
from storage.replies import SealedMessage
from storage.store import Store
from tests.storage.given import CHARGE, ENTRY, reserved, settlement, taken

MESSAGE = SealedMessage(
    "The answer",
    "complete",
    model="openai/quick",
    reason="the channel's default",
    input_tokens=12,
    output_tokens=34,
    cost=40,
    latency_ms=900,
    first_token_ms=120,
)


async def test_everything_is_written_together(store: Store) -> None:
    """Message, head, entry, settlement, running cost, pages, notices and the reply's state."""
    claim, found = await taken(store)
    await store.replies.intend_page(claim, found.reply.id, 1, "k1", 0, "The", 0)
    notice = NewNotice("hint", "hint:1", "Something to know")
    owed = settlement(await reserved(store), claim, reply_id=found.reply.id)
    message_id = await store.replies.seal(
        claim, found.reply.id, message=MESSAGE, settlement=owed, notices=(notice, notice)
    )
    message = (await store.conversations.branch(message_id))[-1]
    assert (message.role, message.text, message.parent_id) == ("assistant", "The answer", found.question_id)
    assert (message.model, message.reason, message.outcome) == (
        "openai/quick",
        "the channel's default",
        "complete",
    )
    assert (message.input_tokens, message.output_tokens, message.cost) == (12, 34, 40)
    assert (message.latency_ms, message.first_token_ms) == (900, 120)
    conversation = await store.conversations.get(claim.conversation_id)
    assert (conversation.head_id, conversation.cost, conversation.unpriced) == (message_id, 40, 0)
    [entry] = await store.ledger.billed(claim.conversation_id)
    assert (entry.message_id, entry.reply_id, entry.cost, entry.day) == (
        message_id,
        found.reply.id,
        40,
        "2026-11-21",
    )
    [line] = await store.ledger.rooms(CHARGE)
    assert (line.spent, line.reserved) == (40, 0)
    row = await store.replies.get(found.reply.id)
    assert row is not None
    assert (row.state, row.outcome, row.message_id, row.text) == (
        "sealed",
        "complete",
        message_id,
        "The answer",
    )
    assert row.sealed_at is not None
    assert [page.state for page in row.pages] == ["sealed"]
    assert [one.key for one in await store.notices.undelivered()] == ["hint:1"]


async def test_sealing_twice_is_once(store: Store) -> None:
    """Sealing again under the same claim gives the same message and changes nothing."""
    claim, found = await taken(store)
    owed = settlement(await reserved(store), claim)
    first = await store.replies.seal(claim, found.reply.id, message=MESSAGE, settlement=owed)
    before = await store.conversations.get(claim.conversation_id)
    second = await store.replies.seal(
        claim, found.reply.id, message=SealedMessage("Other", "failed"), settlement=owed
    )
    assert second == first
    assert await store.conversations.get(claim.conversation_id) == before
    assert len(await store.ledger.billed()) == 1


async def test_seals_at_the_same_moment_are_one(store: Store) -> None:
    """A seal whose answer was lost may be repeated while the first still runs."""
    claim, found = await taken(store)
    owed = settlement(await reserved(store), claim)
    ids = await asyncio.gather(
        *(store.replies.seal(claim, found.reply.id, message=MESSAGE, settlement=owed) for _ in range(8))
    )
    assert len(set(ids)) == 1
    assert (await store.conversations.get(claim.conversation_id)).cost == 40


async def test_lost_claim_changes_nothing(store: Store) -> None:
    """With an old fence neither message nor entry nor settlement is written."""
    claim, found = await taken(store)
    owed = settlement(await reserved(store), claim)
    new = await store.conversations.claim(claim.conversation_id, "other", {"here"})
    assert new is not None
    before = await store.conversations.get(claim.conversation_id)
    with pytest.raises(ClaimLost) as lost:
        await store.replies.seal(claim, found.reply.id, message=MESSAGE, settlement=owed)
    assert "Another process" in lost.value.say
    assert await store.conversations.get(claim.conversation_id) == before
    assert await store.ledger.billed() == []
    assert (await store.ledger.rooms(CHARGE))[0].reserved == 100
    await store.replies.adopt(new, found.reply.id)
    assert await store.replies.seal(new, found.reply.id, message=MESSAGE, settlement=owed)
    with pytest.raises(ClaimLost):
        await store.replies.seal(claim, found.reply.id, message=MESSAGE, settlement=owed)


async def test_settled_before_the_seal_is_billed_once(store: Store) -> None:
    """An attempt that was settled already only learns which message it became."""
    claim, found = await taken(store)
    owed = settlement(await reserved(store), claim)
    entry_id = await store.ledger.settle(owed)
    message_id = await store.replies.seal(claim, found.reply.id, message=MESSAGE, settlement=owed)
    [entry] = await store.ledger.billed()
    assert (entry.id, entry.message_id) == (entry_id, message_id)
    assert (await store.conversations.get(claim.conversation_id)).cost == 40


async def test_failure_in_the_middle_leaves_nothing(store: Store) -> None:
    """What cannot be settled is not sealed either."""
    claim, found = await taken(store)
    with pytest.raises(Exception, match="no reservation 99"):
        await store.replies.seal(claim, found.reply.id, message=MESSAGE, settlement=Settlement(99, ENTRY))
    conversation = await store.conversations.get(claim.conversation_id)
    assert conversation.head_id == found.question_id
    [row] = await store.replies.open_of(claim.conversation_id)
    assert row.message_id is None


@pytest.mark.parametrize(
    ("text", "outcome", "becomes_head"),
    [("", "failed", False), ("", "refused", False), ("Half", "failed", True), ("", "stopped", True)],
)
async def test_head_after_each_outcome(store: Store, text: str, outcome: str, becomes_head: bool) -> None:
    """What was refused, or failed without a text, does not become part of the conversation."""
    claim, found = await taken(store)
    message_id = await store.replies.seal(claim, found.reply.id, message=SealedMessage(text, outcome))
    head = (await store.conversations.get(claim.conversation_id)).head_id
    assert head == (message_id if becomes_head else found.question_id)


async def test_unpriced_answers_are_counted_apart(store: Store) -> None:
    """An answer whose price nobody knows adds nothing to the cost and one to the unpriced."""
    claim, found = await taken(store)
    owed = settlement(await reserved(store), claim, cost=None)
    await store.replies.seal(
        claim, found.reply.id, message=SealedMessage("Text", "complete"), settlement=owed
    )
    conversation = await store.conversations.get(claim.conversation_id)
    assert (conversation.cost, conversation.unpriced) == (0, 1)
    assert [entry.cost for entry in await store.ledger.billed()] == [None]
    assert [(line.spent, line.reserved) for line in await store.ledger.rooms(CHARGE)] == [(0, 0)]


async def test_threshold_is_noted_once(store: Store) -> None:
    """The notice of a threshold is written by the seal that reaches it, once per period and threshold."""
    await store.budgets.add(NewBudget("channel", "slack:T1/C1", "month", 100, thresholds=(50, 80)))
    for cost in (40, 15, 10, 30, 4):
        await store.ledger.settle(settlement(await reserved(store, 1), cost=cost))
        noted = [notice.key for notice in await store.notices.undelivered()]
        assert len(noted) == {40: 0, 15: 1, 10: 1, 30: 2, 4: 2}[cost]
    half, most = await store.notices.undelivered()
    assert "50 % of the budget of the channel slack:T1/C1 for 2026-11 is spent" in half.text
    assert (most.kind, most.scope, most.subject) == ("budget", "channel", "slack:T1/C1")
    await store.notices.delivered(half.id)
    assert await store.notices.undelivered() == [most]


async def test_one_settlement_may_reach_several_thresholds(store: Store) -> None:
    """Each threshold that a single cost passes has its notice; a budget of nothing has none."""
    await store.budgets.add(
        NewBudget("workspace", "slack:T1", "week", 100, hard=False, thresholds=(50, 80, 100))
    )
    await store.budgets.add(NewBudget("person", "7", "week", 0, hard=False))
    await store.ledger.settle(settlement(await reserved(store, 1), cost=90))
    assert [notice.text[:4] for notice in await store.notices.undelivered()] == ["50 %", "80 %"]
