"""What a call comes to whose process died."""

from __future__ import annotations

from bot.calls.lost import lost
from bot.providers.prices import PriceBook
from storage.budgets import Charge
from storage.inbox import NewItem
from tests.bot.calls.conftest import LUNA, PLACE, Scene


async def test_a_lost_call_is_billed_by_estimate(scene: Scene) -> None:
    """What it had read, and what of its answer the journal has; the reservation is settled with it."""
    store = scene.store
    item = NewItem("q1", str(PLACE), "web:main", None, "Ada", "said", '{"text": "How far?"}')
    received = await store.inbox.receive(item)
    claim = await store.conversations.claim(received.conversation_id, "dead")
    assert claim is not None
    taken = await store.replies.take(claim)
    assert taken is not None
    reply_id = taken.reply.id
    assert lost(taken.reply, "web:main", None, PriceBook(), input_tokens=1_000) is None

    charge = Charge("web:main", str(PLACE), None, "openai", "OPENAI_API_KEY", scene.now())
    reservation_id = await store.ledger.reserve(charge, 5_000_000, "dead")
    await store.replies.begin(
        claim, reply_id, model=str(LUNA), reason="set", reservation_id=reservation_id, attempt=2
    )
    await store.replies.journal(claim, reply_id, "Very far, as ", 4, phase="growing")
    row = await store.replies.get(reply_id)
    assert row is not None
    owed = lost(row, "web:main", None, PriceBook(), input_tokens=1_000)
    assert owed is not None
    await store.ledger.settle(owed)
    [entry] = await scene.entries()
    assert (entry.outcome, entry.error_kind, entry.estimated) == ("interrupted", "lost", True)
    assert (entry.reply_id, entry.attempt, entry.credential) == (reply_id, 2, "OPENAI_API_KEY")
    assert entry.cost == 1_000 * 100 + entry.output_tokens * 500
    assert 4 <= entry.output_tokens <= 6
    assert await scene.held() == 0
