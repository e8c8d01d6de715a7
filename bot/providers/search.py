"""Search among the models: plain words and filters, for ``/models``, the site and the command line.

A query is what a person types: ``vision local window>=100k price<5 gpt``. Every word has to hold. A word is an ability
("images", "vision", "tools"), "local", "cloud", "free" or "unpriced", or a part of the name; ``<2`` is a price and
``>100k`` a window. Filters are ``provider:``, ``can:``,
``status:``, ``window>=`` (tokens, with k or M), ``price<=`` (dollars for a million tokens, three read to one written)
and ``sort:``; ``<`` and ``>`` mean the same as ``<=`` and ``>=``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from bot.core.errors import BadInput
from bot.core.provider import Ability, ModelId
from bot.providers.models import Model


class Sort(StrEnum):
    """By what the found ones are put in order."""

    BEST = "best"  # as the registry has them
    NAME = "name"
    PRICE = "price"  # the cheapest first, the unpriced last
    WINDOW = "window"  # the largest first


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; everything in it has to hold. ``words`` are lower case.

    ``max_price`` is dollars per million tokens, blended as ``Rates.blended``; a model without a known price is not
    under it. ``min_window`` is tokens. Of ``providers`` and ``statuses`` one has to be the model's; empty means any.
    """

    words: tuple[str, ...] = ()
    providers: frozenset[str] = frozenset()
    abilities: frozenset[Ability] = frozenset()
    statuses: frozenset[str] = frozenset()
    local: bool | None = None
    max_price: Decimal | None = None
    priced: bool | None = None
    min_window: int | None = None
    sort: Sort = Sort.BEST


def search(
    models: Iterable[Model], query: Query, status: Callable[[ModelId], str] = lambda _: "unknown"
) -> list[Model]:
    """The models for which all of the query holds. ``status`` says how a model is, in the words of ``status:``."""
    found = [model for model in models if _fits(model, query, status)]
    match query.sort:
        case Sort.BEST:
            return found
        case Sort.NAME:
            return sorted(found, key=lambda model: str(model.id).lower())
        case Sort.PRICE:
            return sorted(found, key=lambda model: (cost(model) is None, cost(model) or Decimal(0)))
        case Sort.WINDOW:
            return sorted(found, key=lambda model: -model.window)


def cost(model: Model) -> Decimal | None:
    """What a model is compared by: dollars per million tokens, blended; None where it is unpriced."""
    if model.local:
        return Decimal(0)
    return model.rates.blended if model.rates is not None and model.priced else None


def parse(text: str) -> Query:
    """Read a query. Raises BadInput where a filter is none."""
    query = Query()
    for part in text.split():
        query = _with(query, part)
    return query


_ABILITIES: Mapping[str, Ability] = MappingProxyType(
    {each.value: each for each in Ability}
    | {"vision": Ability.IMAGES, "image": Ability.IMAGES, "thinking": Ability.REASONING}
    | {"pdf": Ability.FILES, "web": Ability.SEARCH}
)
_UNITS = MappingProxyType({"": 1, "k": 1_000, "m": 1_000_000})
_FILTER = re.compile(
    r"(?P<name>provider|can|status|window|price|sort)(?P<sign>:|=|[<>]=?)(?P<value>.*)", re.IGNORECASE
)
_SHORT = re.compile(r"((?P<price><)|>)=?(?P<value>\$?\d.*)")
_FORMS = (
    "A filter is provider:NAME, can:ABILITY, status:STATUS, window>=100k, price<5 (dollars per million tokens) "
    "or sort:price."
)


def _with(query: Query, part: str) -> Query:
    if (short := _SHORT.fullmatch(part)) is not None:
        name, sign = ("price", "<") if short["price"] else ("window", ">")
        return _filtered(query, part, name, sign, short["value"].lower())
    filtered = _FILTER.fullmatch(part)
    if filtered is not None:
        return _filtered(query, part, filtered["name"].lower(), filtered["sign"], filtered["value"].lower())
    return _worded(query, part.lower())


def _worded(query: Query, word: str) -> Query:
    match word:
        case "cloud" | "local":
            return replace(query, local=word == "local")
        case "free":
            return replace(query, max_price=Decimal(0))
        case "priced" | "unpriced":
            return replace(query, priced=word == "priced")
        case _ if word in _ABILITIES:
            return replace(query, abilities=query.abilities | {_ABILITIES[word]})
        case _:
            return replace(query, words=(*query.words, word))


def _filtered(query: Query, part: str, name: str, sign: str, value: str) -> Query:
    match name, sign[0]:
        case "provider", ":" | "=" if value:
            return replace(query, providers=query.providers | set(value.split(",")))
        case "status", ":" | "=" if value:
            # Statuses may have two words: not-configured is "not configured".
            told = frozenset(each.replace("-", " ") for each in value.split(","))
            return replace(query, statuses=query.statuses | told)
        case "can", ":" | "=" if value in _ABILITIES:
            return replace(query, abilities=query.abilities | {_ABILITIES[value]})
        case "sort", ":" | "=" if value in set(Sort):
            return replace(query, sort=Sort(value))
        case "window", ">" | ":" | "=" if found := re.fullmatch(r"(\d+(?:\.\d+)?)([km]?)", value):
            return replace(query, min_window=int(Decimal(found[1]) * _UNITS[found[2]]))
        case "price", "<" | ":" | "=" if re.fullmatch(r"\$?\d+(\.\d+)?", value):
            return replace(query, max_price=Decimal(value.removeprefix("$")))
        case _:
            raise BadInput(f"not a filter: {part!r}", say=f"“{part}” is no filter here. {_FORMS}")


def _fits(model: Model, query: Query, status: Callable[[ModelId], str]) -> bool:
    name = str(model.id).lower()
    spent = cost(model)
    return (
        all(word in name for word in query.words)
        and (not query.providers or model.id.provider in query.providers)
        and query.abilities <= model.abilities
        and query.local in (None, model.local)
        and query.priced in (None, spent is not None)
        and (query.max_price is None or (spent is not None and spent <= query.max_price))
        and (query.min_window is None or model.window >= query.min_window)
        and (not query.statuses or status(model.id) in query.statuses)
    )
