"""The models that providers listed, kept so that a start needs no network, and the facts of those that are gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from storage.database import Database, Statements, marks
from storage.rows import columns, fill, now

T = TypeVar("T")

_AT_ONCE = 100  # rows of one statement


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model as it was last listed at ``origin``, the address of the list. ``data`` is JSON.

    ``gone_at`` is when a list first came without it, None while it is there.
    """

    provider: str
    model: str
    origin: str
    data: str
    listed_at: datetime
    gone_at: datetime | None


class KnownModels:
    """Every model that was ever on a list."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def all(self) -> list[KnownModel]:
        """All of them, those of one list in its order as far as it is known."""
        rows = await self._db.rows(f"SELECT {columns(KnownModel)} FROM known_models ORDER BY provider, id")
        return [fill(KnownModel, row) for row in rows]

    async def save(self, provider: str, origin: str, told: Mapping[str, str]) -> None:
        """A provider's list, as JSON by model: what is not on it any more is gone. Writes only what changed."""
        at = now()
        async with self._db.transaction() as tx:
            before = await _of(tx, provider)
            same = {row.model for row in before if _is(row, origin, told.get(row.model))}
            await _put(
                tx, [(provider, model, origin, told[model], at) for model in told if model not in same]
            )
            lost = [row.model for row in before if row.gone_at is None and row.model not in told]
            for part in _parts(lost):
                await tx.write(
                    f"UPDATE known_models SET gone_at = ? WHERE provider = ? AND model IN ({marks(part)})",
                    at,
                    provider,
                    *part,
                )
            await tx.write(
                "UPDATE known_models SET listed_at = ? WHERE provider = ? AND gone_at IS NULL", at, provider
            )


async def _of(tx: Statements, provider: str) -> list[KnownModel]:
    """A provider's rows, locked in one order, so that two processes do not lock one another out."""
    lock = " FOR UPDATE" if tx.locks_rows else ""
    rows = await tx.rows(
        f"SELECT {columns(KnownModel)} FROM known_models WHERE provider = ? ORDER BY id{lock}", provider
    )
    return [fill(KnownModel, row) for row in rows]


def _is(row: KnownModel, origin: str, data: str | None) -> bool:
    return (row.origin, row.data, row.gone_at) == (origin, data, None)


async def _put(tx: Statements, rows: Sequence[tuple[str, str, str, str, datetime]]) -> None:
    for part in _parts(rows):
        values = [value for row in part for value in row]
        await tx.write(
            "INSERT INTO known_models (provider, model, origin, data, listed_at)"
            f" VALUES {', '.join(['(?, ?, ?, ?, ?)'] * len(part))} ON CONFLICT (provider, model) DO UPDATE"
            " SET origin = excluded.origin, data = excluded.data, listed_at = excluded.listed_at, gone_at = NULL",
            *values,
        )


def _parts(rows: Sequence[T]) -> list[Sequence[T]]:
    return [rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)]
