"""The days, weeks and months that a report is about, in a workspace's calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from storage.periods import Period, day_of, period

KINDS = ("day", "week", "month")
_LOOK_BACK = {"day": 14, "week": 12, "month": 12}  # spans that a trend shows


@dataclass(frozen=True, slots=True)
class Calendar:
    """A time zone, and the weekday (0 Monday) that weeks begin with."""

    zone: str = "UTC"
    first_weekday: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """One day, week or month: its key with the year, its first and last date, and its moments in UTC."""

    kind: str
    key: str
    first: str
    last: str
    starts_at: datetime
    ends_at: datetime

    @property
    def days(self) -> int:
        """How many days it has."""
        return (date.fromisoformat(self.last) - date.fromisoformat(self.first)).days + 1

    def elapsed(self, at: datetime) -> float:
        """How much of it has passed, from 0 to 1."""
        part = (at - self.starts_at) / (self.ends_at - self.starts_at)
        return min(max(part, 0.0), 1.0)

    def complete_days(self, at: datetime, calendar: Calendar) -> int:
        """How many of its days are over."""
        today = date.fromisoformat(day_of(at, calendar.zone))
        return min(max((today - date.fromisoformat(self.first)).days, 0), self.days)


def span(kind: str, at: datetime, calendar: Calendar) -> Span:
    """The "day", "week" or "month" that a moment is in. Raises ValueError for another kind or a zone that is none."""
    found = period(kind, at, calendar.zone, calendar.first_weekday)
    return _span(kind, found, calendar)


def before(this: Span, calendar: Calendar) -> Span:
    """The span of the same kind that ended when this one began."""
    return span(this.kind, this.starts_at - timedelta(microseconds=1), calendar)


def looking_back(this: Span, calendar: Calendar) -> tuple[Span, ...]:
    """The spans of a trend, the oldest first, this one last."""
    found = [this]
    while len(found) < _LOOK_BACK[this.kind]:
        found.append(before(found[-1], calendar))
    return tuple(reversed(found))


def _span(kind: str, found: Period, calendar: Calendar) -> Span:
    last = found.ends_at - timedelta(microseconds=1)
    return Span(
        kind=kind,
        key=found.key,
        first=day_of(found.starts_at, calendar.zone),
        last=day_of(last, calendar.zone),
        starts_at=found.starts_at,
        ends_at=found.ends_at,
    )
