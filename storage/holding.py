"""Reservations: amounts held in the periods of budgets, always locked in the order of the budgets' ids."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storage.budgets import Budget, line
from storage.database import Row, Statements
from storage.errors import NoRoom
from storage.rows import now


async def hold(tx: Statements, budget: Budget, at: datetime, amount: int) -> int:
    """Hold an amount in a budget's period; the id of the period. Raises NoRoom."""
    current = budget.period_at(at)
    # What costs nothing always fits, also where a settlement went over the limit.
    limited = budget.hard and amount > 0
    condition = " AND spent + reserved + ? <= ?" if limited else ""
    bounds = (amount, budget.amount) if limited else ()
    for _ in range(2):
        rows = await tx.written(
            "UPDATE budget_periods SET reserved = reserved + ? WHERE budget_id = ? AND key = ?"
            f"{condition} RETURNING id",
            amount,
            budget.id,
            current.key,
            *bounds,
        )
        if rows:
            period_id: int = rows[0]["id"]
            return period_id
        await tx.write(
            "INSERT INTO budget_periods (budget_id, key, starts_at, ends_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (budget_id, key) DO NOTHING",
            budget.id,
            current.key,
            current.starts_at,
            current.ends_at,
        )
    raise NoRoom(await line(tx, budget, at), amount)


async def note_lines(tx: Statements, reservation_id: int, periods: list[int], amount: int) -> None:
    if periods:
        lines = [value for period_id in periods for value in (reservation_id, period_id, amount)]
        await tx.write(
            "INSERT INTO reservation_lines (reservation_id, period_id, amount) VALUES "
            + ", ".join(["(?, ?, ?)"] * len(periods)),
            *lines,
        )


async def lines(tx: Statements, reservation_id: int) -> Sequence[Row]:
    """What a reservation holds, in the order in which every transaction locks its periods."""
    return await tx.rows(
        "SELECT l.period_id, l.amount AS held, p.key, b.amount, b.scope, b.subject, b.period, b.thresholds"
        " FROM reservation_lines l JOIN budget_periods p ON p.id = l.period_id"
        " JOIN budgets b ON b.id = p.budget_id WHERE l.reservation_id = ? ORDER BY b.id",
        reservation_id,
    )


async def empty(tx: Statements, reservation_id: int) -> None:
    """A line's amount is what it still holds, so that nothing can be given back twice."""
    await tx.write("UPDATE reservation_lines SET amount = 0 WHERE reservation_id = ?", reservation_id)


async def release(tx: Statements, reservation_id: int) -> int:
    released = await tx.write(
        "UPDATE reservations SET state = 'released', settled_at = ? WHERE id = ? AND state = 'held'",
        now(),
        reservation_id,
    )
    if released:
        for held in await lines(tx, reservation_id):
            await tx.write(
                "UPDATE budget_periods SET reserved = reserved - ? WHERE id = ?",
                held["held"],
                held["period_id"],
            )
        await empty(tx, reservation_id)
    return released
