"""Models as their pages show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.calls import access
from bot.commands import describe
from bot.core.money import NANO, dollars
from bot.core.provider import Ability, ModelId
from bot.providers.models import OWN, Model
from bot.providers.rows.forms import ProviderRow
from bot.providers.status import ModelStatus
from web.keys import STATUS_TONES
from web.services import ModelDesk

SHOWN = (
    Ability.IMAGES,
    Ability.TOOLS,
    Ability.REASONING,
    Ability.JSON,
    Ability.FILES,
    Ability.AUDIO,
    Ability.SEARCH,
)
_VALUES = {
    "window": "Reads",
    "max_output": "Writes at most",
    "rates": "Price",
    "retires_at": "Last day",
    "successor": "In its place",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A model in the table. ``speed`` is tokens a second and ``first`` the time to its first token, "" if unseen."""

    id: ModelId
    window: str
    given: str
    written: str
    abilities: tuple[str, ...]
    local: bool
    status: str
    tone: str
    said: str
    first: str
    speed: str
    ends: str
    entered: bool
    is_default: bool
    may: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The models of a provider: those that are shown, and how many there are."""

    row: ProviderRow
    lines: Sequence[Line]
    total: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known of a model, and by whom."""

    name: str
    value: str
    source: str


def line(desk: ModelDesk, model: Model, default: ModelId | None, rules: Iterable[access.Rule]) -> Line:
    """A model with how it does, and whether the rules let it answer."""
    seen = desk.board.of(model.id)
    given, written = prices(model)
    return Line(
        model.id,
        describe.window(model).removesuffix(" tokens"),
        given,
        written,
        tuple(each.value for each in SHOWN if each in model.abilities),
        model.local,
        str(seen.status),
        STATUS_TONES[seen.status],
        seen.said,
        _first(seen),
        f"{seen.tokens_per_second:.0f}/s" if seen.tokens_per_second else "",
        describe.ends(model),
        any(source.name == OWN for _, source in model.sources),
        model.id == default,
        access.permitted(rules, model.id),
    )


def prices(model: Model) -> tuple[str, str]:
    """What a million tokens cost that are read and written: "free", "unpriced" or amounts."""
    rates = model.rates
    if rates is None or not model.priced:
        return "unpriced", ""
    if not (rates.input or rates.output or rates.per_request):
        return "free", ""
    return dollars(int(rates.input * NANO)), dollars(int(rates.output * NANO))


def grouped(desk: ModelDesk, found: Sequence[Model], lines: Sequence[Line], most: int | None) -> list[Group]:
    """The lines of the found models by provider, in the order in which each first appears; ``most`` of each."""
    by: dict[str, list[Line]] = {}
    for model, one in zip(found, lines, strict=True):
        by.setdefault(model.id.provider, []).append(one)
    rows = {row.id: row for row in desk.registry.rows()}
    return [
        Group(rows[provider], some[:most], len(some)) for provider, some in by.items() if provider in rows
    ]


def facts(model: Model) -> list[Fact]:
    """What is known of a model, each with whose word it is."""
    values = {
        "window": describe.window(model),
        "max_output": f"{model.max_output:,} tokens" if model.max_output else "",
        "rates": describe.price(model),
        "retires_at": f"{model.retires_at:%d %B %Y}" if model.retires_at else "",
        "successor": str(model.successor) if model.successor else "",
    }
    return [Fact(_VALUES[name], value, _source(model, name)) for name, value in values.items() if value]


def _source(model: Model, name: str) -> str:
    source = model.source(name)
    if source is None:
        return "a guess" if name == "window" else ""
    return f"{source.name}, {_day(source.as_of)}" if source.as_of else source.name


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _first(seen: ModelStatus) -> str:
    """The time to the first token."""
    if seen.latency_ms is None:
        return ""
    return f"{seen.latency_ms / 1000:.1f} s" if seen.latency_ms >= 1_000 else f"{seen.latency_ms} ms"
