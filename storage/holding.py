"""Reservations: amounts held in the periods of budgets, always locked in the order of the budgets' ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage.budgets import Applying, Charge, applying, begin
from storage.database import Row, Statements, marks
from storage.errors import NoRoom
from storage.rows import now


@dataclass(frozen=True, slots=True)
class _Held:
    """A budget that applies, and the row of its running period."""

    applying: Applying
    period_id: int


async def hold(tx: Statements, reservation_id: int, charge: Charge, amount: int) -> None:
    """Hold an amount in every budget that applies. Raises NoRoom at the first that has no room."""
    periods = await _periods(tx, charge)
    if not periods:
        return
    # What costs nothing always fits, also where a settlement went over the limit.
    if amount:
        await _add(tx, periods, charge, amount)
    values = [value for held in periods for value in (reservation_id, held.period_id, amount)]
    await tx.write(
        "INSERT INTO reservation_lines (reservation_id, period_id, amount) VALUES "
        + ", ".join(["(?, ?, ?)"] * len(periods)),
        *values,
    )


async def _periods(tx: Statements, charge: Charge) -> list[_Held]:
    """The running period of every budget that applies, in the order of the budgets; made where it is missing."""
    found = []
    for one in await applying(tx, charge):
        running = one.period_id
        period_id = running if running is not None else await begin(tx, one.budget, one.owner, charge.at)
        found.append(_Held(one, period_id))
    return found


async def _add(tx: Statements, periods: Sequence[_Held], charge: Charge, amount: int) -> None:
    """Add an amount to what is reserved in all these periods. Raises NoRoom, and must then be rolled back."""
    ids = [held.period_id for held in periods]
    if tx.locks_rows:
        await tx.rows(
            f"SELECT id FROM budget_periods WHERE id IN ({marks(ids)}) ORDER BY budget_id FOR UPDATE", *ids
        )
    rows = await tx.written(
        f"UPDATE budget_periods SET reserved = reserved + ? WHERE id IN ({marks(ids)})"
        " AND EXISTS (SELECT 1 FROM budgets b WHERE b.id = budget_periods.budget_id"
        " AND (NOT b.hard OR budget_periods.spent + budget_periods.reserved + ? <= b.amount + budget_periods.extra))"
        " RETURNING id",
        amount,
        *ids,
        amount,
    )
    added = {row["id"] for row in rows}
    if full := [held.applying.budget.id for held in periods if held.period_id not in added]:
        # Read again: what this transaction found at first may be older than what it waited for.
        standing = {one.budget.id: one for one in await applying(tx, charge)}
        raise NoRoom(standing[full[0]].line(charge.at), amount)


async def lines(tx: Statements, reservation_id: int) -> Sequence[Row]:
    """The periods a reservation counts in, locked, with what their budgets say."""
    lock = " FOR UPDATE OF p" if tx.locks_rows else ""
    return await tx.rows(
        "SELECT l.period_id, p.key, p.subject AS owner, b.amount, b.scope, b.subject, b.thresholds"
        " FROM reservation_lines l JOIN budget_periods p ON p.id = l.period_id"
        f" JOIN budgets b ON b.id = p.budget_id WHERE l.reservation_id = ? ORDER BY b.id{lock}",
        reservation_id,
    )


async def release(tx: Statements, reservation_id: int) -> int:
    """Give back what a reservation holds; 1, or 0 where it holds nothing any more."""
    rows = await tx.written(
        "UPDATE reservations SET state = 'released', settled_at = ? WHERE id = ? AND state = 'held'"
        " RETURNING amount",
        now(),
        reservation_id,
    )
    if rows and rows[0]["amount"]:
        ids = [row["period_id"] for row in await lines(tx, reservation_id)]
        await tx.write(
            f"UPDATE budget_periods SET reserved = reserved - ? WHERE id IN ({marks(ids)})",
            rows[0]["amount"],
            *ids,
        )
    return len(rows)
