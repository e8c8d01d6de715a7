"""The ledger: reservations before a call, entries after it, and what they do to the budgets."""

from __future__ import annotations

from collections.abc import Collection

from storage.budgets import BudgetLine, Charge, applying, line
from storage.database import Database, Row, marks
from storage.entries import Entry, NewEntry, Settlement, settlement_from_json, settlement_to_json
from storage.holding import hold, release
from storage.rows import columns, fill, now
from storage.settling import settle

__all__ = [
    "BudgetLine",
    "Charge",
    "Entry",
    "Ledger",
    "NewEntry",
    "Settlement",
    "settlement_from_json",
    "settlement_to_json",
]


class Ledger:
    """Reservations and entries. Every amount is nano-dollars."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def reserve(self, charge: Charge, amount: int, process: str, *, key: str | None = None) -> int:
        """Hold an amount (0 too) in every budget that applies; the id of the reservation.

        Raises NoRoom at the first hard budget without room; then nothing is held anywhere. With a ``key`` of the
        caller's a call whose answer was lost may be repeated, or taken back by ``forget``: a key reserves once.
        """
        async with self._db.transaction() as tx:
            rows = await tx.written(
                "INSERT INTO reservations (key, process, state, amount, created_at) VALUES (?, ?, 'held', ?, ?)"
                " ON CONFLICT (key) DO NOTHING RETURNING id",
                key,
                process,
                amount,
                now(),
            )
            if not rows:
                rows = await tx.rows("SELECT id FROM reservations WHERE key = ?", key)
                return _id(rows[0])
            await hold(tx, _id(rows[0]), charge, amount)
            return _id(rows[0])

    async def forget(self, key: str) -> None:
        """Give back what was reserved under a key, for a caller that never learned whether it was."""
        for row in await self._db.rows("SELECT id FROM reservations WHERE key = ?", key):
            await self.release(row["id"])

    async def settle(self, settlement: Settlement) -> int:
        """Write an entry and settle its reservation into the reserved periods; the id of the entry.

        A reservation that is settled already is left so, and the id of its entry returned. One that was released
        is settled all the same: what was used is owed.
        """
        async with self._db.transaction() as tx:
            return await settle(tx, settlement)

    async def release(self, reservation_id: int) -> None:
        """Give back what a reservation holds; one that holds nothing any more is left as it is."""
        async with self._db.transaction() as tx:
            await release(tx, reservation_id)

    async def reclaim(self, dead: Collection[str]) -> int:
        """Release what dead processes hold and no open reply names; how many reservations."""
        rows = await self._db.rows(
            f"SELECT id FROM reservations WHERE state = 'held' AND process IN ({marks(dead)})"
            " AND NOT EXISTS (SELECT 1 FROM replies WHERE state = 'open' AND reservation_id = reservations.id)"
            " ORDER BY id",
            *dead,
        )
        released = 0
        for row in rows:
            async with self._db.transaction() as tx:
                released += await release(tx, row["id"])
        return released

    async def rooms(self, charge: Charge) -> list[BudgetLine]:
        """The hard budgets that apply, as they stand, by id."""
        found = await applying(self._db, charge)
        return [await line(self._db, budget, charge.at) for budget, _ in found if budget.hard]

    async def billed(self, conversation_id: int | None = None) -> list[Entry]:
        """Every entry (of a conversation), by id."""
        where = "" if conversation_id is None else " WHERE conversation_id = ?"
        values = () if conversation_id is None else (conversation_id,)
        rows = await self._db.rows(f"SELECT {columns(Entry)} FROM usage_entries{where} ORDER BY id", *values)
        return [fill(Entry, row) for row in rows]


def _id(row: Row) -> int:
    found: int = row["id"]
    return found
