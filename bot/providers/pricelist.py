"""The bundled price data, read: genai-prices' entry for a model at a moment, as our rates.

The data is imported where it is first needed: it takes 0.3 s and 20 MB that a start need not wait for.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.core.provider import ModelId
from bot.providers import catalog
from bot.providers.rates import Rates, Tier

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

CHECKED = ("0.2.3", date(2026, 11, 4))
"""The version of the data that our corrections were compared with, and the newest day that it speaks of."""

_NAMES = {
    "input": "input_mtok",
    "output": "output_mtok",
    "cached": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
}


def listed(model: ModelId, at: datetime) -> Rates | None:
    """What the data says of a model at that moment, None where it knows no price."""
    found = _find(model)
    if found is None or not found.prices:
        return None
    tariff = found.get_prices(at)
    given, written = _rate(tariff, "input", 0), _rate(tariff, "output", 0)
    if not given and not written:
        return None  # an entry without figures, or a free offer: that is no price
    version, as_of = _version()
    return Rates(
        given or None,
        written or None,
        cached=_rate(tariff, "cached", 0),
        cache_write=_rate(tariff, "cache_write", 0),
        reasoning=_flat(tariff.output_reasoning_mtok),
        per_request=(_flat(tariff.requests_kcount) or Decimal(0)) / 1000,
        tiers=tuple(_tier(tariff, start) for start in _starts(tariff)),
        source=f"genai-prices {version}",
        as_of=as_of,
    )


def window(model: ModelId) -> int | None:
    """The model's context window by the data, in tokens, or None."""
    found = _find(model)
    return found.context_window if found else None


def warm() -> None:
    """Load the data: about 0.3 s, so in a thread after start, or the first price pays for it."""
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415

    get_snapshot()


def _find(model: ModelId) -> ModelInfo | None:
    row = catalog.row(model.provider)
    return _known(row.price_id, model.model) if row is not None and row.price_id else None


@lru_cache(maxsize=4096)
def _known(price_id: str, model: str) -> ModelInfo | None:
    """Remembered, for a price is asked for while answers grow, and a name that nobody knows is tried long."""
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415

    try:
        return get_snapshot().find_provider_model(model, None, price_id, None)[1]
    except LookupError:
        return None


def _rate(tariff: ModelPrice, kind: str, input_tokens: int) -> Decimal | None:
    price: Decimal | TieredPrices | None = getattr(tariff, _NAMES[kind])
    if price is None or isinstance(price, Decimal):
        return price
    reached = [tier.price for tier in price.tiers if input_tokens > tier.start]
    return reached[-1] if reached else price.base


def _flat(price: Decimal | TieredPrices | None) -> Decimal | None:
    return price if isinstance(price, Decimal) else None


def _starts(tariff: ModelPrice) -> list[int]:
    """Where a price changes with the length of the input, in tokens."""
    prices = (getattr(tariff, name) for name in _NAMES.values())
    return sorted(
        {
            tier.start
            for price in prices
            if price is not None and not isinstance(price, Decimal)
            for tier in price.tiers
        }
    )


def _tier(tariff: ModelPrice, start: int) -> Tier:
    return Tier(start, **{kind: _rate(tariff, kind, start + 1) for kind in _NAMES})


def _version() -> tuple[str, date | None]:
    from genai_prices import __version__  # noqa: PLC0415

    return __version__, CHECKED[1] if __version__ == CHECKED[0] else None
