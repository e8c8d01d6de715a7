"""Corrections: an entry is never changed; another one says what has to be added to it."""

from __future__ import annotations

from dataclasses import fields

from storage.audit import record
from storage.database import Statements
from storage.entries import CORRECTION, PRICED, Entry, NewEntry
from storage.places import channel_of
from storage.rollups import count
from storage.rows import columns, fill
from storage.settling import insert, spend

_WHY = "corrected"


async def correct(tx: Statements, entry_id: int, cost: int, why: str, by: int | None) -> Entry | None:
    """Let an entry cost so many nano-dollars from now on; the correction, None where it costs that already.

    It counts where the entry counts: on its day, in its conversation, in the periods it was reserved in. Audited.
    Raises LookupError where there is no such entry, ValueError where it is a correction itself.
    """
    # A write that changes nothing: whoever corrects the same entry at this moment comes after us.
    rows = await tx.written(
        f"UPDATE usage_entries SET day = day WHERE id = ? RETURNING {columns(Entry)}", entry_id
    )
    if not rows:
        raise LookupError(f"no entry {entry_id}")
    entry = fill(Entry, rows[0])
    if entry.corrects is not None:
        raise ValueError(f"entry {entry_id} is a correction; correct entry {entry.corrects}")
    before = await _standing(tx, entry)
    if before == cost:
        return None
    written = await insert(tx, _values(entry, cost - (before or 0), priced=before is None))
    if entry.conversation_id is not None:
        await tx.write(
            "UPDATE conversations SET cost = cost + ?, unpriced = unpriced - ? WHERE id = ?",
            written.cost,
            int(before is None),
            entry.conversation_id,
        )
    if entry.reservation_id is not None:
        await spend(tx, entry.reservation_id, written.cost or 0, 0)
    await count(tx, written)
    after = {"cost": cost, "why": why, "correction": written.id}
    await record(tx, by, "correct entry", f"entry:{entry_id}", before={"cost": before}, after=after)
    return written


async def _standing(tx: Statements, entry: Entry) -> int | None:
    """What an entry costs with all its corrections, in nano-dollars; None where it has no price yet."""
    [row] = await tx.rows(
        "SELECT COUNT(*) AS corrections, SUM(cost) AS added FROM usage_entries WHERE corrects = ?", entry.id
    )
    if entry.cost is None and not row["corrections"]:
        return None
    return (entry.cost or 0) + int(row["added"] or 0)


def _values(entry: Entry, cost: int, *, priced: bool) -> dict[str, object]:
    """The columns of a correction: everything that says whose it is, and nothing that was used."""
    kept = {field.name: getattr(entry, field.name) for field in fields(NewEntry)}
    used = ("input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
    return (
        kept
        | dict.fromkeys(used, 0)
        | {
            "kind": CORRECTION,
            "cost": cost,
            "price_source": CORRECTION,
            "prices": "{}",
            "first_token_ms": None,
            "latency_ms": None,
            "why": PRICED if priced else _WHY,
            "day": entry.day,
            "channel": channel_of(entry.place),
            "corrects": entry.id,
        }
    )
