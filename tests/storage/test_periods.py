"""Days, weeks and months, in the budget's own time zone, with their year."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.periods import day_of, period

ZONES = ("UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu", "America/Havana")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "moment", "zone", "key", "start", "end"),
    [
        ("day", "2026-11-21T12:00", "UTC", "2026-11-21", "2026-11-21T00:00", "2026-11-22T00:00"),
        ("day", "2026-11-21T23:30", "Europe/Berlin", "2026-11-22", "2026-11-21T23:00", "2026-11-22T23:00"),
        # The clocks change: this day has 23 hours, that one 25.
        ("day", "2026-03-29T12:00", "Europe/Berlin", "2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("day", "2026-10-25T12:00", "Europe/Berlin", "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),
        ("week", "2026-11-21T12:00", "UTC", "2026-W47", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("week", "2027-01-01T12:00", "UTC", "2026-W53", "2026-12-28T00:00", "2027-01-04T00:00"),
        ("month", "2026-12-31T23:30", "Europe/Berlin", "2027-01", "2026-12-31T23:00", "2027-01-31T23:00"),
        ("month", "2028-02-29T12:00", "UTC", "2028-02", "2028-02-01T00:00", "2028-03-01T00:00"),
    ],
)
def test_periods(*, kind: str, moment: str, zone: str, key: str, start: str, end: str) -> None:
    """The key has the year, the ends are the moments the period begins and is over."""
    found = period(kind, at(moment), zone)
    assert (found.key, found.starts_at, found.ends_at) == (key, at(start), at(end))


def test_weeks_may_begin_on_sunday() -> None:
    """The first day of the week is the budget's own; the name is that of the week its middle is in."""
    sunday = period("week", at("2026-11-22T12:00"), "UTC", 6)
    assert (sunday.key, sunday.starts_at) == ("2026-W48", at("2026-11-22T00:00"))
    assert period("week", at("2026-11-21T12:00"), "UTC", 6).key == "2026-W47"


def test_day_of_a_moment() -> None:
    """A day is the date on the wall there."""
    assert day_of(at("2026-11-21T23:30"), "Asia/Tokyo") == "2026-11-22"


def test_what_is_none() -> None:
    """An unknown kind or zone is named."""
    with pytest.raises(ValueError, match="not a period: 'year'"):
        period("year", at("2026-01-01"))
    for wrong in ("Mars/Olympus", "", "../etc/passwd"):
        with pytest.raises(ValueError, match="not a time zone"):
            day_of(at("2026-01-01"), wrong)


@given(
    st.integers(0, 60 * 366 * 86_400).map(lambda seconds: at("2000-01-01") + timedelta(seconds=seconds)),
    st.sampled_from(ZONES),
    st.sampled_from(("day", "week", "month")),
    st.integers(0, 6),
)
def test_periods_follow_one_another(moment: datetime, zone: str, kind: str, first_weekday: int) -> None:
    """Every moment is in its period; where one ends the next begins, under another key."""
    this = period(kind, moment, zone, first_weekday)
    assert this.starts_at <= moment < this.ends_at
    following = period(kind, this.ends_at, zone, first_weekday)
    assert following.starts_at == this.ends_at
    assert following.key != this.key
    last = period(kind, this.ends_at - timedelta(microseconds=1), zone, first_weekday)
    assert last == this == period(kind, this.starts_at, zone, first_weekday)
