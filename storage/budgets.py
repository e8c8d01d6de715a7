"""Budgets: how much may be spent in a day, week or month, and by whom."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from storage.audit import record
from storage.database import Database, Row, Statements
from storage.periods import Period, period
from storage.places import channel_of
from storage.rows import columns, fill, now

EACH = "*"  # the subject of a budget that every person has of their own
REFUSE, ASK, CHEAPEST = "refuse", "ask", "cheapest"  # what happens at a hard limit


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
    """A budget in its period. Amounts are nano-dollars; ``left`` is below 0 where a limit was lowered.

    ``subject`` is the person where it is their share of a budget that each has; ``extra`` is what admins approved for
    this period, in ``left`` already; ``at_limit`` is as in NewBudget.
    """

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
    extra: int = 0
    at_limit: str = REFUSE


@dataclass(frozen=True, slots=True)
class NewBudget:
    """A budget to be set; ``thresholds`` are percentages at which a notice is written.

    ``scope`` is "installation" (subject ""), "workspace", "channel" (its place), "person" (the id, or EACH for an
    amount that every person has who has none of their own), "provider" or "credential" (the name); ``period`` is
    "day", "week" or "month". ``at_limit`` says what happens where a hard budget is spent: "refuse", "ask" (an admin,
    by itself) or "cheapest" (the cheapest permitted model answers).
    """

    scope: str
    subject: str
    period: str
    amount: int
    hard: bool = True
    thresholds: tuple[int, ...] = (80,)
    time_zone: str = "UTC"
    first_weekday: int = 0
    at_limit: str = REFUSE


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
    at_limit: str = REFUSE

    def period_at(self, at: datetime) -> Period:
        """The period of this budget that a moment is in."""
        return period(self.period, at, self.time_zone, self.first_weekday)


@dataclass(frozen=True, slots=True)
class Applying:
    """A budget that a charge counts against, in its running period as far as that has begun.

    ``owner`` is the person whose share it is, "" where it is nobody's alone. ``period_id`` None: nothing was
    reserved in it yet.
    """

    budget: Budget
    owner: str
    period_id: int | None
    spent: int = 0
    reserved: int = 0
    extra: int = 0

    def line(self, at: datetime) -> BudgetLine:
        """How it stands, ``at`` being a moment of the period."""
        budget = self.budget
        return BudgetLine(
            budget_id=budget.id,
            scope=budget.scope,
            subject=self.owner or budget.subject,
            period=budget.period,
            amount=budget.amount,
            spent=self.spent,
            reserved=self.reserved,
            left=budget.amount + self.extra - self.spent - self.reserved,
            renews_at=budget.period_at(at).ends_at,
            hard=budget.hard,
            extra=self.extra,
            at_limit=budget.at_limit,
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget and how it stands: one line, or of what each person has one for some of those who used of theirs."""

    budget: Budget
    lines: tuple[BudgetLine, ...]


