"""Many reservations at once: the limit holds exactly, whoever reserves."""

import asyncio
from pathlib import Path

from storage.budgets import NewBudget
from storage.errors import NoRoom
from storage.store import Store
from tests.storage.given import CHARGE, outcomes, reserved, settlement

SIX = (
    ("workspace", "slack:T1"),
    ("channel", "slack:T1/C1"),
    ("person", "7"),
    ("provider", "openai"),
    ("credential", "Work OpenAI"),
)


async def six_budgets(store: Store, limited: int) -> None:
    """Five more budgets, the fourth of which has room for so many reservations of one nano-dollar."""
    for scope, subject in SIX:
        await store.budgets.add(NewBudget(scope, subject, "day", limited if scope == "person" else 10**9))


async def reserved_everywhere(store: Store) -> list[int]:
    """What is reserved in each budget."""
    return [line.reserved for line in await store.ledger.rooms(CHARGE)]


async def test_a_hundred_at_once_and_room_for_fifty(store: Store) -> None:
    """Over six budgets of which one has room for fifty, exactly fifty of a hundred succeed."""
    await six_budgets(store, 50)
    results = await asyncio.gather(*(reserved(store, 1) for _ in range(100)), return_exceptions=True)
    assert sum(isinstance(result, int) for result in results) == 50
    refused = [result for result in results if isinstance(result, NoRoom)]
    assert len(refused) == 50
    assert {error.budget.scope for error in refused} == {"person"}
    assert await reserved_everywhere(store) == [50] * 6


async def test_processes_share_the_limit(store: Store, database_url: str, tmp_path: Path) -> None:
    """Three processes that try forty times each at once find room for fifty between them."""
    await six_budgets(store, 50)
    printed = await outcomes("reserve", 3, database_url, str(tmp_path / "data"), "40")
    assert sum(map(int, printed)) == 50
    assert await reserved_everywhere(store) == [50] * 6


async def test_processes_settle_without_waiting_for_one_another(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    """Three processes that reserve and settle in the same budgets all finish, and every cost is counted once."""
    await six_budgets(store, 10**9)
    await outcomes("spend", 3, database_url, str(tmp_path / "data"), "30")
    assert [(line.spent, line.reserved) for line in await store.ledger.rooms(CHARGE)] == [(90 * 40, 0)] * 6
    assert len(await store.ledger.billed()) == 90


async def test_settling_releasing_and_reserving_at_once(store: Store) -> None:
    """Whatever happens to a reservation at the same moment, it is settled once and gives back once."""
    await six_budgets(store, 10**6)
    ids = [await reserved(store, 10) for _ in range(10)]
    await asyncio.gather(
        *(store.ledger.settle(settlement(one)) for one in ids for _ in range(3)),
        *(store.ledger.release(one) for one in ids),
        *(reserved(store, 1) for _ in range(10)),
    )
    assert [(line.spent, line.reserved) for line in await store.ledger.rooms(CHARGE)] == [(400, 10)] * 6
    assert len(await store.ledger.billed()) == 10


async def test_threshold_is_noted_once_by_many(store: Store) -> None:
    """Of many settlements that pass a threshold together one writes the notice."""
    await store.budgets.add(NewBudget("person", "7", "day", 1000))
    ids = [await reserved(store, 40) for _ in range(25)]
    await asyncio.gather(*(store.ledger.settle(settlement(one)) for one in ids))
    assert len(await store.notices.undelivered()) == 1
