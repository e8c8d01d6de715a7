"""Settling: an entry in the ledger, and what it does to reservation, budgets and conversation, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from storage.budgets import percents
from storage.database import Row, Statements, marks
from storage.entries import Entry, NewEntry, Settlement
from storage.errors import StorageError
from storage.holding import lines
from storage.notices import NewNotice, note
from storage.periods import day_of
from storage.places import channel_of
from storage.rollups import count
from storage.rows import now


async def settle(tx: Statements, settlement: Settlement, message_id: int | None = None) -> int:
    """Settle inside a transaction; the id of the entry. A reservation that is settled already is left so."""
    closed = await _close(tx, settlement)
    if closed is None:
        return await _settled_before(tx, settlement.reservation_id, message_id)
    entry = settlement.entry
    written = await _write(tx, settlement, message_id or entry.message_id, closed)
    if entry.conversation_id is not None:
        await tx.write(
            "UPDATE conversations SET cost = cost + ?, unpriced = unpriced + ? WHERE id = ?",
            entry.cost or 0,
            int(entry.cost is None),
            entry.conversation_id,
        )
    await spend(tx, settlement.reservation_id, entry.cost or 0, closed["held"])
    await count(tx, written)
    if entry.cost is None:
        await note(tx, _unpriced(entry))
    return written.id


async def _close(tx: Statements, settlement: Settlement) -> Row | None:
    """Mark a reservation settled; what it still held in each period, its credential, its workspace's time zone."""
    # One that was released (its process was taken for dead) is settled all the same: what was used is owed.
    for state, held in (("held", "amount"), ("released", "0")):
        rows = await tx.written(
            "UPDATE reservations SET state = 'settled', settled_at = ? WHERE id = ? AND state = ?"
            f" RETURNING {held} AS held, credential, (SELECT time_zone FROM workspaces WHERE id = ?) AS zone",
            now(),
            settlement.reservation_id,
            state,
            settlement.entry.workspace_id,
        )
        if rows:
            return rows[0]
    return None


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


async def _write(tx: Statements, settlement: Settlement, message_id: int | None, closed: Row) -> Entry:
    entry = settlement.entry
    values = {field.name: getattr(entry, field.name) for field in fields(NewEntry)} | {
        "message_id": message_id,
        "reservation_id": settlement.reservation_id,
        "credential": (closed["credential"] or "") if entry.credential is None else entry.credential,
        "day": day_of(entry.at, closed["zone"] or "UTC"),
        "channel": channel_of(entry.place),
    }
    return await insert(tx, values)


async def insert(tx: Statements, values: Mapping[str, Any]) -> Entry:
    """Write a line of the ledger, given by its columns."""
    rows = await tx.written(
        f"INSERT INTO usage_entries ({', '.join(values)}) VALUES ({marks(values)}) RETURNING id",
        *values.values(),
    )
    return Entry(**values, id=rows[0]["id"])


async def spend(tx: Statements, reservation_id: int, cost: int, held: int) -> None:
    """Turn what a reservation holds into what was spent, in the periods it was reserved in.

    A cost below 0 gives back what was entered too much.
    """
    if not cost and not held:
        return
    budgets = {row["period_id"]: row for row in await lines(tx, reservation_id)}
    rows = await tx.written(
        f"UPDATE budget_periods SET spent = spent + ?, reserved = reserved - ? WHERE id IN ({marks(budgets)})"
        " RETURNING id, spent, noted",
        cost,
        held,
        *budgets,
    )
    for row in rows:
        await _warn(tx, budgets[row["id"]], row["spent"], row["noted"])


async def _warn(tx: Statements, budget: Row, spent: int, noted: int) -> None:
    """Write a notice for each threshold that is reached now and was not before."""
    reached = [
        percent
        for percent in percents(budget["thresholds"])
        if noted < percent and budget["amount"] and spent * 100 >= budget["amount"] * percent
    ]
    for percent in reached:
        await note(tx, _notice(budget, percent, spent))
    if reached:
        await tx.write("UPDATE budget_periods SET noted = ? WHERE id = ?", reached[-1], budget["period_id"])


def _notice(budget: Row, percent: int, spent: int) -> NewNotice:
    subject = budget["owner"] or budget["subject"]
    whose = " ".join(part for part in (budget["scope"], subject) if part)
    text = (
        f"{percent} % of the budget of the {whose} for {budget['key'].partition('/')[0]} is spent: "
        f"{_dollars(spent)} of {_dollars(budget['amount'])}."
    )
    return NewNotice("budget", f"budget:{budget['period_id']}:{percent}", text, budget["scope"], subject)


def _unpriced(entry: NewEntry) -> NewNotice:
    """That a model is used whose price nobody knows: once in each workspace."""
    model = f"{entry.provider}/{entry.model}"
    text = (
        f"{model} was used and its price is not known: its use is counted in tokens and not in dollars."
        f" `switchboard prices set {model}` says what it costs."
    )
    key = f"unpriced:{entry.workspace_id}:{model}"[:500]
    return NewNotice("unpriced", key, text, "workspace", entry.workspace_id)


def _dollars(nano: int) -> str:
    return f"${nano // 1_000_000_000:,}.{nano % 1_000_000_000 // 10_000_000:02}"
