"""Usage reports: what was used in a day, week or month, by whom or what, and how that compares.

The figures come from ``storage.reports``; here they become values that a command, a page and a digest can show.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.workbench.spans import Calendar, Span, looking_back, span
from storage.figures import Figures, summed
from storage.places import channel_of, workspace_of
from storage.reports import EVER, Scope

if TYPE_CHECKING:
    from storage.store import Store

BY = ("person", "channel", "thread", "model", "provider", "credential", "kind", "day")
"""What the lines of a report may be told apart by."""

_MOST = 200  # threads that a report names
_USUAL_DAYS = 30  # days of a channel's conversations that one of them is compared with
_EARLY = 31  # the part of a span, one in so many, before which a projection says nothing


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report: a person, a model, a thread, or all of it. Costs are nano-dollars.

    ``key`` is the id (of a thread that of its conversation), ``label`` what people call it, ``place`` a thread's or
    channel's place. ``before`` is what it had in the whole of the span before, None where there is none.
    """

    key: str
    label: str
    figures: Figures
    before: Figures | None = None
    place: str = ""

    @property
    def cost(self) -> int:
        """What is priced of it, in nano-dollars."""
        return self.figures.cost

    @property
    def mean_cost(self) -> int | None:
        """Nano-dollars for a request, of those that have a price; None where none has."""
        priced = self.figures.requests - self.figures.unpriced
        return self.figures.cost // priced if priced > 0 else None

    @property
    def median_ms(self) -> int | None:
        """Milliseconds in which half of the complete answers came."""
        return self.figures.took(50)

    @property
    def p95_ms(self) -> int | None:
        """Milliseconds in which 95 of a hundred complete answers came."""
        return self.figures.took(95)


@dataclass(frozen=True, slots=True)
class Point:
    """One span of a trend; ``day`` is its first date."""

    day: str
    key: str
    requests: int
    tokens: int
    cost: int


