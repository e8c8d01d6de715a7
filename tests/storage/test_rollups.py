"""Roll-ups: kept with every entry, equal to the entries whatever is done to them."""

from dataclasses import replace
from pathlib import Path

import pytest

from storage.entries import NewEntry, Settlement
from storage.figures import BOUNDS, Figures, figures_of
from storage.store import Store
from tests.storage.given import CHARGE, ENTRY, claimed, reserved, settlement
from tests.storage.test_opening import database
from tests.storage.undone import undo_later

DAY = "2026-11-21"


async def spent(store: Store, entry: NewEntry) -> int:
    """An entry of its own reservation; its id."""
    charge = replace(CHARGE, at=entry.at, person_id=entry.person_id, place=entry.place)
    reservation = await store.ledger.reserve(charge, 10, "here")
    return await store.ledger.settle(Settlement(reservation, entry))


async def some_entries(store: Store) -> list[int]:
    """Entries of every sort that counts differently; their ids."""
    conversation = (await claimed(store)).conversation_id
    entries = [
        replace(ENTRY, conversation_id=conversation, latency_ms=900, input_tokens=7, output_tokens=3),
        replace(ENTRY, conversation_id=conversation, latency_ms=250, why="retry"),
        replace(ENTRY, conversation_id=conversation, cost=None, model="tiny", latency_ms=10**7),
        replace(ENTRY, outcome="failed", cost=0, error_kind="server", person_id=None, place="slack:T1/C2"),
        replace(ENTRY, why="fallback", kind="compare", credential="", place="slack:T1", latency_ms=0),
        replace(ENTRY, outcome="stopped", kind="embedding", provider="cohere", cached_tokens=2, latency_ms=5),
    ]
    return [await spent(store, entry) for entry in entries]


async def test_rollups_say_what_the_entries_say(store: Store) -> None:
    """Whatever an entry is, days, threads and totals count it once; settling again counts nothing."""
    await some_entries(store)
    owed = settlement(await reserved(store))
    for _ in range(2):
        await store.ledger.settle(owed)
    assert await store.ledger.unequal(DAY, DAY) == []
    assert len(await store.ledger.billed()) == 7


@pytest.mark.parametrize("table", ["usage_days", "usage_totals", "usage_threads"])
async def test_a_difference_is_found(store: Store, database_url: str, table: str) -> None:
    """A figure that is not what the entries add up to is named with its table, and so is a row that is missing."""
    await some_entries(store)
    async with database(database_url) as db:
        await db.write(f"UPDATE {table} SET cost = cost + 1 WHERE id = 1")  # noqa: S608 - our own tables
        assert {one.table.partition(" ")[0] for one in await store.ledger.unequal(DAY, DAY)} >= {table}
        await db.write(f"UPDATE {table} SET cost = cost - 1 WHERE id = 1")  # noqa: S608 - our own tables
        assert await store.ledger.unequal(DAY, DAY) == []
        await db.write(f"DELETE FROM {table} WHERE id = 1")  # noqa: S608 - our own tables
    assert await store.ledger.unequal(DAY, DAY)
    assert await store.ledger.unequal("2026-11-22", "2026-12-31") == []


async def test_entries_of_the_version_before_are_counted(empty_database_url: str, tmp_path: Path) -> None:
    """The migration fills the roll-ups from what is in the ledger, in every sort of place."""
    store = await Store.open(empty_database_url, tmp_path)
    await some_entries(store)
    await store.close()
    async with database(empty_database_url) as db:
        before = await db.rows("SELECT id FROM usage_totals")
        await undo_later(db)
    again = await Store.open(empty_database_url, tmp_path)
    try:
        assert await again.ledger.unequal(DAY, DAY) == []
        assert {entry.channel for entry in await again.ledger.billed()} == {
            "slack:T1/C1",
            "slack:T1/C2",
            "slack:T1",
        }
    finally:
        await again.close()
    async with database(empty_database_url) as db:
        assert len(before) == len(await db.rows("SELECT id FROM usage_totals"))


