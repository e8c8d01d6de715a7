"""When models were used last."""

from __future__ import annotations

from datetime import timedelta

from storage.store import Store
from tests.storage.given import AT, reserved, settlement


async def test_the_last_use_of_each_model_is_known(store: Store) -> None:
    """By provider; what was never asked is not in it."""
    for days in (0, 2, 1):
        at = AT + timedelta(days=days)
        await store.ledger.settle(settlement(await reserved(store), at=at, provider="ollama", model="m:1b"))
    await store.ledger.settle(settlement(await reserved(store)))
    assert await store.uses.last("ollama") == {"m:1b": AT + timedelta(days=2)}
