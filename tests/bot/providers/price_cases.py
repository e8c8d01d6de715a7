"""The price cases of the file beside it, read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from bot.core.provider import ModelId, Rates, Usage
from bot.providers.catalog import row
from bot.providers.prices import PriceBook
from bot.providers.wires.openai.usage import usage_of
from storage.price_overrides import NewOverride
from storage.store import Store

Case = Mapping[str, Any]

_FILE = Path(__file__).with_suffix(".yml")
_TERM = re.compile(r"(?P<tokens>\d+) x (?P<rate>[\d.]+)|fee (?P<fee>[\d.]+)")


def read() -> tuple[Mapping[str, str], list[Case]]:
    """The price lists by name, and the cases."""
    whole = yaml.safe_load(_FILE.read_text("utf-8"))
    return whole["lists"], whole["cases"]


def added_up(working: str) -> Decimal:
    """What a working comes to, in dollars."""
    total = Decimal(0)
    for term in working.split(" + "):
        found = _TERM.fullmatch(term)
        assert found is not None, term
        if found["fee"]:
            total += Decimal(found["fee"])
        else:
            total += int(found["tokens"]) * Decimal(found["rate"]) / 1_000_000
    return total


def model(case: Case) -> ModelId:
    """The model of a case."""
    return ModelId.parse(case["model"])


def at(case: Case) -> datetime:
    """Its moment."""
    return datetime.fromisoformat(case["at"])


def usage(case: Case) -> Usage:
    """What was used: as it stands, or as the provider says it."""
    if "says" not in case:
        return Usage(**case["usage"])
    provider = row(model(case).provider)
    assert provider is not None
    said = usage_of(case["says"], provider.quirks)
    assert said is not None
    return said


def bundled(case: Case) -> PriceBook:
    """A book without a database; with what an admin wrote down of the model."""
    return PriceBook(custom=lambda _: _written(case))


async def book(case: Case, store: Store) -> PriceBook:
    """A book with all that admins set in a case, and nothing that they set before."""
    for old in await store.price_overrides.all():
        await store.price_overrides.remove(old.id)
    for setting in case.get("sets", ()):
        begun = datetime.combine(setting["valid_from"], time(), UTC)
        figures = {name: text for name, text in setting.items() if name != "valid_from"}
        each = model(case)
        await store.price_overrides.add(NewOverride(each.provider, each.model, begun, **figures))
    made = PriceBook(store.price_overrides, lambda _: _written(case))
    await made.sync()
    return made


def _written(case: Case) -> Rates | None:
    if "custom" not in case:
        return None
    return Rates(Decimal(case["custom"]["input"]), Decimal(case["custom"]["output"]))
