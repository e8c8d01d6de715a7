"""Roll-ups: what entries add up to by day, kept in the transaction that writes the entry.

Every writer takes the rows in one order (days, threads, then totals by dimension), so that none waits in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence

from storage.database import Database, Row, Statements, Value
from storage.entries import Entry
from storage.figures import BUCKETS, SUMS, Figures, figures_of
from storage.places import channel_of
from storage.rows import columns, fill

NOBODY = 0  # stands for an entry without a person
DIMENSIONS = (
    "channel",
    "credential",
    "kind",
    "model",
    "person",
)  # of the totals, in the order they are locked
RETRY = "retry"  # a chat that was asked again is a kind of its own

_DAY_KEY = ("channel", "day", "person_id", "provider", "model", "credential", "kind", "workspace_id")
_THREAD_KEY = ("conversation_id", "day", "person_id")
_TOTAL_KEY = ("workspace_id", "dimension", "day", "subject")
_AT_ONCE = 500  # entries of older processes that are looked for at once


def _upsert(
    table: str, key: Sequence[str], sums: Sequence[str], beside: Sequence[str] = (), rows: int = 1
) -> str:
    """A statement that adds to rows, made where they are missing; ``beside`` stays as it was made."""
    names = (*key, *beside, *sums)
    one = f"({', '.join('?' * len(names))})"
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([one] * rows)}"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {added}"
    )


_TIMED = (*SUMS, *BUCKETS)
_DAYS = _upsert("usage_days", _DAY_KEY, _TIMED)
_THREADS = _upsert("usage_threads", _THREAD_KEY, SUMS, ("channel", "workspace_id"))
_TOTALS = _upsert("usage_totals", _TOTAL_KEY, _TIMED, rows=len(DIMENSIONS))


def kind_of(kind: str, why: str) -> str:
    """The kind that an entry counts under."""
    return RETRY if (kind, why) == ("chat", "retry") else kind


async def count(tx: Statements, entry: Entry) -> None:
    """Add an entry that is written in this transaction, or whose row is locked in it."""
    figures = figures_of(entry)
    person, channel = entry.person_id or NOBODY, channel_of(entry.place)
    kind, timed = kind_of(entry.kind, entry.why), (*figures.sums, *figures.buckets)
    await tx.write(
        _DAYS,
        channel,
        entry.day,
        person,
        entry.provider,
        entry.model,
        entry.credential,
        kind,
        entry.workspace_id,
        *timed,
    )
    if entry.conversation_id is not None:
        thread = (entry.conversation_id, entry.day, person, channel, entry.workspace_id)
        await tx.write(_THREADS, *thread, *figures.sums)
    subjects = {
        "channel": channel,
        "credential": f"{entry.provider}/{entry.credential}",
        "kind": kind,
        "model": f"{entry.provider}/{entry.model}",
        "person": str(person),
    }
    values: list[Value] = []
    for dimension in DIMENSIONS:
        values += (entry.workspace_id, dimension, entry.day, subjects[dimension], *timed)
    await tx.write(_TOTALS, *values)


async def catch_up(db: Database, since: str) -> int:
    """Count the entries from a day on that an older version wrote beside this one; how many there were."""
    caught = 0
    while True:
        rows = await db.rows(
            "SELECT id, place FROM usage_entries WHERE day >= ? AND channel IS NULL ORDER BY id LIMIT ?",
            since,
            _AT_ONCE,
        )
        for row in rows:
            caught += await _catch(db, row["id"], row["place"])
        if len(rows) < _AT_ONCE:
            return caught


async def _catch(db: Database, entry_id: int, place: str) -> int:
    async with db.transaction() as tx:
        rows = await tx.written(
            f"UPDATE usage_entries SET channel = ? WHERE id = ? AND channel IS NULL RETURNING {columns(Entry)}",
            channel_of(place),
            entry_id,
        )
        for row in rows:
            await count(tx, fill(Entry, row))
        return len(rows)


def figures_from(row: Row, sums: Sequence[str] = SUMS, *, timed: bool = True) -> Figures:
    """The figures of a row that has these columns, and those of BUCKETS where it is ``timed``."""
    buckets = tuple(int(row[name] or 0) for name in BUCKETS) if timed else ()
    return Figures(**{name: int(row[name] or 0) for name in sums}, buckets=buckets)
