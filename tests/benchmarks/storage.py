"""What the hot paths of storage take: the journal, and reserving and settling on six budgets."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from storage.budgets import NewBudget
from storage.inbox import NewItem
from storage.ledger import Charge, NewEntry, Settlement
from storage.store import Store

ROUNDS = 300
MUCH = 10**15
TEXT = "A sentence of the answer. " * 60
PLACE = "slack:T1/C1/1700.1"
CHARGE = Charge("slack:T1", PLACE, 1, "openai", "OPENAI_API_KEY", datetime(2026, 11, 21, 12, tzinfo=UTC))
ENTRY = NewEntry(CHARGE.at, "slack:T1", PLACE, 1, "openai", "quick", cost=12_345, input_tokens=500, output_tokens=400)


async def measure(url: str) -> dict[str, float]:
    """Milliseconds, as medians, on an empty database: ``receive``, ``journal``, ``reserve and settle``."""
    with TemporaryDirectory() as folder:
        store = await Store.open(url, Path(folder))
        try:
            return {
                "receive": await _typical(_receiving(store)),
                "journal": await _typical(await _journalling(store)),
                "reserve and settle": await _typical(await _settling(store)),
            }
        finally:
            await store.close()


async def _typical(work: Callable[[int], Awaitable[None]]) -> float:
    times = []
    for number in range(ROUNDS):
        started = time.perf_counter()
        await work(number)
        times.append(time.perf_counter() - started)
    return median(times) * 1000


def _item(number: int) -> NewItem:
    payload = json.dumps({"text": "Hello"})
    return NewItem(f"slack:T1#{number}", PLACE, "slack:T1", None, "Ann", "said", payload)


def _receiving(store: Store) -> Callable[[int], Awaitable[None]]:
    async def work(number: int) -> None:
        await store.inbox.receive(_item(number))

    return work


async def _journalling(store: Store) -> Callable[[int], Awaitable[None]]:
    received = await store.inbox.receive(_item(-1))
    claim = await store.conversations.claim(received.conversation_id, "bench")
    assert claim is not None
    taken = await store.replies.take(claim)
    assert taken is not None

    async def work(number: int) -> None:
        await store.replies.journal(claim, taken.reply.id, TEXT, number, phase="growing")

    return work


async def _settling(store: Store) -> Callable[[int], Awaitable[None]]:
    for scope, subject in (
        ("workspace", "slack:T1"),
        ("channel", "slack:T1/C1"),
        ("person", "1"),
        ("provider", "openai"),
        ("credential", "OPENAI_API_KEY"),
    ):
        await store.budgets.add(NewBudget(scope, subject, "month", MUCH))
    received = await store.inbox.receive(_item(-1))
    entry = replace(ENTRY, conversation_id=received.conversation_id)

    async def work(number: int) -> None:
        reservation_id = await store.ledger.reserve(CHARGE, 20_000, "bench")
        await store.ledger.settle(Settlement(reservation_id, entry))

    return work
