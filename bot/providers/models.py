"""A model as people choose among them: what every source tells of it, the nearest to the truth first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.core.provider import Ability, Listed, ModelId, Rates
from bot.providers.catalog import UNKNOWN_WINDOW, ProviderRow
from bot.providers.prices import PriceBook
from bot.providers.rows.forms import Sampling, successor

OWN, LIST, CATALOGUE, PRICES = "entered here", "the provider's list", "the catalogue", "price data"
"""How sources are called, beside the bundled data's own names."""

_FREE = Rates(Decimal(0), Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from, and as of which day, None where that is not told."""

    name: str
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source tells of a model."""

    source: Source
    told: Listed


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be asked. ``window`` and ``max_output`` in tokens; an unknown window is a low guess.

    ``local``: free by rule and nothing leaves the machine. ``vision``: it looks at images. ``priced``: what it costs
    is known, by ``rates`` of a short request. ``privacy`` says who gets the text and what becomes of it there, as
    sentences. ``retires_at`` is the day from which it answers no more, ``successor`` what then takes its place.
    ``size`` (bytes) and ``changed_at`` are those of a model that lies on a disk. ``sources`` names for each value
    that is known (window, max_output, rates, retires_at, successor) where it comes from; ``prices`` is where its price
    is looked up.
    """

    id: ModelId
    window: int
    max_output: int | None
    local: bool
    vision: bool
    priced: bool
    privacy: str = ""
    abilities: frozenset[Ability] = frozenset()
    rates: Rates | None = None
    retires_at: date | None = None
    successor: ModelId | None = None
    size: int | None = None
    changed_at: datetime | None = None
    sources: tuple[tuple[str, Source], ...] = ()
    prices: PriceBook = field(default_factory=PriceBook, repr=False, compare=False)

    def source(self, value: str) -> Source | None:
        """Where a value comes from, None where it is unknown."""
        return dict(self.sources).get(value)

    def is_retired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.retires_at is not None and self.retires_at <= today


def merged(
    row: ProviderRow,
    model: str,
    layers: Sequence[Layer],
    *,
    at: datetime,
    privacy: str,
    prices: PriceBook,
) -> Model:
    """The model of an id. ``layers`` are what is told of it, the strongest first, the row's profile among them.

    What it costs is said by the price book, else by what else tells it.
    """
    known = ModelId(row.id, model)
    abilities = frozenset({Ability.CHAT})  # unless somebody says that it does not
    for layer in reversed(layers):
        abilities = (abilities - layer.told.lacks) | layer.told.has
    local = row.keeps(model) and Ability.CLOUD not in abilities
    sources: dict[str, Source] = {}
    window = _window(row, known, layers, sources, prices)
    heir = _first(layers, "successor", sources)
    rates, priced = _rates(known, layers, at, sources, prices)
    return Model(
        known,
        window,
        _first(layers, "max_output", sources),
        local,
        Ability.IMAGES in abilities,
        priced,
        privacy,
        abilities,
        _FREE if local else rates,
        _first(layers, "retires_at", sources),
        ModelId(row.id, heir) if heir else None,
        _first(layers, "size", {}),
        _first(layers, "changed_at", {}),
        tuple(sources.items()),
        prices,
    )


def told_by(row: ProviderRow, model: str) -> Listed:
    """What the catalogue knows of one model, by its family."""
    profile = row.profile(model)
    has = {Ability.IMAGES} if profile.vision else set()
    if profile.reasons or profile.thinking:
        has.add(Ability.REASONING)
    never = profile.sampling is Sampling.NEVER
    lacks = frozenset({Ability.TEMPERATURE}) if never else frozenset()
    heir = successor(row.successors, model)
    return Listed(model, profile.window, profile.max_output, has=frozenset(has), lacks=lacks, successor=heir)


def _window(
    row: ProviderRow, model: ModelId, layers: Sequence[Layer], sources: dict[str, Source], prices: PriceBook
) -> int:
    found = _first(layers, "window", sources)
    if row.window_is_asked:
        asked = row.profile(model.model).window
        return min(filter(None, (found, asked)), default=UNKNOWN_WINDOW)
    if found is None and (found := prices.known_window(model)) is not None:
        sources["window"] = Source(PRICES)
    return found or UNKNOWN_WINDOW


def _rates(
    model: ModelId, layers: Sequence[Layer], at: datetime, sources: dict[str, Source], prices: PriceBook
) -> tuple[Rates | None, bool]:
    """What it costs, and whether a chat with it can be priced. What is only listed is shown, and never charged."""
    found = prices.rates(model, at)
    own = next((layer for layer in layers if layer.source.name == OWN and layer.told.rates), None)
    if own is not None and not (found is not None and found.is_override):
        sources["rates"] = own.source
        return own.told.rates, True
    if found is not None and found.input is not None and found.output is not None:
        sources["rates"] = Source(found.source, found.as_of)
        return Rates(found.input, found.output, found.cached, found.per_request), True
    return _first(layers, "rates", sources), False


def _first(layers: Sequence[Layer], name: str, sources: dict[str, Source]) -> Any:
    """What the strongest source says that says anything, noted with where it comes from."""
    for layer in layers:
        if (value := getattr(layer.told, name)) not in (None, ""):
            sources[name] = layer.source
            return value
    return None
