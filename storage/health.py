"""How providers and models do, as the processes tell one another, and whose turn it is to look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from storage.database import Database, Row, Statements, first
from storage.rows import columns, fill


@dataclass(frozen=True, slots=True)
class Vitals:
    """How one of them does. Latencies are milliseconds, speeds tokens per second; None where never seen.

    ``status`` is "available", "slow" or "failing"; ``kind`` and ``said`` are of the failure, "" where it is well.
    ``open``: nobody should ask it just now. ``recent`` and ``usual`` are averages over a few and over many answers,
    of which there were ``answers``. ``since`` is when the status began, ``seen_at`` when something was last seen.
    """

    status: str
    since: datetime
    seen_at: datetime
    kind: str = ""
    said: str = ""
    open: bool = False
    latency_ms: int | None = None
    recent_ms: float | None = None
    usual_ms: float | None = None
    speed: float | None = None
    usual_speed: float | None = None
    answers: int = 0


Subject = tuple[str, str]
"""A provider, and the name of a credential or the id of a model."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is written of a subject, and how often it was written."""

    vitals: Vitals
    version: int


class Health:
    """The two tables. What one process writes, another finds by its version."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def providers(self) -> dict[Subject, Known]:
        """By provider and name of the credential."""
        return await self._all("provider_health", "credential")

    async def models(self) -> dict[Subject, Known]:
        """By provider and model."""
        return await self._all("model_health", "model")

    async def write(
        self, providers: Mapping[Subject, Vitals], models: Mapping[Subject, Vitals]
    ) -> tuple[dict[Subject, int], dict[Subject, int]]:
        """Write what has changed, all at once; the versions that it has now."""
        if not providers and not models:
            return {}, {}
        async with self._db.transaction() as tx:
            return (
                await _write(tx, "provider_health", "credential", providers),
                await _write(tx, "model_health", "model", models),
            )

    async def turn(self, name: str) -> int:
        """How often something was done so far by whichever process had the turn."""
        row = first(await self._db.rows("SELECT number FROM turns WHERE name = ?", name))
        return 0 if row is None else row["number"]

    async def take_turn(self, name: str, number: int) -> bool:
        """Take the turn after the ``number``-th; false where another process has taken it."""
        await self._db.write(
            "INSERT INTO turns (name, number) VALUES (?, 0) ON CONFLICT (name) DO NOTHING", name
        )
        sql = "UPDATE turns SET number = number + 1 WHERE name = ? AND number = ?"
        return await self._db.write(sql, name, number) == 1

    async def _all(self, table: str, named: str) -> dict[Subject, Known]:
        rows: Sequence[Row] = await self._db.rows(
            f"SELECT provider, {named} AS name, version, {columns(Vitals)} FROM {table}"
        )
        return {(row["provider"], row["name"]): Known(fill(Vitals, row), row["version"]) for row in rows}


async def _write(
    tx: Statements, table: str, named: str, changed: Mapping[Subject, Vitals]
) -> dict[Subject, int]:
    names = columns(Vitals)
    taken_over = ", ".join(f"{name} = excluded.{name}" for name in names.split(", "))
    marks = ", ".join("?" * (len(names.split(", ")) + 2))
    versions = {}
    # Always in the same order: two processes that write the same rows do not wait for one another in a ring.
    for subject in sorted(changed):
        rows = await tx.written(
            f"INSERT INTO {table} (provider, {named}, {names}) VALUES ({marks}) ON CONFLICT (provider, {named})"
            f" DO UPDATE SET {taken_over}, version = {table}.version + 1 RETURNING version",
            *subject,
            *astuple(changed[subject]),
        )
        versions[subject] = rows[0]["version"]
    return versions
