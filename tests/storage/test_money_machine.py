"""Whatever happens in whatever order, entries, roll-ups, reservations and budgets say the same."""

import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from storage.approvals import NewApproval
from storage.budgets import EACH, NewBudget
from storage.entries import Settlement
from storage.errors import NoRoom
from storage.reports import EVER, Scope
from storage.store import Store
from tests.conftest import ON_POSTGRES
from tests.databases import MigratedFile, MigratedServer
from tests.storage.given import AT, CHARGE, ENTRY, again, claimed

T = TypeVar("T")

LIMIT = 300  # nano-dollars that each person may spend in a week
PEOPLE, PROCESSES = (7, 8), ("one", "two")
DAYS = (0, 1, 18_000)  # after AT: the same week, the next day of it, and a week that is not over for long
FACES: tuple[dict[str, Any], ...] = (
    {},
    {"why": "retry", "latency_ms": 900},
    {"why": "fallback", "kind": "compare", "model": "deep"},
    {"outcome": "failed", "error_kind": "server"},
    {"provider": "cohere", "kind": "embedding", "credential": "", "input_tokens": 5, "latency_ms": 10**6},
)
whose, when = st.sampled_from(PEOPLE), st.sampled_from(DAYS)
which = st.integers(0, 10**6)


@dataclass(slots=True)
class Held:
    """A reservation as it should be: what it still holds, and what its entry cost with its corrections."""

    person: int
    day: int
    process: str
    held: int
    entry_id: int | None = None
    cost: int | None = None


