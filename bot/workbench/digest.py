"""What a digest tells: where the money of a day, week or month went, gathered from the roll-ups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.core.place import Place
from bot.core.provider import Ability, ModelId, Usage
from bot.providers.models import Model
from bot.providers.retiring import Retirement, retirement
from bot.workbench.charts import BarChart
from bot.workbench.frame import Series
from bot.workbench.reports import calendar_of
from bot.workbench.schedule import Schedule, covered
from bot.workbench.spans import Span, before
from storage.feedback import Opinion
from storage.figures import Figures, summed
from storage.ledger import BudgetLine, Charge
from storage.reports import Scope, ThreadUse

if TYPE_CHECKING:
    from storage.store import Store

_THREADS = 20  # that are looked through for those that may be told of
OTHERS = "a thread of others"  # in place of a title that is not for who reads
_TRACE = 14  # days in the chart of a digest of one day


@dataclass(frozen=True, slots=True)
class Atlas:
    """What is known of places: the address that opens one ("" where it has none), and whether one person is alone."""

    link: Callable[[Place], str]
    direct: Callable[[Place], bool]


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A thread by what it cost. ``title`` "": it was said elsewhere, and its words are not for this channel."""

    title: str
    link: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Cheaper:
    """What the requests to a model would have cost with another, in nano-dollars."""

    model: str
    cost: int
    other: ModelId
    other_cost: int