class Budgets:
    """The budgets that are set."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, budget: NewBudget, by: int | None = None) -> Budget:
        """Set a budget beside those that are there. Audited. Raises ValueError where its period or zone is none."""
        period(budget.period, now(), budget.time_zone, budget.first_weekday)
        async with self._db.transaction() as tx:
            return await _add(tx, budget, by)

    async def put(self, budget: NewBudget, by: int | None = None, *, thresholds: bool = False) -> Budget:
        """Set the budget of its scope, subject and period: the one that is there is changed, for this period too.

        It keeps its thresholds unless ``thresholds``, and its calendar. Audited. Raises ValueError as ``add`` does.
        """
        period(budget.period, now(), budget.time_zone, budget.first_weekday)
        async with self._db.transaction() as tx:
            found = await _matching(tx, budget.scope, budget.subject, budget.period)
            if not found:
                return await _add(tx, budget, by)
            changed = [
                replace(
                    one,
                    amount=budget.amount,
                    hard=budget.hard,
                    at_limit=budget.at_limit,
                    thresholds=budget.thresholds if thresholds else one.thresholds,
                )
                for one in found
            ]
            for before, after in zip(found, changed, strict=True):
                await _change(tx, before, after, by)
            return changed[0]

    async def take_away(
        self, scope: str, subject: str, period_kind: str | None = None, by: int | None = None
    ) -> list[Budget]:
        """Let the budgets of a scope and subject no longer bind; their periods stay. Audited. What they were."""
        async with self._db.transaction() as tx:
            found = await _matching(tx, scope, subject, period_kind)
            for budget in found:
                await _end(tx, budget, by)
            return found

    async def change(self, budget_id: int, amount: int, by: int | None = None) -> None:
        """Set a budget's amount, for the running period too. Audited."""
        async with self._db.transaction() as tx:
            budget = await _lock(tx, budget_id)
            await tx.write("UPDATE budgets SET amount = ? WHERE id = ?", amount, budget_id)
            await record(tx, by, "change budget", f"budget:{budget_id}", before=budget.amount, after=amount)

    async def remove(self, budget_id: int, by: int | None = None) -> None:
        """Let a budget no longer bind; its periods stay. Audited."""
        async with self._db.transaction() as tx:
            await _end(tx, await _lock(tx, budget_id), by)

    async def standing(self, at: datetime, shares: int = 5) -> list[Standing]:
        """The budgets in force as they stand, by id. One query.

        Of what each person has, the lines of those who have least left, at most so many ``shares``.
        """
        rows = await self._db.rows(
            f"SELECT * FROM (SELECT {columns(Budget, 'b')}, b.thresholds, p.id AS period_id, p.spent, p.reserved,"
            " p.extra, p.subject AS owner, ROW_NUMBER() OVER (PARTITION BY b.id"
            " ORDER BY p.spent + p.reserved - p.extra DESC, p.id) AS nth FROM budgets b"
            " LEFT JOIN budget_periods p ON p.budget_id = b.id AND p.starts_at <= ? AND p.ends_at > ?"
            " WHERE b.deleted_at IS NULL) AS standing WHERE nth <= ? ORDER BY id, nth",
            at,
            at,
            shares,
        )
        found: dict[int, list[Applying]] = {}
        for row in rows:
            found.setdefault(row["id"], []).append(_applying(row, row["owner"] or ""))
        return [
            Standing(
                each[0].budget, tuple(one.line(at) for one in each if one.owner or one.budget.subject != EACH)
            )
            for each in found.values()
        ]

    async def find(self, budget_id: int) -> Budget | None:
        """The budget of that id, one that was removed too."""
        rows = await self._db.rows(
            f"SELECT {columns(Budget)}, thresholds FROM budgets WHERE id = ?", budget_id
        )
        return _budget(rows[0]) if rows else None

    async def all(self) -> list[Budget]:
        """The budgets in force, by id."""
        rows = await self._db.rows(
            f"SELECT {columns(Budget)}, thresholds FROM budgets WHERE deleted_at IS NULL ORDER BY id"
        )
        return [_budget(row) for row in rows]


async def applying(statements: Statements, charge: Charge) -> list[Applying]:
    """The budgets that a charge counts against, by id, as their running periods stand."""
    person = "" if charge.person_id is None else str(charge.person_id)
    rows = await statements.rows(
        f"SELECT {columns(Budget, 'b')}, b.thresholds, p.id AS period_id, p.spent, p.reserved, p.extra FROM budgets b"
        " LEFT JOIN budget_periods p ON p.budget_id = b.id AND p.starts_at <= ? AND p.ends_at > ?"
        f" AND p.subject = CASE WHEN b.subject = '{EACH}' THEN ? ELSE '' END"
        " WHERE b.deleted_at IS NULL AND (b.scope = 'installation'"
        " OR (b.scope = 'workspace' AND b.subject = ?) OR (b.scope = 'channel' AND b.subject = ?)"
        " OR (b.scope = 'person' AND b.subject IN (?, ?)) OR (b.scope = 'provider' AND b.subject = ?)"
        " OR (b.scope = 'credential' AND b.subject = ?)) ORDER BY b.id",
        charge.at,
        charge.at,
        person,
        charge.workspace_id,
        channel_of(charge.place),
        person,
        EACH if person else "",
        charge.provider,
        charge.credential,
    )
    found = [_applying(row, person) for row in rows]
    own = {one.budget.period for one in found if one.budget.scope == "person" and not one.owner}
    return [one for one in found if not (one.owner and one.budget.period in own)]


