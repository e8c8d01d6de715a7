"""The ledger: reservations before a call, entries after it, and what they do to the budgets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from storage.budgets import BudgetLine, Charge, applying
from storage.correcting import correct
from storage.database import Database, Row, marks
from storage.entries import Entry, NewEntry, Settlement, settlement_from_json, settlement_to_json
from storage.equality import Unequal, unequal
from storage.holding import hold, release
from storage.periods import day_of
from storage.places import zone_of
from storage.rollups import catch_up
from storage.rows import columns, fill, now
from storage.settling import settle

__all__ = [
    "BudgetLine",
    "Charge",
    "Entry",
    "Ledger",
    "NewEntry",
    "Settlement",
    "Unequal",
    "Used",
    "settlement_from_json",
    "settlement_to_json",
]


@dataclass(frozen=True, slots=True)
class Used:
    """What was used: answers, nano-dollars, and how many answers have no price."""

    answers: int
    cost: int
    unpriced: int


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
                "INSERT INTO reservations (key, process, state, amount, credential, created_at)"
                " VALUES (?, ?, 'held', ?, ?, ?)"
                " ON CONFLICT (key) DO NOTHING RETURNING id",
                key,
                process,
                amount,
                charge.credential,
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

    async def correct(self, entry_id: int, cost: int, why: str, by: int | None = None) -> Entry | None:
        """Let an entry cost so many nano-dollars: a further entry says the difference. None where it does already.

        ``why`` is for the audit. Raises LookupError where there is no such entry, ValueError for a correction.
        """
        async with self._db.transaction() as tx:
            return await correct(tx, entry_id, cost, why, by)

    async def unequal(self, first_day: str, last_day: str) -> list[Unequal]:
        """Where the roll-ups of these days do not say what the entries do; empty where all is well."""
        return await unequal(self._db, first_day, last_day)

    async def catch_up(self, since: str) -> int:
        """Count in the roll-ups what an older version wrote beside this one; how many entries that were."""
        return await catch_up(self._db, since)

    async def held(self, reservation_id: int) -> int:
        """The nano-dollars that a reservation holds; 0 once it is settled or released."""
        rows = await self._db.rows(
            "SELECT amount FROM reservations WHERE id = ? AND state = 'held'", reservation_id
        )
        return rows[0]["amount"] if rows else 0

    async def rooms(self, charge: Charge) -> list[BudgetLine]:
        """The hard budgets that apply, as they stand, by id."""
        return [line for line in await self.lines(charge) if line.hard]

    async def lines(self, charge: Charge) -> list[BudgetLine]:
        """The budgets that apply, soft ones too, as they stand, by id. One query."""
        return [one.line(charge.at) for one in await applying(self._db, charge)]

    async def billed(self, conversation_id: int | None = None) -> list[Entry]:
        """Every entry (of a conversation), by id."""
        where = "" if conversation_id is None else " WHERE conversation_id = ?"
        values = () if conversation_id is None else (conversation_id,)
        rows = await self._db.rows(f"SELECT {columns(Entry)} FROM usage_entries{where} ORDER BY id", *values)
        return [fill(Entry, row) for row in rows]

    async def used(self, person_id: int, workspace_id: str, at: datetime) -> Used:
        """What a person used in a workspace in the month of a moment, by the workspace's days."""
        today = day_of(at, await zone_of(self._db, workspace_id))
        rows = await self._db.rows(
            "SELECT COUNT(*) AS answers, COALESCE(SUM(cost), 0) AS cost, COUNT(*) - COUNT(cost) AS unpriced"
            " FROM usage_entries WHERE workspace_id = ? AND day >= ? AND person_id = ?",
            workspace_id,
            f"{today[:7]}-01",
            person_id,
        )
        return Used(rows[0]["answers"], int(rows[0]["cost"]), rows[0]["unpriced"])


def _id(row: Row) -> int:
    found: int = row["id"]
    return found
