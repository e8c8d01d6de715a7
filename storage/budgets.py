"""Budgets: how much may be spent in a day, week or month, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Database


@dataclass(frozen=True, slots=True)
class Charge:
    """Whom a call is charged to. ``place`` is its full place; ``credential`` the name of the key it uses."""

    workspace_id: str
    place: str
    person_id: int | None
    provider: str
    credential: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A budget in its period. Amounts are nano-dollars; ``left`` is below 0 where a limit was lowered."""

    budget_id: int
    scope: str
    subject: str
    period: str
    amount: int
    spent: int
    reserved: int
    left: int
    renews_at: datetime
    hard: bool = True


@dataclass(frozen=True, slots=True)
class NewBudget:
    """A budget to be set. ``scope`` is "installation" (subject ""), "workspace", "channel", "person", "provider" or
    "credential"; ``period`` "day", "week" or "month"; ``thresholds`` percentages at which a notice is written.
    """

    scope: str
    subject: str
    period: str
    amount: int
    hard: bool = True
    thresholds: tuple[int, ...] = (80,)
    time_zone: str = "UTC"
    first_weekday: int = 0


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget as it is set."""

    id: int
    scope: str
    subject: str
    period: str
    amount: int
    hard: bool
    thresholds: tuple[int, ...]
    time_zone: str
    first_weekday: int
    created_at: datetime


class Budgets:
    """The budgets that are set."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, budget: NewBudget, by: int | None = None) -> Budget:
        """Set a budget. Audited."""
        raise NotImplementedError

    async def change(self, budget_id: int, amount: int, by: int | None = None) -> None:
        """Set a budget's amount, for the running period too. Audited."""
        raise NotImplementedError

    async def remove(self, budget_id: int, by: int | None = None) -> None:
        """Let a budget no longer bind; its periods stay. Audited."""
        raise NotImplementedError

    async def all(self) -> list[Budget]:
        """The budgets in force, by id."""
        raise NotImplementedError
