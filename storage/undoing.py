"""Undoing: a change that the audit tells of is put back exactly, as long as nothing changed it since.

Only the numbers of its entries come in; every value is the audit's own.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from storage.audit import NULL, AuditRow, record
from storage.database import Database, Statements, marks
from storage.putting_back import STEPS
from storage.vault import turn

_NUMBERED = (
    "agent:",
    "budget:",
    "credential:",
    "price:",
    "webhook:",
)  # subjects whose number is followed by a name


class _Changed(Exception):
    """Leaves the transaction; nobody is told."""


class Undoing:
    """Puts changes back."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def undo(self, rows: Sequence[AuditRow], by: int) -> bool:
        """Put back what these entries of the audit tell of, the last one first: all of it, or none.

        False where one of them has no way back, or was undone already, or was changed since. Audited.
        """
        try:
            async with self._db.transaction() as tx:
                if any(row.action.endswith("credential") for row in rows):
                    await turn(tx)
                undone: list[int] = [row.id for row in rows]
                for row in sorted(rows, key=lambda row: row.id, reverse=True):
                    step = STEPS.get(row.action)
                    if step is None or not await step(tx, row, by) or await _is_over(tx, row, undone):
                        raise _Changed
                for row in rows:
                    await record(
                        tx, by, "undo", row.subject, before=_value(row.after), after=_value(row.before)
                    )
        except _Changed:
            return False
        return bool(rows)


async def _is_over(tx: Statements, row: AuditRow, together: Collection[int]) -> bool:
    """Whether something was written down of the same subject since."""
    where, subjects = "subject = ?", [row.subject]
    if row.subject.startswith(_NUMBERED):
        number = row.subject.partition(" ")[0]
        where, subjects = "(subject = ? OR subject LIKE ?)", [number, f"{number} %"]
    found = await tx.rows(
        f"SELECT 1 FROM audit WHERE {where} AND id > ? AND id NOT IN ({marks(together)}) LIMIT 1",
        *subjects,
        row.id,
        *together,
    )
    return bool(found)


def _value(text: str | None) -> Any:
    """What an entry keeps, as ``record`` takes it."""
    value = None if text is None else json.loads(text)
    return NULL if text is not None and value is None else value