async def test_what_an_older_process_writes_is_caught_up_with(store: Store, database_url: str) -> None:
    """During an upgrade an older process writes entries that count nowhere; the next start counts them, once."""
    [entry_id, *_] = await some_entries(store)
    async with database(database_url) as db:
        await db.write("UPDATE usage_entries SET channel = NULL WHERE id <> ?", entry_id)
        for table in ("usage_days", "usage_totals", "usage_threads"):
            await db.write(f"DELETE FROM {table}")  # noqa: S608 - our own tables
        await db.write("UPDATE usage_entries SET channel = NULL")
    assert await store.ledger.catch_up("2026-11-22") == 0
    assert await store.ledger.catch_up(DAY) == 6
    assert await store.ledger.catch_up(DAY) == 0
    assert await store.ledger.unequal(DAY, DAY) == []


async def test_a_correction_is_a_further_entry(store: Store) -> None:
    """The entry stays; what has to be added counts on its day, in its conversation and its budgets, and is audited."""
    [first, *_] = await some_entries(store)
    [line, *_] = await store.ledger.rooms(CHARGE)
    correction = await store.ledger.correct(first, 15, "the invoice says so", by=7)
    assert correction is not None
    assert (correction.kind, correction.corrects, correction.cost, correction.day) == (
        "correction",
        first,
        -25,
        DAY,
    )
    [corrected, *_] = await store.ledger.rooms(CHARGE)
    assert corrected.spent == line.spent - 25
    entries = await store.ledger.billed()
    assert entries[0].cost == 40
    assert entries[0].conversation_id is not None
    conversation = await store.conversations.get(entries[0].conversation_id)
    assert conversation.cost == 15 + 40
    [audited] = await store.audit.latest(1)
    assert (audited.action, audited.subject, audited.person_id) == ("correct entry", f"entry:{first}", 7)
    assert await store.ledger.unequal(DAY, DAY) == []


async def test_a_second_correction_starts_from_the_first(store: Store) -> None:
    """Each says only the difference; one that changes nothing is none."""
    [first, *_] = await some_entries(store)
    costs = [await store.ledger.correct(first, cost, "again") for cost in (100, 100, 30)]
    assert [one.cost if one else None for one in costs] == [60, None, -70]
    assert costs[0] is not None
    with pytest.raises(ValueError, match="is a correction"):
        await store.ledger.correct(costs[0].id, 1, "no")
    with pytest.raises(LookupError):
        await store.ledger.correct(999, 1, "no")


async def test_a_correction_prices_what_was_unpriced(store: Store) -> None:
    """From then on the conversation and the reports count it as priced, also where it turns out to be free."""
    unpriced = (await some_entries(store))[2]
    for cost, added in ((0, 0), (9, 9)):
        correction = await store.ledger.correct(unpriced, cost, "its price is known now")
        assert correction is not None
        assert correction.cost == added
    entry = (await store.ledger.billed())[2]
    assert entry.conversation_id is not None
    conversation = await store.conversations.get(entry.conversation_id)
    assert (conversation.cost, conversation.unpriced) == (40 + 40 + 9, 0)
    assert await store.ledger.unequal(DAY, DAY) == []


def test_response_times_come_from_buckets() -> None:
    """Median and 95th percentile lie in the bucket where they belong, and without answers there are none."""
    answers = [figures_of(replace(ENTRY, latency_ms=ms)) for ms in [700] * 90 + [20_000] * 10]
    together = sum(answers, Figures())
    median, late = together.took(50), together.took(95)
    assert median is not None
    assert late is not None
    assert 500 < median <= 750
    assert 16_000 < late <= 32_000
    assert Figures().took(50) is None
    assert figures_of(replace(ENTRY, latency_ms=700, outcome="failed")).took(50) is None
    slowest = figures_of(replace(ENTRY, latency_ms=10**9)).took(50)
    assert slowest is not None
    assert slowest > BOUNDS[-1]


async def test_an_entry_says_how_fast_it_was_written(store: Store) -> None:
    """Tokens in a second of writing, and nothing where that is not known."""
    await spent(store, replace(ENTRY, output_tokens=100, first_token_ms=500, latency_ms=2500))
    await spent(store, replace(ENTRY, output_tokens=100))
    first, second = await store.ledger.billed()
    assert first.tokens_per_second == 50
    assert second.tokens_per_second is None
