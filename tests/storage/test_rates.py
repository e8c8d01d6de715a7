"""Requests per minute, counted in the database for all processes."""

import asyncio
from datetime import UTC, datetime, timedelta

from storage.rates import Allowed
from storage.store import Store

AT = datetime(2026, 11, 27, 12, 0, 30, tzinfo=UTC)
ANN, TOWN = Allowed("person:1", 3), Allowed("place:web:main", 5)


async def fill(store: Store, at: datetime) -> float:
    """Ask until there is no room; seconds until there is."""
    while (full := await store.rates.take([ANN], at)) is None:
        pass
    return full.wait


async def test_so_many_fit_into_any_minute(store: Store) -> None:
    """Also across the turn of a minute, and the wait that is told is enough and hardly more."""
    assert [await store.rates.take([ANN], AT) for _ in range(3)] == [None] * 3
    full = await store.rates.take([ANN], AT)
    assert full is not None
    assert full.limit == ANN
    assert 30 < full.wait <= 60
    early, late = AT + timedelta(seconds=full.wait - 1), AT + timedelta(seconds=full.wait)
    assert await store.rates.take([ANN], early) is not None
    assert await store.rates.take([ANN], late) is None
    assert await store.rates.take([ANN], late) is not None
    again = await fill(store, late)
    assert 0 < again <= 60
    assert await store.rates.take([ANN], late + timedelta(seconds=again)) is None


async def test_what_one_limit_refuses_the_others_do_not_count(store: Store) -> None:
    """A person over the limit takes nothing from the workspace, nor a full workspace from a person."""
    for _ in range(3):
        assert await store.rates.take([ANN, TOWN], AT) is None
    for _ in range(5):
        full = await store.rates.take([ANN, TOWN], AT)
        assert full is not None
        assert full.limit == ANN
    bob = Allowed("person:2", 3)
    assert [await store.rates.take([bob, TOWN], AT) for _ in range(2)] == [None, None]
    full = await store.rates.take([bob, TOWN], AT)
    assert full is not None
    assert full.limit == TOWN
    assert await store.rates.take([bob], AT) is None


async def test_it_holds_for_all_at_once(store: Store) -> None:
    """However many ask in the same moment."""
    found = await asyncio.gather(*(store.rates.take([Allowed("person:9", 10)], AT) for _ in range(30)))
    assert sum(one is None for one in found) == 10


async def test_a_wrong_clock_locks_nobody_out(store: Store) -> None:
    """A process an hour ahead has counted; the others count afresh."""
    await fill(store, AT + timedelta(hours=1))
    assert await store.rates.take([ANN], AT) is None


async def test_nothing_fits_into_nothing(store: Store) -> None:
    """A limit of 0 closes."""
    full = await store.rates.take([Allowed("person:1", 0)], AT)
    assert full is not None
    assert full.wait == 60
