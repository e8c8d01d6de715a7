"""What a request cost, in whole nano-dollars, and where the price came from. Unknown is None, never 0.

The price data is imported where it is first needed: it takes 0.3 s and 20 MB that a start need not wait for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from bot.core.provider import ModelId, Usage
from bot.providers import catalog

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices

NANO = Decimal(1_000_000_000)

_NAMES = {
    "input": "input_mtok",
    "cached": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "output": "output_mtok",
}


@dataclass(frozen=True, slots=True)
class Priced:
    """A cost in nano-dollars (None = unpriced) and the prices applied, in dollars per million tokens.

    ``source`` is "provider" (its own figure), "local" (free by rule), "genai-prices <version>" or "unknown".
    """

    cost: int | None
    source: str
    prices: dict[str, str] = field(default_factory=dict)


def price_of(model: ModelId, usage: Usage, at: datetime) -> Priced:
    """What the usage cost at that moment: by the provider's own figure, else the rule, else the data."""
    if usage.cost is not None:
        return Priced(usage.cost, "provider")
    row = catalog.row(model.provider)
    if row is not None and row.local:
        return Priced(0, "local")
    tariff = _tariff(model, at)
    if tariff is None or not _covers(tariff, usage):
        return Priced(None, "unknown")
    return Priced(_nano(_dollars(tariff, usage)), _source(), _applied(tariff, usage.input))


def worst_case(model: ModelId, input_tokens: int, max_output: int, at: datetime) -> int | None:
    """The most such a request can cost in nano-dollars, None where no price is known.

    Writing the whole prompt to the provider's cache may be dearer than reading it afresh, so both are priced.
    """
    plain = price_of(model, Usage(input_tokens, max_output), at).cost
    written = price_of(model, Usage(input_tokens, max_output, cache_write=input_tokens), at).cost
    return None if plain is None or written is None else max(plain, written)


def is_priced(model: ModelId, at: datetime) -> bool:
    """Whether a chat with the model can be priced at all."""
    return price_of(model, Usage(1, 1), at).cost is not None


def known_window(model: ModelId) -> int | None:
    """The model's context window by the price data, in tokens, or None."""
    found = _find(model)
    return found[1].context_window if found else None


def warm() -> None:
    """Load the price data: about 0.3 s, so in a thread after start, or the first price pays for it."""
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415

    get_snapshot()


def _find(model: ModelId) -> tuple[Provider, ModelInfo] | None:
    row = catalog.row(model.provider)
    if row is None or not row.price_id:
        return None
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415

    try:
        return get_snapshot().find_provider_model(model.model, None, row.price_id, None)
    except LookupError:
        return None


def _tariff(model: ModelId, at: datetime) -> ModelPrice | None:
    found = _find(model)
    if found is None or not found[1].prices:
        return None
    return found[1].get_prices(at)


def _covers(tariff: ModelPrice, usage: Usage) -> bool:
    """Whether every kind of token that was used has a price; free offers of the data do not count as one."""
    price_in, price_out = _rate(tariff, "input", usage.input), _rate(tariff, "output", usage.input)
    if usage.input and not price_in:
        return False
    return not usage.output or bool(price_out)


def _dollars(tariff: ModelPrice, usage: Usage) -> Decimal:
    from genai_prices import Usage as Counted  # noqa: PLC0415

    cached = min(usage.cached, usage.input)
    counted = Counted(
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_tokens=cached,
        cache_write_tokens=min(usage.cache_write, usage.input - cached),
    )
    return tariff.calc_price(counted)["total_price"]


def _rate(tariff: ModelPrice, name: str, input_tokens: int) -> Decimal | None:
    """Dollars per million tokens of one kind; crossing a tier's start moves all tokens to its price."""
    price: Decimal | TieredPrices | None = getattr(tariff, _NAMES[name])
    if price is None or isinstance(price, Decimal):
        return price
    reached = [tier.price for tier in price.tiers if input_tokens > tier.start]
    return reached[-1] if reached else price.base


def _applied(tariff: ModelPrice, input_tokens: int) -> dict[str, str]:
    rates = {name: _rate(tariff, name, input_tokens) for name in _NAMES}
    return {name: str(rate) for name, rate in rates.items() if rate is not None}


def _nano(dollars: Decimal) -> int:
    return int((dollars * NANO).to_integral_value(ROUND_HALF_UP))


def _source() -> str:
    from genai_prices import __version__  # noqa: PLC0415

    return f"genai-prices {__version__}"
