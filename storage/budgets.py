"""Budgets: how much may be spent in a day, week or month, and by whom."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from storage.audit import record
from storage.database import Database, Row, Statements
from storage.periods import Period, period
from storage.places import channel_of
from storage.rows import columns, fill, now


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
    """A budget to be set; ``thresholds`` are percentages at which a notice is written.

    ``scope`` is "installation" (subject ""), "workspace", "channel" (its place), "person" (the id), "provider" or
    "credential" (the name); ``period`` is "day", "week" or "month".
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

    def period_at(self, at: datetime) -> Period:
        """The period of this budget that a moment is in."""
        return period(self.period, at, self.time_zone, self.first_weekday)


class Budgets:
    """The budgets that are set."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, budget: NewBudget, by: int | None = None) -> Budget:
        """Set a budget. Audited. Raises ValueError where its period or time zone is none."""
        period(budget.period, now(), budget.time_zone, budget.first_weekday)
        async with self._db.transaction() as tx:
            rows = await tx.written(
                "INSERT INTO budgets (scope, subject, period, amount, hard, thresholds, time_zone, first_weekday,"
                f" created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING {columns(Budget)}, thresholds",
                budget.scope,
                budget.subject,
                budget.period,
                budget.amount,
                budget.hard,
                ",".join(map(str, budget.thresholds)),
                budget.time_zone,
                budget.first_weekday,
                now(),
            )
            added = _budget(rows[0])
            await record(tx, by, "add budget", f"budget:{added.id}", after=asdict(budget))
        return added

    async def change(self, budget_id: int, amount: int, by: int | None = None) -> None:
        """Set a budget's amount, for the running period too. Audited."""
        async with self._db.transaction() as tx:
            budget = await _lock(tx, budget_id)
            await tx.write("UPDATE budgets SET amount = ? WHERE id = ?", amount, budget_id)
            await record(tx, by, "change budget", f"budget:{budget_id}", before=budget.amount, after=amount)

    async def remove(self, budget_id: int, by: int | None = None) -> None:
        """Let a budget no longer bind; its periods stay. Audited."""
        async with self._db.transaction() as tx:
            budget = await _lock(tx, budget_id)
            await tx.write("UPDATE budgets SET deleted_at = ? WHERE id = ?", now(), budget_id)
            before = {"scope": budget.scope, "subject": budget.subject, "amount": budget.amount}
            await record(tx, by, "remove budget", f"budget:{budget_id}", before=before)

    async def all(self) -> list[Budget]:
        """The budgets in force, by id."""
        rows = await self._db.rows(
            f"SELECT {columns(Budget)}, thresholds FROM budgets WHERE deleted_at IS NULL ORDER BY id"
        )
        return [_budget(row) for row in rows]


async def applying(statements: Statements, charge: Charge) -> list[tuple[Budget, int | None]]:
    """The budgets that a charge counts against, by id, with the row of the running period where there is one yet."""
    rows = await statements.rows(
        f"SELECT {columns(Budget, 'b')}, b.thresholds, p.id AS period_id FROM budgets b"
        " LEFT JOIN budget_periods p ON p.budget_id = b.id AND p.starts_at <= ? AND p.ends_at > ?"
        " WHERE b.deleted_at IS NULL AND (b.scope = 'installation'"
        " OR (b.scope = 'workspace' AND b.subject = ?) OR (b.scope = 'channel' AND b.subject = ?)"
        " OR (b.scope = 'person' AND b.subject = ?) OR (b.scope = 'provider' AND b.subject = ?)"
        " OR (b.scope = 'credential' AND b.subject = ?)) ORDER BY b.id",
        charge.at,
        charge.at,
        charge.workspace_id,
        channel_of(charge.place),
        "" if charge.person_id is None else str(charge.person_id),
        charge.provider,
        charge.credential,
    )
    return [(_budget(row), row["period_id"]) for row in rows]


async def line(statements: Statements, budget: Budget, at: datetime) -> BudgetLine:
    """How a budget stands in the period of a moment."""
    current = budget.period_at(at)
    rows = await statements.rows(
        "SELECT spent, reserved FROM budget_periods WHERE budget_id = ? AND key = ?", budget.id, current.key
    )
    spent, reserved = (rows[0]["spent"], rows[0]["reserved"]) if rows else (0, 0)
    return BudgetLine(
        budget_id=budget.id,
        scope=budget.scope,
        subject=budget.subject,
        period=budget.period,
        amount=budget.amount,
        spent=spent,
        reserved=reserved,
        left=budget.amount - spent - reserved,
        renews_at=current.ends_at,
        hard=budget.hard,
    )


def percents(text: str) -> tuple[int, ...]:
    """Thresholds as they are kept: "50,80"."""
    return tuple(sorted(int(part) for part in text.split(",") if part.strip()))


def _budget(row: Row) -> Budget:
    return fill(Budget, row, thresholds=percents(row["thresholds"]))


async def _lock(tx: Statements, budget_id: int) -> Budget:
    rows = await tx.written(
        f"UPDATE budgets SET amount = amount WHERE id = ? RETURNING {columns(Budget)}, thresholds", budget_id
    )
    if not rows:
        raise LookupError(f"no budget {budget_id}")
    return _budget(rows[0])
