"""Providers and models that admins entered. What is removed stays as a row, for what was said with it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.audit import record
from storage.credentials import wipe_of
from storage.database import Database, Statements
from storage.errors import NameTaken, NoSuchEntry
from storage.rows import columns, fill, now
from storage.vault import turn


@dataclass(frozen=True, slots=True)
class CustomProvider:
    """A provider that speaks OpenAI's protocol at ``base_url``. ``slug`` is its id in models' names."""

    slug: str
    name: str
    base_url: str
    keyless: bool
    added_at: datetime = field(compare=False)


@dataclass(frozen=True, slots=True)
class CustomModel:
    """A model of any provider. ``data`` is what was entered of it, as JSON."""

    provider: str
    model: str
    data: str
    added_at: datetime = field(compare=False)


class Custom:
    """Everything that was entered. Every change is audited; ``via`` says by what, beside the person."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def providers(self) -> list[CustomProvider]:
        """Those in force, in the order in which they came."""
        rows = await self._db.rows(
            f"SELECT {columns(CustomProvider)} FROM custom_providers WHERE removed_at IS NULL ORDER BY id"
        )
        return [fill(CustomProvider, row) for row in rows]

    async def models(self) -> list[CustomModel]:
        """Those in force, in the order in which they came."""
        rows = await self._db.rows(
            f"SELECT {columns(CustomModel)} FROM custom_models WHERE removed_at IS NULL ORDER BY id"
        )
        return [fill(CustomModel, row) for row in rows]

    async def stamp(self) -> tuple[int, ...]:
        """Another value after every change. Cheap."""
        rows = await self._db.rows(
            "SELECT 1 AS place, COALESCE(MAX(id), 0) AS newest, COALESCE(SUM(version), 0) AS versions"
            " FROM custom_providers UNION ALL"
            " SELECT 2, COALESCE(MAX(id), 0), COALESCE(SUM(version), 0) FROM custom_models ORDER BY place"
        )
        return tuple(int(row[name]) for row in rows for name in ("newest", "versions"))

    async def add_provider(
        self, slug: str, name: str, base_url: str, *, keyless: bool, by: int | None = None, via: str = ""
    ) -> None:
        """Enter a provider. Raises NameTaken."""
        async with self._db.transaction() as tx:
            rows = await tx.written(
                "INSERT INTO custom_providers (slug, taken, name, base_url, keyless, added_at, added_by)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (taken) DO NOTHING RETURNING id",
                slug,
                slug,
                name,
                base_url,
                keyless,
                now(),
                by,
            )
            if not rows:
                say = f"There is a provider “{slug}” already; take another name, or remove that one first."
                raise NameTaken(f"provider {slug!r} is there", say=say)
            after = {"name": name, "base_url": base_url, "keyless": keyless}
            await _tell(tx, by, "add provider", slug, via, after=after)

    async def remove_provider(self, slug: str, *, by: int | None = None, via: str = "") -> list[str]:
        """Take a provider out of force, with what was entered of its models. Raises NoSuchEntry.

        Its keys are wiped too, or whoever entered another address under the same id would be sent them; their names.
        """
        async with self._db.transaction() as tx:
            await turn(tx)
            before = await _taken_out(tx, "custom_providers", slug, "name, base_url", by)
            if before is None:
                say = f"No provider “{slug}” was entered here; `switchboard providers` lists them."
                raise NoSuchEntry(f"no custom provider {slug!r}", say=say)
            await _tell(tx, by, "remove provider", slug, via, before=before)
            for row in await tx.rows(
                "SELECT taken FROM custom_models WHERE provider = ? AND removed_at IS NULL", slug
            ):
                await _model_removed(tx, row["taken"], by, via)
            return await wipe_of(tx, slug, by, via)

    async def put_model(
        self, provider: str, model: str, data: str, *, by: int | None = None, via: str = ""
    ) -> None:
        """Enter a model, in the place of what was entered of it before."""
        name = f"{provider}/{model}"
        async with self._db.transaction() as tx:
            before = await _taken_out(tx, "custom_models", name, "data", by)
            await tx.write(
                "INSERT INTO custom_models (provider, model, taken, data, added_at, added_by)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                provider,
                model,
                name,
                data,
                now(),
                by,
            )
            old = json.loads(before["data"]) if before else None
            await _tell(tx, by, "add model", name, via, before=old, after=json.loads(data))

    async def remove_model(self, name: str, *, by: int | None = None, via: str = "") -> None:
        """Take a model, as provider/model, out of force. Raises NoSuchEntry."""
        async with self._db.transaction() as tx:
            if not await _model_removed(tx, name, by, via):
                say = f"Nothing was entered of a model “{name}”; `switchboard models` marks what was entered."
                raise NoSuchEntry(f"no custom model {name!r}", say=say)


async def _model_removed(tx: Statements, name: str, by: int | None, via: str) -> bool:
    before = await _taken_out(tx, "custom_models", name, "data", by)
    if before is None:
        return False
    await _tell(tx, by, "remove model", name, via, before=json.loads(before["data"]))
    return True


async def _taken_out(
    tx: Statements, table: str, taken: str, told: str, by: int | None
) -> dict[str, Any] | None:
    """End what has a name; the columns in ``told`` as they were, None where nothing has it."""
    rows = await tx.written(
        f"UPDATE {table} SET taken = NULL, removed_at = ?, removed_by = ?, version = version + 1"
        f" WHERE taken = ? RETURNING {told}",
        now(),
        by,
        taken,
    )
    return {name: rows[0][name] for name in told.split(", ")} if rows else None


async def _tell(
    tx: Statements,
    by: int | None,
    action: str,
    subject: str,
    via: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write it to the audit, ``via`` beside what is there afterwards, else beside what was before."""
    said = {"via": via} if via else {}
    if after is not None:
        after = after | said
    else:
        before = (before or {}) | said
    await record(tx, by, action, subject, before=before, after=after)
