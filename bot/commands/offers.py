"""What a choice among models offers: those that may be used here, and at its end the providers that are not set up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.commands import describe
from bot.core.errors import NotConfigured
from bot.core.provider import ModelId
from bot.providers.catalog import CATALOG, ProviderRow
from bot.providers.registry import Model, Registry

NOT_SET_UP = "Not set up here"  # the heading of what cannot be chosen yet
HOW = "not set up here; choose it to read how"


@dataclass(frozen=True, slots=True)
class Offer:
    """An entry of a choice. ``value`` is what ``/model`` is told, ``group`` the heading it stands under."""

    value: str
    label: str
    about: str
    group: str


def offered(models: Iterable[Model]) -> list[Offer]:
    """The entries of models."""
    return [
        Offer(str(model.id), str(model.id), describe.as_option(model), model.id.provider) for model in models
    ]


def missing(registry: Registry, typed: str) -> list[ProviderRow]:
    """The providers that are not set up here and whose name has what was typed, in the catalogue's order."""
    there = {model.id.provider for model in registry.models()} | {row.id for row in registry.configured()}
    wanted, slash, _ = typed.strip().lower().partition("/")
    absent = (row for row in CATALOG if row.id not in there)
    if slash:
        return [row for row in absent if row.id == wanted]
    return [row for row in absent if wanted in row.name.lower() or wanted in row.id]


def not_set_up(registry: Registry, typed: str) -> list[Offer]:
    """The entries of providers that are not set up: chosen, ``/model`` says how to set them up."""
    return [
        Offer(f"{row.id}/{row.preferred[0] if row.preferred else 'any'}", row.name, HOW, NOT_SET_UP)
        for row in missing(registry, typed)
    ]


def way_to(registry: Registry, row: ProviderRow) -> str:
    """How a provider is set up, as a sentence; "" where it is."""
    try:
        registry.model(ModelId(row.id, "any"))
    except NotConfigured as error:
        return error.say
    return ""
