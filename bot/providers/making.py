"""Models made of what every source tells of them, and kept until something tells otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.core.provider import Listed, ModelId
from bot.providers import models
from bot.providers.catalog import ProviderRow
from bot.providers.known import Known
from bot.providers.models import Layer, Model, Source
from bot.providers.prices import PriceBook
from bot.providers.snapshot import bundled

_Given = tuple[tuple[Layer, ...], datetime, str]  # what is told of a model, the hour, privacy


class Maker:
    """Makes models; each anew only where what it is made of has changed, or the hour, as prices may."""

    def __init__(self, known: Known, now: Callable[[], datetime], prices: Callable[[], PriceBook]) -> None:
        self._known, self._now, self._prices = known, now, prices
        self._made: dict[ModelId, tuple[_Given, Model]] = {}

    def model(self, row: ProviderRow, model: str, entered: Listed | None, privacy: str) -> Model:
        """One model of a provider; ``entered`` is what an admin told of it."""
        now, which = self._now(), ModelId(row.id, model)
        given = self._layers(row, model, entered), now.replace(minute=0, second=0, microsecond=0), privacy
        kept = self._made.get(which)
        if kept is not None and kept[0] == given:
            return kept[1]
        made = models.merged(row, model, given[0], at=now, privacy=privacy, prices=self._prices())
        self._made[which] = given, made
        return made

    def forget(self) -> None:
        """Make every model anew when it is asked for."""
        self._made.clear()

    def _layers(self, row: ProviderRow, model: str, entered: Listed | None) -> tuple[Layer, ...]:
        """What is told of a model, the strongest first: entered here, listed, in the catalogue, bundled."""
        layers = [] if entered is None else [Layer(Source(models.OWN), entered)]
        if (found := self._known.told(row.id, model)) is not None:
            layers.append(Layer(Source(models.LIST, found[1].date()), found[0]))
        told = models.told_by(row, model)
        return (*layers, Layer(Source(models.CATALOGUE), told), *bundled(row.id, model))
