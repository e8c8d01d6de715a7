"""However reservations, settlements, releases and reclaims interleave, the books balance."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.budgets import NewBudget
from storage.errors import NoRoom
from storage.store import Store
from tests.conftest import ON_POSTGRES
from tests.databases import MigratedFile, MigratedServer
from tests.storage.given import CHARGE, settlement

LIMITS = {"installation": 400, "person": 150, "workspace": 10**6}
PROCESSES = ("one", "two")

amounts = st.integers(0, 90)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), amounts, st.sampled_from(PROCESSES)),
        st.tuples(st.just("settle"), st.integers(0, 30), st.one_of(st.none(), st.integers(0, 120))),
        st.tuples(st.just("release"), st.integers(0, 30), st.just(0)),
        st.tuples(st.just("reclaim"), st.just(0), st.sampled_from(PROCESSES)),
    ),
    max_size=25,
)


@dataclass(slots=True)
class Books:
    """What the ledger should say, kept by hand."""

    owners: dict[int, str] = field(default_factory=dict)
    held: dict[int, int] = field(default_factory=dict)
    cost: dict[int, int | None] = field(default_factory=dict)

    @property
    def spent(self) -> int:
        return sum(cost or 0 for cost in self.cost.values())

    @property
    def reserved(self) -> int:
        return sum(self.held.values())

    def fits(self, amount: int) -> bool:
        return amount == 0 or self.spent + self.reserved + amount <= LIMITS["person"]


async def reserve(store: Store, books: Books, amount: int, process: str) -> None:
    if not books.fits(amount):
        with pytest.raises(NoRoom) as refused:
            await store.ledger.reserve(CHARGE, amount, process)
        assert refused.value.budget.left < amount
        return
    reservation = await store.ledger.reserve(CHARGE, amount, process)
    books.owners[reservation], books.held[reservation] = process, amount


async def take(store: Store, books: Books, step: tuple[str, int, object]) -> None:
    """Do one step to the ledger and to the books."""
    kind, number, more = step
    chosen = list(books.owners)[number % len(books.owners)] if books.owners else None
    match kind:
        case "reserve":
            await reserve(store, books, number, str(more))
        case "settle" if chosen is not None:
            cost = more if isinstance(more, int) else None
            await store.ledger.settle(settlement(chosen, cost=cost))
            books.held.pop(chosen, None)
            books.cost.setdefault(chosen, cost)
        case "release" if chosen is not None:
            await store.ledger.release(chosen)
            books.held.pop(chosen, None)
        case "reclaim":
            gone = [one for one in books.held if books.owners[one] == more]
            assert await store.ledger.reclaim({str(more)}) == len(gone)
            for one in gone:
                del books.held[one]


async def compare(store: Store, books: Books) -> None:
    """Every budget says what the books say, and so do the entries."""
    lines = {line.scope: line for line in await store.ledger.rooms(CHARGE)}
    assert {scope: line.amount for scope, line in lines.items()} == LIMITS
    for line in lines.values():
        assert (line.spent, line.reserved) == (books.spent, books.reserved)
        assert line.left == line.amount - line.spent - line.reserved
    entries = await store.ledger.billed()
    assert {entry.reservation_id: entry.cost for entry in entries} == books.cost


async def run(url: str, folder: Path, script: list[tuple[str, int, object]], *, together: bool) -> None:
    store = await Store.open(url, folder)
    try:
        [seeded] = await store.budgets.all()
        await store.budgets.change(seeded.id, LIMITS["installation"])
        await store.budgets.add(NewBudget("workspace", "slack:T1", "month", LIMITS["workspace"]))
        await store.budgets.add(NewBudget("person", "7", "week", LIMITS["person"]))
        if together:
            await interleave(store, script)
            return
        books = Books()
        for step in script:
            await take(store, books, step)
            await compare(store, books)
    finally:
        await store.close()


async def interleave(store: Store, script: list[tuple[str, int, object]]) -> None:
    """Run everything at once; then what is spent is what was billed, and no hard limit was passed by reserving."""
    ids = [await store.ledger.reserve(CHARGE, 0, process) for process in PROCESSES]

    async def one(kind: str, number: int, more: object) -> None:
        reservation = ids[number % len(ids)]
        if kind == "reserve":
            try:
                ids.append(await store.ledger.reserve(CHARGE, number, str(more)))
            except NoRoom:
                return
            [tight] = [line for line in await store.ledger.rooms(CHARGE) if line.scope == "person"]
            assert tight.reserved <= tight.amount
        elif kind == "settle":
            cost = min(more, 1) if isinstance(more, int) else None
            await store.ledger.settle(settlement(reservation, cost=cost))
        elif kind == "release":
            await store.ledger.release(reservation)
        else:
            await store.ledger.reclaim({str(more)})

    await asyncio.gather(*(one(*step) for step in script))
    for reservation in ids:
        await store.ledger.release(reservation)
    entries = await store.ledger.billed()
    assert len({entry.reservation_id for entry in entries}) == len(entries)
    for line in await store.ledger.rooms(CHARGE):
        assert (line.spent, line.reserved) == (sum(entry.cost or 0 for entry in entries), 0)


def fresh(migrated: MigratedFile | MigratedServer, folder: Path) -> str:
    """A database for one example."""
    return migrated.url(folder) if isinstance(migrated, MigratedFile) else migrated.url()


@settings(max_examples=12 if ON_POSTGRES else 40, deadline=None)
@given(script=steps)
def test_one_after_the_other(
    migrated: MigratedFile | MigratedServer, script: list[tuple[str, int, object]]
) -> None:
    """After every step spent is the sum of the entries, reserved the sum of what is held."""
    with TemporaryDirectory() as folder:
        url = fresh(migrated, Path(folder))
        asyncio.run(run(url, Path(folder), script, together=False))


@settings(max_examples=10 if ON_POSTGRES else 30, deadline=None)
@given(script=steps)
def test_all_at_once(migrated: MigratedFile | MigratedServer, script: list[tuple[str, int, object]]) -> None:
    """In whatever order they get their turn, the books balance at the end."""
    with TemporaryDirectory() as folder:
        url = fresh(migrated, Path(folder))
        asyncio.run(run(url, Path(folder), script, together=True))
