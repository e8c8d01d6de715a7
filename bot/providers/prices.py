"""What requests cost, in whole nano-dollars, and whose word that is. Unknown is None, never 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from bot.core.provider import ModelId, Usage
from bot.core.provider import Rates as Entered
from bot.providers import catalog, pricelist
from bot.providers.corrections import correction
from bot.providers.rates import Rates
from storage.errors import StorageDown
from storage.price_overrides import Override, PriceOverrides

Custom = Callable[[ModelId], Entered | None]
"""What an admin wrote down of a model that no price list has."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A cost in nano-dollars (None = unpriced) and the prices applied, as ``Rates.applied`` tells them.

    ``source`` is "provider" (its own figure), "override <day>", "custom", "local" (free by rule), "corrected <day>",
    "genai-prices <version>" or "unknown"; ``as_of`` is the day that the price is of.
    """

    cost: int | None
    source: str
    prices: dict[str, str] = field(default_factory=dict)
    as_of: date | None = None


def _none(_: ModelId) -> Entered | None:
    return None


class PriceBook:
    """Prices in the order of their truth.

    The provider's own figure, an admin's override, a custom model's price, the rule that what is local is free, our
    corrections, the bundled data; then nothing. ``version`` goes up whenever ``sync`` found a change. ``custom`` is
    set by whoever knows the custom models.
    """

    def __init__(self, overrides: PriceOverrides | None = None, custom: Custom = _none) -> None:
        self._kept, self.custom = overrides, custom
        self._overrides: dict[ModelId, list[Override]] = {}
        self._stamp: tuple[int, int] | None = None
        self.version = 0

    async def sync(self) -> bool:
        """Take over what admins changed since the last time, in any process; whether that was anything.

        One small query. While the database is away nothing changes.
        """
        if self._kept is None:
            return False
        try:
            stamp = await self._kept.stamp()
            if stamp == self._stamp:
                return False
            kept = await self._kept.all()
        except StorageDown:
            return False
        overrides: dict[ModelId, list[Override]] = {}
        for override in kept:
            overrides.setdefault(_key(ModelId(override.provider, override.model)), []).append(override)
        self._overrides, self._stamp = overrides, stamp
        self.version += 1
        return True

    def price_of(self, model: ModelId, usage: Usage, at: datetime) -> Priced:
        """What the usage cost at that moment."""
        if usage.cost is not None:
            return Priced(usage.cost, "provider")
        rates = self.rates(model, at)
        cost = None if rates is None else rates.cost(usage)
        if rates is None or cost is None:
            return Priced(None, "unknown")
        if rates is _FREE:
            return Priced(cost, _FREE.source)
        return Priced(cost, rates.source, rates.applied(usage), rates.as_of)

    def worst_case(self, model: ModelId, input_tokens: int, max_output: int, at: datetime) -> int | None:
        """The most such a request can cost in nano-dollars, None where no price is known."""
        rates = self.rates(model, at)
        return None if rates is None else rates.worst(input_tokens, max_output)

    def rates(self, model: ModelId, at: datetime) -> Rates | None:
        """The prices of a model at a moment, with whose word they are; None where nobody knows."""
        if (override := _in_force(self._overrides.get(_key(model), ()), at)) is not None:
            return _of_override(override)
        if (entered := self.custom(model)) is not None:
            return Rates(entered.input, entered.output, entered.cached, source="custom")
        row = catalog.row(model.provider)
        if row is not None and row.keeps(model.model):
            return _FREE
        return _bundled(model, at)

    def is_priced(self, model: ModelId, at: datetime) -> bool:
        """Whether a chat with the model can be priced at all."""
        rates = self.rates(model, at)
        return rates is not None and rates.complete

    def known_window(self, model: ModelId) -> int | None:
        """The model's context window by the bundled data, in tokens, or None."""
        corrected = correction(model, datetime.now(UTC))
        if corrected is not None and corrected.same_as is not None:
            model = ModelId(model.provider, corrected.same_as)
        return pricelist.window(model)


_FREE = Rates(Decimal(0), Decimal(0), source="local")


def _bundled(model: ModelId, at: datetime) -> Rates | None:
    """What comes with Switchboard: a correction where one holds, else the data."""
    corrected = correction(model, at)
    if corrected is None:
        return pricelist.listed(model, at)
    if corrected.same_as is None:
        return corrected.rates
    found = pricelist.listed(ModelId(model.provider, corrected.same_as), at)
    return found and replace(found, source=f"corrected {corrected.as_of}", as_of=corrected.as_of)


def _in_force(overrides: Sequence[Override], at: datetime) -> Override | None:
    """The one that began last, of those with the latest to begin first."""
    return next((each for each in overrides if each.valid_from <= at), None)


def _of_override(override: Override) -> Rates:
    begun = override.valid_from.date()
    return Rates(
        Decimal(override.input),
        Decimal(override.output),
        cached=_decimal(override.cached),
        cache_write=_decimal(override.cache_write),
        per_request=_decimal(override.per_request) or Decimal(0),
        source=f"override {begun}",
        as_of=begun,
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _key(model: ModelId) -> ModelId:
    """Names of models are compared without regard to case."""
    return ModelId(model.provider, model.model.lower())