@dataclass(frozen=True, slots=True)
class Digest:
    """All that may be told. Lines are in the order of their cost, the dearest first. ``at`` is when it was due."""

    schedule: Schedule
    span: Span
    zone: str
    at: datetime
    total: Figures
    before: Figures
    people: tuple[tuple[str, Figures], ...] = ()
    models: tuple[tuple[str, Figures], ...] = ()
    providers: tuple[tuple[str, Figures], ...] = ()
    threads: tuple[ThreadLine, ...] = ()
    budgets: tuple[BudgetLine, ...] = ()
    retirements: tuple[tuple[ModelId, Retirement], ...] = ()
    cheaper: Cheaper | None = None
    opinions: tuple[Opinion, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was used."""
        return not self.total.requests

    @property
    def change(self) -> float | None:
        """How much dearer (0.1: a tenth) or cheaper it was than the span before; None where there is no such."""
        return self.total.cost / self.before.cost - 1 if self.before.cost else None


async def gathered(  # noqa: PLR0917 - read in this order: from where, for whom, when
    store: Store,
    models: Sequence[Model],
    atlas: Atlas,
    place: Place,
    schedule: Schedule,
    due: datetime,
    day: date,
    *,
    reader: int | None = None,
) -> Digest:
    """The digest of a channel that was due at a moment (UTC), a ``day`` there. Raises StorageDown.

    ``models`` are those that can be asked now. ``reader`` reads it elsewhere, so that nothing is told of the words of
    conversations that this person took no part in.
    """
    home = str(place.home)
    calendar = await calendar_of(store, home)
    this, own = covered(schedule, day, calendar)
    earlier = before(this, own)
    scope = _scope(place, schedule)
    found = await store.reports.by(scope, "model", this.first, this.last)
    then = await store.reports.by(scope, "kind", earlier.first, earlier.last, timed=False)
    lines = _ordered(found)
    known = {str(model.id): model for model in models}
    channel = scope.subject if scope.kind == "channel" else None
    charge = Charge(home, str(place), None, "", "", due)
    return Digest(
        schedule=schedule,
        span=this,
        zone=own.zone,
        at=due,
        total=summed(list(found.values())),
        before=summed(list(then.values())),
        people=await _people(store, scope, this),
        models=tuple(lines),
        providers=tuple(_ordered(_by_provider(found))),
        threads=await _threads(store, scope, this, place, atlas, reader),
        budgets=tuple(await store.ledger.lines(charge)),
        retirements=_ending([known[name] for name, _ in lines if name in known], day),
        cheaper=_cheaper(lines, known, due),
        opinions=tuple(await store.feedback.by_model(home, this.starts_at, this.ends_at, channel)),
    )


def _channel(place: Place) -> str:
    return str(Place(place.platform, place.workspace, place.channel))


def _ordered(found: Mapping[str, Figures]) -> list[tuple[str, Figures]]:
    return sorted(found.items(), key=lambda item: (-item[1].cost, -item[1].requests, item[0]))


def _by_provider(models: Mapping[str, Figures]) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    for name, figures in models.items():
        provider = name.partition("/")[0]
        found[provider] = found.get(provider, Figures()) + figures
    return found


async def _people(store: Store, scope: Scope, this: Span) -> tuple[tuple[str, Figures], ...]:
    found = _ordered(await store.reports.by(scope, "person", this.first, this.last, timed=False))
    names = await store.people.names([int(key) for key, _ in found[:10]])
    return tuple((names.get(int(key), "somebody"), figures) for key, figures in found)


async def _threads(  # noqa: PLR0917 - as above
    store: Store, scope: Scope, this: Span, place: Place, atlas: Atlas, reader: int | None
) -> tuple[ThreadLine, ...]:
    """The dearest threads. Nothing is told of direct messages, and of other channels no words."""
    found = await store.reports.threads(scope, this.first, this.last, _THREADS)
    ids = {use.conversation_id for use in found}
    told = ids if reader is None else await store.reading.taken_part(reader, ids)
    lines = []
    for use in found:
        if not use.place:
            continue
        where = Place.parse(use.place)
        if not atlas.direct(where):
            title = _title(use) if use.conversation_id in told else OTHERS
            title = title if _channel(where) == _channel(place) else ""
            lines.append(ThreadLine(title, atlas.link(where), use.figures))
    return tuple(lines)


def _title(use: ThreadUse) -> str:
    return " ".join(use.title.split()) or "untitled"


def _ending(used: Sequence[Model], today: date) -> tuple[tuple[ModelId, Retirement], ...]:
    found = [(model.id, retirement(model, today)) for model in used]
    return tuple((model, ends) for model, ends in found if ends is not None)


def _cheaper(
    lines: Sequence[tuple[str, Figures]], known: Mapping[str, Model], at: datetime
) -> Cheaper | None:
    """What the dearest model's requests would have cost with one of its provider's at half the price or less.

    Of several the dearest, which is the smallest step down. Each request is taken to be as long as the mean one.
    """
    for name, figures in lines[:1]:
        model, count = known.get(name), figures.requests - figures.unpriced
        if model is None or count < 1 or not figures.cost:
            return None
        costs = [
            (cost, other.id)
            for other in known.values()
            if other.id != model.id and _could(other, model, at.date())
            if (cost := _cost(other, figures, count, at)) is not None and 0 < cost * 2 <= figures.cost
        ]
        if costs:
            cost, other_id = max(costs, key=lambda pair: (pair[0], str(pair[1])))
            return Cheaper(name, figures.cost, other_id, cost)
    return None


def _could(other: Model, model: Model, today: date) -> bool:
    """Whether a model might have answered in another's place."""
    return (
        other.id.provider == model.id.provider
        and Ability.CHAT in other.abilities
        and other.window >= model.window // 4
        and (other.vision or not model.vision)
        and not other.is_retired(today)
    )


def _cost(model: Model, figures: Figures, count: int, at: datetime) -> int | None:
    requests = max(1, figures.requests)
    mean = Usage(
        figures.input_tokens // requests,
        figures.output_tokens // requests,
        cached=figures.cached_tokens // requests,
    )
    cost = model.prices.price_of(model.id, mean, at).cost
    return None if cost is None else cost * count


async def chart(store: Store, place: Place, schedule: Schedule, day: date) -> BarChart | None:
    """What each day cost, by model; for one day the two weeks before it too. None where nothing did."""
    calendar = await calendar_of(store, str(place.home))
    this, _ = covered(schedule, day, calendar)
    last = date.fromisoformat(this.last)
    first = last - timedelta(days=_TRACE - 1) if this.kind == "day" else date.fromisoformat(this.first)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = await store.reports.daily(_scope(place, schedule), "model", first.isoformat(), last.isoformat())
    names = dict.fromkeys(name for each in found.values() for name in each)
    series = tuple(
        Series(name, tuple(max(0, found.get(one.isoformat(), {}).get(name, 0)) for one in days))
        for name in names
    )
    if not any(one.total for one in series):
        return None
    return BarChart("Cost by day", tuple(_label(one) for one in days), series)


def _scope(place: Place, schedule: Schedule) -> Scope:
    """Whose use a digest is about."""
    if schedule.about == "channel":
        return Scope("channel", _channel(place))
    return Scope("workspace", str(place.home))


def _label(day: date) -> str:
    return f"{day.day} {day:%b}"
