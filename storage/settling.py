"""Settling: an entry in the ledger, and what it does to reservation, budgets and conversation, in one transaction."""

from __future__ import annotations

from dataclasses import fields

from storage.budgets import percents
from storage.database import Row, Statements, marks
from storage.entries import NewEntry, Settlement
from storage.errors import StorageError
from storage.holding import empty, lines
from storage.notices import NewNotice, note
from storage.periods import day_of
from storage.places import zone_of
from storage.rows import now


async def settle(tx: Statements, settlement: Settlement, message_id: int | None = None) -> int:
    """Settle inside a transaction that holds the conversation's row; the id of the entry."""
    rows = await tx.written(
        "UPDATE reservations SET state = 'settled', settled_at = ? WHERE id = ? AND state <> 'settled' RETURNING id",
        now(),
        settlement.reservation_id,
    )
    if not rows:
        return await _settled_before(tx, settlement.reservation_id, message_id)
    entry = settlement.entry
    entry_id = await _write(tx, settlement, entry.message_id if message_id is None else message_id)
    await tx.write("UPDATE reservations SET entry_id = ? WHERE id = ?", entry_id, settlement.reservation_id)
    if entry.conversation_id is not None:
        await tx.write(
            "UPDATE conversations SET cost = cost + ?, unpriced = unpriced + ? WHERE id = ?",
            entry.cost or 0,
            int(entry.cost is None),
            entry.conversation_id,
        )
    await _spend(tx, settlement.reservation_id, entry.cost or 0)
    return entry_id


async def _settled_before(tx: Statements, reservation_id: int, message_id: int | None) -> int:
    """The entry that settled a reservation; it learns of its message where only now there is one."""
    rows = await tx.written(
        "UPDATE usage_entries SET message_id = COALESCE(message_id, ?) WHERE reservation_id = ? RETURNING id",
        message_id,
        reservation_id,
    )
    if not rows:
        raise StorageError(f"no reservation {reservation_id}")
    entry_id: int = rows[0]["id"]
    return entry_id


async def _write(tx: Statements, settlement: Settlement, message_id: int | None) -> int:
    entry = settlement.entry
    values = {field.name: getattr(entry, field.name) for field in fields(NewEntry)} | {
        "message_id": message_id,
        "reservation_id": settlement.reservation_id,
        "day": day_of(entry.at, await zone_of(tx, entry.workspace_id)),
    }
    rows = await tx.written(
        f"INSERT INTO usage_entries ({', '.join(values)}) VALUES ({marks(values)}) RETURNING id",
        *values.values(),
    )
    entry_id: int = rows[0]["id"]
    return entry_id


async def _spend(tx: Statements, reservation_id: int, cost: int) -> None:
    """Turn what a reservation holds into what was spent, in the periods it was reserved in."""
    for held in await lines(tx, reservation_id):
        if not cost and not held["held"]:
            continue
        rows = await tx.written(
            "UPDATE budget_periods SET spent = spent + ?, reserved = reserved - ? WHERE id = ? RETURNING spent, noted",
            cost,
            held["held"],
            held["period_id"],
        )
        await _warn(tx, held, rows[0]["spent"], rows[0]["noted"])
    await empty(tx, reservation_id)


async def _warn(tx: Statements, held: Row, spent: int, noted: int) -> None:
    """Write a notice for each threshold that is reached now and was not before."""
    reached = [
        percent
        for percent in percents(held["thresholds"])
        if noted < percent and held["amount"] and spent * 100 >= held["amount"] * percent
    ]
    for percent in reached:
        await note(tx, _notice(held, percent, spent))
    if reached:
        await tx.write("UPDATE budget_periods SET noted = ? WHERE id = ?", reached[-1], held["period_id"])


def _notice(held: Row, percent: int, spent: int) -> NewNotice:
    whose = " ".join(part for part in (held["scope"], held["subject"]) if part)
    text = (
        f"{percent} % of the budget of the {whose} for {held['key']} is spent: "
        f"{_dollars(spent)} of {_dollars(held['amount'])}."
    )
    return NewNotice("budget", f"budget:{held['period_id']}:{percent}", text, held["scope"], held["subject"])


def _dollars(nano: int) -> str:
    return f"${nano // 1_000_000_000:,}.{nano % 1_000_000_000 // 10_000_000:02}"
