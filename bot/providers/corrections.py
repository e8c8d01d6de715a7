"""Where the bundled price data is stale or silent: a small table of our own, each entry with its source and day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

from bot.core.provider import ModelId
from bot.providers.rates import Rates


@dataclass(frozen=True, slots=True)
class Correction:
    """What holds for models of a provider whose id matches one of ``models`` (shell style, lower case).

    From the day ``since`` (UTC) on, and where ``weekdays`` are named on those only (1 is Monday). Either ``rates``, or
    ``same_as``: what the data says of another model of that provider.
    """

    provider: str
    models: tuple[str, ...]
    as_of: date
    source: str
    since: date | None = None
    weekdays: frozenset[int] = frozenset()
    rates: Rates | None = None
    same_as: str | None = None

    def names(self, model: ModelId) -> bool:
        """Whether it is about that model."""
        name = model.model.lower()
        return model.provider == self.provider and any(fnmatchcase(name, each) for each in self.models)

    def holds(self, at: datetime) -> bool:
        """Whether it is about that moment."""
        day = at.astimezone(UTC).date()
        begun = self.since is None or day >= self.since
        return begun and (not self.weekdays or day.isoweekday() in self.weekdays)


@cache
def corrections() -> tuple[Correction, ...]:
    """The table; of several entries that hold the first counts."""
    table = json.loads((files("bot.providers") / "data" / "price_corrections.json").read_text("utf-8"))
    return tuple(_read(entry) for entry in table["corrections"])


def correction(model: ModelId, at: datetime) -> Correction | None:
    """The entry that holds for a model at a moment."""
    return next((each for each in corrections() if each.names(model) and each.holds(at)), None)


def _read(entry: Mapping[str, Any]) -> Correction:
    as_of, since = date.fromisoformat(entry["as_of"]), entry.get("since")
    return Correction(
        entry["provider"],
        tuple(entry["models"]),
        as_of,
        entry["source"],
        date.fromisoformat(since) if since else None,
        frozenset(entry.get("weekdays", ())),
        _rates(entry["rates"], as_of) if "rates" in entry else None,
        entry.get("same_as"),
    )


def _rates(figures: Mapping[str, Any], as_of: date) -> Rates:
    def figure(name: str) -> Decimal | None:
        return Decimal(figures[name]) if name in figures else None

    return Rates(
        figure("input"),
        figure("output"),
        cached=figure("cached"),
        cache_write=figure("cache_write"),
        reasoning=figure("reasoning"),
        per_request=figure("per_request") or Decimal(0),
        per_search=tuple((size, Decimal(fee)) for size, fee in figures.get("per_search", {}).items()),
        source=f"corrected {as_of}",
        as_of=as_of,
    )
