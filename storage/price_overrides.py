"""What admins say models cost, from a moment on. Decimal strings: dollars per million tokens, or for one request."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from storage.audit import record
from storage.database import Database
from storage.rows import columns, fill, now

_FIGURES = ("input", "output", "cached", "cache_write", "per_request")


@dataclass(frozen=True, slots=True)
class NewOverride:
    """A price to be kept. ``valid_from`` in UTC; None of the last three: there is no price of its own for that."""

    provider: str
    model: str
    valid_from: datetime
    input: str
    output: str
    cached: str | None = None
    cache_write: str | None = None
    per_request: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """A price that somebody set."""

    id: int
    provider: str
    model: str
    valid_from: datetime
    input: str
    output: str
    cached: str | None
    cache_write: str | None
    per_request: str | None
    note: str
    set_by: int | None
    set_at: datetime
    removed_at: datetime | None


class PriceOverrides:
    """Prices in force and removed ones; which applies when is for the price book to say."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, new: NewOverride, *, by: int | None = None, via: str = "") -> Override:
        """Keep a price. Audited."""
        async with self._db.transaction() as tx:
            rows = await tx.written(
                "INSERT INTO price_overrides (provider, model, valid_from, input, output, cached, cache_write,"
                " per_request, note, set_by, set_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                f" RETURNING {columns(Override)}",
                new.provider,
                new.model,
                new.valid_from,
                new.input,
                new.output,
                new.cached,
                new.cache_write,
                new.per_request,
                new.note,
                by,
                now(),
            )
            made = fill(Override, rows[0])
            await record(tx, by, "set price", _subject(made), after=_told(made, via))
            return made

    async def remove(self, override_id: int, *, by: int | None = None, via: str = "") -> Override | None:
        """Take a price out of force; what it was, None where there is none such (any more). Audited."""
        async with self._db.transaction() as tx:
            rows = await tx.written(
                "UPDATE price_overrides SET removed_at = ? WHERE id = ? AND removed_at IS NULL"
                f" RETURNING {columns(Override)}",
                now(),
                override_id,
            )
            if not rows:
                return None
            gone = fill(Override, rows[0])
            await record(tx, by, "remove price", _subject(gone), before=_told(gone, via))
            return gone

    async def all(self) -> list[Override]:
        """Every price in force, also those of a time to come: by model, the latest to begin first."""
        rows = await self._db.rows(
            f"SELECT {columns(Override)} FROM price_overrides WHERE removed_at IS NULL"
            " ORDER BY provider, model, valid_from DESC, id DESC"
        )
        return [fill(Override, row) for row in rows]

    async def stamp(self) -> tuple[int, int]:
        """Another value after every change. Cheap."""
        rows = await self._db.rows(
            "SELECT COALESCE(MAX(id), 0) AS newest, COUNT(removed_at) AS removed FROM price_overrides"
        )
        return int(rows[0]["newest"]), int(rows[0]["removed"])


def _subject(override: Override) -> str:
    return f"price:{override.id} {override.provider}/{override.model}"


def _told(override: Override, via: str) -> dict[str, str]:
    """What the audit keeps of it."""
    told = {name: value for name, value in asdict(override).items() if name in (*_FIGURES, "note")}
    told |= {"valid_from": override.valid_from.isoformat(), "via": via}
    return {name: value for name, value in told.items() if value}