class Money(RuleBasedStateMachine):
    """Calls, failures, crashes, approvals and corrections, against books kept by hand."""

    migrated: ClassVar[MigratedFile | MigratedServer]

    @initialize()
    def begin(self) -> None:
        self.stack, self.runner = ExitStack(), asyncio.Runner()
        folder = Path(self.stack.enter_context(TemporaryDirectory()))
        url = self.migrated.url(folder) if isinstance(self.migrated, MigratedFile) else self.migrated.url()
        self.store = self._do(Store.open(url, folder))
        self.books: dict[int, Held] = {}
        self.extra: dict[tuple[int, int], int] = {}
        self.refused = 0
        self._do(self._set_up())

    async def _set_up(self) -> None:
        await self.store.budgets.add(NewBudget("person", EACH, "week", LIMIT, thresholds=(50, 100)))
        await self.store.budgets.add(NewBudget("channel", "slack:T1/C1", "month", 1, hard=False))
        self.conversation = (await claimed(self.store)).conversation_id

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self._do(self.store.close())
            self.runner.close()
            self.stack.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def _charge(self, person: int, day: int) -> Any:
        return replace(CHARGE, person_id=person, at=AT + timedelta(days=day))

    def _week(self, person: int, day: int) -> list[Held]:
        """What counts in a person's week: the first days are in one, the last is in another."""
        return [one for one in self.books.values() if one.person == person and (one.day > 1) == (day > 1)]

    def _room(self, person: int, day: int) -> int:
        used = sum(one.held + (one.cost or 0) for one in self._week(person, day))
        return LIMIT + self.extra.get((person, day > 1), 0) - used

    def _any(self, number: int) -> tuple[int, Held]:
        return list(self.books.items())[number % len(self.books)]

    @rule(person=whose, day=when, amount=st.integers(0, 120), process=st.sampled_from(PROCESSES))
    def reserve(self, person: int, day: int, amount: int, process: str) -> None:
        work = self.store.ledger.reserve(self._charge(person, day), amount, process)
        if amount and amount > self._room(person, day):
            self.refused += 1
            with pytest.raises(NoRoom) as full:
                self._do(work)
            assert full.value.budget.left == self._room(person, day)
            return
        self.books[self._do(work)] = Held(person, day, process, amount)

    @precondition(lambda self: self.books)
    @rule(number=which, cost=st.none() | st.integers(0, 150), face=st.sampled_from(FACES))
    def settle(self, number: int, cost: int | None, face: dict[str, Any]) -> None:
        reservation, held = self._any(number)
        charge = self._charge(held.person, held.day)
        entry = replace(
            ENTRY, at=charge.at, person_id=held.person, cost=cost, conversation_id=self.conversation, **face
        )
        entry_id = self._do(self.store.ledger.settle(Settlement(reservation, entry)))
        if held.entry_id is None:
            held.entry_id, held.cost, held.held = entry_id, cost, 0
        assert entry_id == held.entry_id

    @precondition(lambda self: self.books)
    @rule(number=which)
    def fail_before_it_began(self, number: int) -> None:
        reservation, held = self._any(number)
        self._do(self.store.ledger.release(reservation))
        held.held = 0

    @rule(process=st.sampled_from(PROCESSES))
    def crash(self, process: str) -> None:
        self._do(self.store.ledger.reclaim({process}))
        for held in self.books.values():
            if held.process == process:
                held.held = 0

    @precondition(lambda self: any(one.entry_id for one in self.books.values()))
    @rule(number=which, cost=st.integers(0, 150))
    def correct(self, number: int, cost: int) -> None:
        done = [one for one in self.books.values() if one.entry_id is not None]
        held = done[number % len(done)]
        assert held.entry_id is not None
        correction = self._do(self.store.ledger.correct(held.entry_id, cost, "by hand"))
        assert (correction is None) == (held.cost == cost)
        held.cost = cost

    @precondition(lambda self: self.refused)
    @rule(person=whose, amount=st.integers(1, 200), twice=st.booleans())
    def approve(self, person: int, amount: int, twice: bool) -> None:
        added = self._do(self._approve(person, amount, times=1 + twice))
        assert added == 1
        self.extra[person, True] = self.extra.get((person, True), 0) + amount

    async def _approve(self, person: int, amount: int, times: int) -> int:
        """An approval for the late week, which is not over yet; how many of the clicks counted."""
        [share] = [one for one in await self.store.budgets.all() if one.subject == EACH]
        number = len(await self.store.audit.latest(10**6))
        new = NewApproval(share.id, amount, number, self.conversation, "openai/quick")
        approval = await self.store.approvals.offer(new, self._charge(person, DAYS[-1]))
        assert approval is not None
        await self.store.approvals.ask(approval.id, person, "please")
        question = again(f"approval:{approval.id}")
        clicks = [self.store.approvals.approve(approval.id, 9, None, question) for _ in range(times)]
        return sum(done for _, done in await asyncio.gather(*clicks))

    @invariant()
    def the_books_balance(self) -> None:
        if hasattr(self, "store"):
            self._do(self._compare())

    async def _compare(self) -> None:
        assert await self.store.ledger.unequal(*EVER) == []
        for person in PEOPLE:
            for day in (DAYS[0], DAYS[-1]):
                lines = await self.store.ledger.lines(self._charge(person, day))
                [share] = [line for line in lines if line.subject == str(person)]
                week = self._week(person, day)
                assert share.reserved == sum(one.held for one in week)
                assert share.spent == sum(one.cost or 0 for one in week)
                assert (share.extra, share.left) == (
                    self.extra.get((person, day > 1), 0),
                    self._room(person, day),
                )
        spent = sum(one.cost or 0 for one in self.books.values())
        unpriced = sum(one.entry_id is not None and one.cost is None for one in self.books.values())
        conversation = await self.store.conversations.get(self.conversation)
        assert (conversation.cost, conversation.unpriced) == (spent, unpriced)
        entries = await self.store.ledger.billed()
        assert sum(entry.cost or 0 for entry in entries) == spent
        for scope in (Scope("workspace", "slack:T1"), Scope("installation"), Scope("channel", "slack:T1/C1")):
            for by in ("model", "day"):
                found = await self.store.reports.by(scope, by, *EVER)
                assert sum(one.cost for one in found.values()) == spent
                assert sum(one.unpriced for one in found.values()) == unpriced


def test_money_adds_up(migrated: MigratedFile | MigratedServer) -> None:
    """After every step spent, reserved and extra are what happened, and every roll-up says what the entries say."""
    Money.migrated = migrated
    examples, length = (3, 12) if ON_POSTGRES else (8, 20)
    run_state_machine_as_test(
        Money, settings=settings(max_examples=examples, stateful_step_count=length, deadline=None)
    )
