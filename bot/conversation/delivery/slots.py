"""What delivery knows of each message it may have to call the platform for."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol

from bot.conversation.delivery.budgets import Budget
from bot.conversation.delivery.demand import Expected
from bot.core.place import Place
from bot.core.surface import Posted, Surface, Verb


class Rank(IntEnum):
    """Who goes first where tokens are short."""

    LAST = 0
    FIRST = 1
    INTERIM = 2
    TIDY = 3


class Job(Protocol):
    """The writer of one or several messages at one place, asked by delivery what it needs."""

    @property
    def surface(self) -> Surface:
        """Where it writes."""
        ...

    @property
    def place(self) -> Place:
        """Where on the surface."""
        ...

    def need(self) -> tuple[Verb, Rank] | None:
        """The call it wants next, None for none."""
        ...

    @property
    def diverts(self) -> bool:
        """Whether the text that waits for an edit may be shown by a post instead."""
        ...

    async def act(self, verb: Verb) -> Posted | None:
        """A token is granted: render, journal and call. None where no call was needed after all.

        Platform errors come out as they are; anything else ends the job.
        """
        ...

    def fail(self, error: Exception) -> None:
        """Nothing more can be done for it."""
        ...


class Slot:
    """One open job: what it waits for, what it has spent, how it fares."""

    __slots__ = (
        "budgets", "busy", "closed", "expected", "failing_since", "failures", "granted", "job",
        "moved", "not_before", "owed", "rank", "since", "started", "ticket", "verb",
    )  # fmt: skip

    def __init__(self, job: Job, budgets: dict[Verb, tuple[Budget, ...]], expected: Expected) -> None:
        self.job, self.budgets, self.expected = job, budgets, expected
        self.verb, self.rank = Verb.POST, Rank.FIRST
        self.busy = self.closed = False
        self.moved = False  # whether its edits spend other budgets than the place says
        self.ticket = 0  # of its one valid entry in the queue of interims
        self.since = 0.0  # when the present need arose
        self.granted = 0.0  # when the last call was
        self.not_before = 0.0  # after failures
        self.failures = 0
        self.failing_since: float | None = None
        self.started: float | None = None  # when its stream began, None while none runs
        self.owed: tuple[Budget, ...] = ()  # where it counts as pending

    def all_budgets(self) -> set[Budget]:
        """Every budget that any of its calls may spend."""
        return {budget for some in self.budgets.values() for budget in some}

    def spend(self, edits: tuple[Budget, ...], now: float) -> None:
        """Its edits spend these from now on; what it demands moves along."""
        old, before = set(self.budgets[Verb.EDIT]), self.all_budgets()
        self.budgets[Verb.EDIT] = edits
        after = self.all_budgets()
        for budget in before - after:
            budget.demand.slots -= 1
        for budget in after - before:
            budget.demand.slots += 1
        if self.started is not None:
            for budget in old.difference(edits):
                budget.demand.retract(self.started)
            for budget in set(edits) - old:
                budget.demand.enter(self.started, now)
