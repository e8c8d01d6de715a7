"""Days, weeks and months of a budget, in its own time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True)
class Period:
    """One period, in UTC; ``ends_at`` is not in it. ``key`` has its year: "2026-11-21", "2026-W47", "2026-11"."""

    key: str
    starts_at: datetime
    ends_at: datetime


def zone(name: str) -> ZoneInfo:
    """The time zone of that name. Raises ValueError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"not a time zone: {name!r}; write one like Europe/Berlin") from error


def day_of(at: datetime, zone_name: str) -> str:
    """The date of a moment there: "2026-11-21"."""
    return at.astimezone(zone(zone_name)).date().isoformat()


def period(kind: str, at: datetime, zone_name: str = "UTC", first_weekday: int = 0) -> Period:
    """The "day", "week" or "month" that a moment is in. ``first_weekday`` is 0 for Monday to 6 for Sunday.

    A week is named by the ISO week that its fourth day is in, so with Monday it is the ISO week itself.
    """
    day = at.astimezone(zone(zone_name)).date()
    match kind:
        case "day":
            key, start, end = day.isoformat(), day, day + timedelta(days=1)
        case "week":
            start = day - timedelta(days=(day.weekday() - first_weekday) % 7)
            end = start + timedelta(days=7)
            year, week, _ = (start + timedelta(days=3)).isocalendar()
            key = f"{year:04}-W{week:02}"
        case "month":
            start = day.replace(day=1)
            end = (start + timedelta(days=31)).replace(day=1)
            key = f"{day:%Y-%m}"
        case _:
            raise ValueError(f"not a period: {kind!r}; day, week or month")
    return Period(key, _midnight(start, zone_name), _midnight(end, zone_name))


def _midnight(day: date, zone_name: str) -> datetime:
    """The first moment of a day there. Where clocks jump over midnight it is the moment of the jump."""
    return datetime.combine(day, time(), zone(zone_name)).astimezone(UTC)