@dataclass(frozen=True, slots=True)
class Trend:
    """The last spans of a kind, the oldest first, the one of the report last."""

    kind: str
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What was used in a span. ``lines`` are in the order of their cost, the dearest first; by day in that of time.

    ``change`` is how much dearer (0.1: a tenth) or cheaper the days that are over were than the same days of the span
    before; None where there is nothing to compare with. ``projected`` is what the span will cost at this pace, in
    nano-dollars, None where it is over or has hardly begun. A thread's report is about all its days, has no ``span``
    and no trend, and compares with what a conversation of its channel costs as a rule (``usual``, nano-dollars).
    """

    scope: Scope
    by: str
    at: datetime
    total: Line
    lines: tuple[Line, ...]
    span: Span | None = None
    change: float | None = None
    projected: int | None = None
    usual: int | None = None
    trend: Trend = Trend("")


async def calendar_of(store: Store, workspace_id: str) -> Calendar:
    """The calendar of a workspace. Raises StorageDown."""
    return Calendar(*await store.reports.calendar(workspace_id))


async def usage(  # noqa: PLR0917 - read in this order: whose, when, told apart by what
    store: Store,
    scope: Scope,
    kind: str,
    by: str,
    at: datetime,
    calendar: Calendar,
    now: datetime | None = None,
) -> Report:
    """What was used in the "day", "week" or "month" of a moment, by one of BY. Raises StorageDown.

    ``now`` is the present where the moment lies before it: of a span that is over all days count.
    Every figure comes from at most four statements, whose rows are those of the days concerned.
    """
    this, now = span(kind, at, calendar), now or at
    back = looking_back(this, calendar)
    earlier = back[-2]
    days = await store.reports.by(scope, "day", back[0].first, this.last, timed=False)
    lines = await _lines(store, scope, by, this, earlier)
    total = Line(
        "",
        "all",
        await _total(store, scope, by, this, lines),
        _within(days, earlier),
    )
    return Report(
        scope=scope,
        by=by,
        at=at,
        total=total,
        lines=tuple(lines),
        span=this,
        change=_change(days, this, earlier, this.complete_days(now, calendar)),
        projected=_projected(total.cost, this.elapsed(now)),
        trend=Trend(kind, tuple(_point(each, _within(days, each)) for each in back)),
    )


async def of_thread(store: Store, conversation_id: int, place: str, by: str, at: datetime) -> Report:
    """What a conversation has used so far, by "model", "person", "kind", ... Raises StorageDown."""
    scope = Scope("thread", str(conversation_id))
    found = await store.reports.by(scope, by, *EVER)
    lines = await _named(store, by, found, {})
    total = Line(str(conversation_id), "all", summed(list(found.values())), place=place)
    usual = await _usual(store, conversation_id, channel_of(place), at)
    change = total.cost / usual - 1 if usual else None
    return Report(scope, by, at, total, tuple(lines), change=change, usual=usual)


async def _usual(store: Store, conversation_id: int, channel: str, at: datetime) -> int | None:
    """What a conversation of this channel costs as a rule, in nano-dollars; None where there was no other."""
    today = at.astimezone(UTC).date()
    # A day more on either side: the channel's day may be another than that of UTC.
    days = (today - timedelta(days=_USUAL_DAYS)).isoformat(), (today + timedelta(days=1)).isoformat()
    threads, cost = await store.reports.usual(channel, *days, but=conversation_id)
    return cost // threads if threads else None


async def _lines(store: Store, scope: Scope, by: str, this: Span, earlier: Span) -> list[Line]:
    if by == "thread":
        threads = await store.reports.threads(scope, this.first, this.last, _MOST)
        return [
            Line(str(one.conversation_id), one.title or "untitled", one.figures, place=one.place)
            for one in threads
        ]
    found = await store.reports.by(scope, by, this.first, this.last)
    then = {} if by == "day" else await store.reports.by(scope, by, earlier.first, earlier.last, timed=False)
    return await _named(store, by, found, then)


async def _named(
    store: Store, by: str, found: Mapping[str, Figures], then: Mapping[str, Figures]
) -> list[Line]:
    names = await _names(store, found) if by == "person" else {}
    lines = [
        Line(key, names.get(key, key), figures, then.get(key), key if by == "channel" else "")
        for key, figures in found.items()
    ]
    if by == "day":
        return sorted(lines, key=lambda line: line.key)
    return sorted(lines, key=lambda line: (-line.cost, -line.figures.requests, line.label))


async def _names(store: Store, ids: Collection[str]) -> dict[str, str]:
    known = await store.people.names([int(one) for one in ids])
    return {one: known.get(int(one), "nobody" if one == "0" else f"person {one}") for one in ids}


async def _total(store: Store, scope: Scope, by: str, this: Span, lines: Sequence[Line]) -> Figures:
    """All of it: the lines together, where they are all there is."""
    if by != "thread":
        return summed([line.figures for line in lines])
    return summed(list((await store.reports.by(scope, "kind", this.first, this.last)).values()))


def _within(days: Mapping[str, Figures], this: Span, count: int | None = None) -> Figures:
    """What the days of a span add up to, or its first so many days."""
    first = date.fromisoformat(this.first)
    dates = [(first + timedelta(days=number)).isoformat() for number in range(_least(this.days, count))]
    return summed([days[one] for one in dates if one in days])


def _least(days: int, count: int | None) -> int:
    return days if count is None else min(days, count)


def _change(days: Mapping[str, Figures], this: Span, earlier: Span, complete: int) -> float | None:
    """How much dearer the complete days were than as many days of the span before."""
    then = _within(days, earlier, complete).cost
    return _within(days, this, complete).cost / then - 1 if complete and then else None


def _projected(cost: int, elapsed: float) -> int | None:
    return None if elapsed >= 1 or elapsed * _EARLY < 1 else round(cost / elapsed)


def _point(this: Span, figures: Figures) -> Point:
    return Point(this.first, this.key, figures.requests, figures.tokens, figures.cost)


def workspace_scope(place: str) -> Scope:
    """The workspace that a place is in."""
    return Scope("workspace", workspace_of(place))


def channel_scope(place: str) -> Scope:
    """The channel that a place is in."""
    return Scope("channel", channel_of(place))
