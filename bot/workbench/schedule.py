"""When a channel's digest is due: each day, week or month at an hour of the workspace's own clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.workbench.spans import Calendar, Span, span
from storage.periods import zone

SETTING = "digest"  # the setting's key, at a channel's scope
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PARTS = (
    "chart",
    "people",
    "models",
    "providers",
    "threads",
    "budgets",
    "troubles",
    "retirements",
    "cheaper",
    "feedback",
)
"""What a digest may tell of beside its total, in the order it stands there."""
LATE = timedelta(hours=1)  # what is sent so long after it was due says so
_LONGEST = 31  # days between two slots


@dataclass(frozen=True, slots=True)
class Schedule:
    """``every`` is "day", "week" or "month" (then on its first day); ``weekday`` 0 is Monday.

    ``parts`` are of PARTS; ``names``: people are named. ``about`` is "workspace" or "channel". What was due before
    ``since`` is not sent.
    """

    since: datetime
    every: str = "week"
    weekday: int = 0
    hour: int = 9
    minute: int = 0
    names: bool = True
    parts: tuple[str, ...] = PARTS
    about: str = "workspace"

    def to_json(self) -> dict[str, Any]:
        """What ``json.dumps`` takes."""
        return {**asdict(self), "since": self.since.isoformat(), "parts": list(self.parts)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Schedule:
        """What ``to_json`` made."""
        parts = tuple(part for part in PARTS if part in value["parts"])
        return cls(**{**value, "since": datetime.fromisoformat(value["since"]), "parts": parts})

    @property
    def words(self) -> str:
        """When, in words: "every Monday at 09:00"."""
        at = f"at {self.hour:02}:{self.minute:02}"
        match self.every:
            case "day":
                return f"every day {at}"
            case "month":
                return f"on the first of every month {at}"
            case _:
                return f"every {DAYS[self.weekday].capitalize()} {at}"

    def is_on(self, day: date) -> bool:
        """Whether one is due on a day there."""
        match self.every:
            case "day":
                return True
            case "month":
                return day.day == 1
            case _:
                return day.weekday() == self.weekday


@dataclass(frozen=True, slots=True)
class Slot:
    """One time at which a digest is due: its name, unique for a channel, the moment in UTC, the date there."""

    key: str
    at: datetime
    day: date


def newest_ever(schedule: Schedule, zone_name: str, now: datetime) -> Slot:
    """The last slot that was due or would have been, were it set up long ago, to be sent ``now``."""
    found = newest(replace(schedule, since=now - timedelta(days=400)), zone_name, now)
    assert found is not None  # a month is the longest between two
    return replace(found, at=now)


def newest(schedule: Schedule, zone_name: str, now: datetime) -> Slot | None:
    """The newest slot that is due at a moment (UTC); None where none has been since the schedule began.

    A slot is named by its date there, so that a clock that goes back, a changed hour or another time zone make no
    second one of it. An hour that the clock jumps over in spring is the hour after it; of the two in autumn the first
    counts.
    """
    today = now.astimezone(zone(zone_name)).date()
    for back in range(_LONGEST + 1):
        day = today - timedelta(days=back)
        at = _moment(schedule, zone_name, day)
        if schedule.is_on(day) and at <= now:
            return Slot(f"{schedule.every}:{day}", at, day) if at > schedule.since else None
    return None


def following(schedule: Schedule, zone_name: str, now: datetime) -> datetime:
    """When the next one after a moment is due, in UTC."""
    today = now.astimezone(zone(zone_name)).date()
    days = (today + timedelta(days=ahead) for ahead in range(_LONGEST + 2))
    moments = (_moment(schedule, zone_name, day) for day in days if schedule.is_on(day))
    return next(at for at in moments if at > now)


def covered(schedule: Schedule, day: date, calendar: Calendar) -> tuple[Span, Calendar]:
    """The day, week or month that ended before a slot's date, and the calendar it is one of.

    A week is the seven days before, whichever weekday that is.
    """
    own = Calendar(calendar.zone, schedule.weekday if schedule.every == "week" else calendar.first_weekday)
    begun = datetime.combine(day, time(), zone(own.zone)).astimezone(UTC)
    return span(schedule.every, begun - timedelta(microseconds=1), own), own


def _moment(schedule: Schedule, zone_name: str, day: date) -> datetime:
    return datetime.combine(day, time(schedule.hour, schedule.minute), zone(zone_name)).astimezone(UTC)