def _applying(row: Row, person: str) -> Applying:
    budget = _budget(row)
    return Applying(
        budget=budget,
        owner=person if budget.subject == EACH else "",
        period_id=row["period_id"],
        spent=row["spent"] or 0,
        reserved=row["reserved"] or 0,
        extra=row["extra"] or 0,
    )


async def begin(tx: Statements, budget: Budget, owner: str, at: datetime) -> int:
    """The row of the budget's period that a moment is in, made where it is missing; its id."""
    current = budget.period_at(at)
    key = f"{current.key}/{owner}" if owner else current.key
    await tx.write(
        "INSERT INTO budget_periods (budget_id, key, starts_at, ends_at, subject) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (budget_id, key) DO NOTHING",
        budget.id,
        key,
        current.starts_at,
        current.ends_at,
        owner,
    )
    rows = await tx.rows("SELECT id FROM budget_periods WHERE budget_id = ? AND key = ?", budget.id, key)
    period_id: int = rows[0]["id"]
    return period_id


def percents(text: str) -> tuple[int, ...]:
    """Thresholds as they are kept: "50,80"."""
    return tuple(sorted(int(part) for part in text.split(",") if part.strip()))


def _budget(row: Row) -> Budget:
    return fill(Budget, row, thresholds=percents(row["thresholds"]))


async def _add(tx: Statements, budget: NewBudget, by: int | None) -> Budget:
    rows = await tx.written(
        "INSERT INTO budgets (scope, subject, period, amount, hard, thresholds, time_zone, first_weekday, created_at,"
        f" at_limit) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING {columns(Budget)}, thresholds",
        budget.scope,
        budget.subject,
        budget.period,
        budget.amount,
        budget.hard,
        ",".join(map(str, budget.thresholds)),
        budget.time_zone,
        budget.first_weekday,
        now(),
        budget.at_limit,
    )
    added = _budget(rows[0])
    await record(tx, by, "add budget", f"budget:{added.id}", after=asdict(budget))
    return added


async def _change(tx: Statements, before: Budget, after: Budget, by: int | None) -> None:
    await tx.write(
        "UPDATE budgets SET amount = ?, hard = ?, at_limit = ?, thresholds = ? WHERE id = ?",
        after.amount,
        after.hard,
        after.at_limit,
        ",".join(map(str, after.thresholds)),
        after.id,
    )
    kept = ("amount", "hard", "at_limit", "thresholds")
    await record(
        tx,
        by,
        "change budget",
        f"budget:{after.id}",
        before={name: getattr(before, name) for name in kept},
        after={name: getattr(after, name) for name in kept},
    )


async def _end(tx: Statements, budget: Budget, by: int | None) -> None:
    await tx.write("UPDATE budgets SET deleted_at = ? WHERE id = ?", now(), budget.id)
    before = {"scope": budget.scope, "subject": budget.subject, "amount": budget.amount}
    await record(tx, by, "remove budget", f"budget:{budget.id}", before=before)


async def _matching(tx: Statements, scope: str, subject: str, period_kind: str | None) -> list[Budget]:
    """The budgets in force of a scope and subject (and period), locked."""
    rows = await tx.written(
        "UPDATE budgets SET amount = amount WHERE scope = ? AND subject = ? AND deleted_at IS NULL"
        f" AND (period = ? OR ? = '') RETURNING {columns(Budget)}, thresholds",
        scope,
        subject,
        period_kind or "",
        period_kind or "",
    )
    return sorted(map(_budget, rows), key=lambda budget: budget.id)


async def _lock(tx: Statements, budget_id: int) -> Budget:
    rows = await tx.written(
        f"UPDATE budgets SET amount = amount WHERE id = ? RETURNING {columns(Budget)}, thresholds", budget_id
    )
    if not rows:
        raise LookupError(f"no budget {budget_id}")
    return _budget(rows[0])
