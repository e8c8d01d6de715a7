"""When digests are due: over year ends, both changes of the clock, and any times at which somebody looks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workbench.schedule import DAYS, Schedule, covered, following, newest
from bot.workbench.spans import Calendar

BERLIN = "Europe/Berlin"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BEGIN = datetime(2025, 12, 20, tzinfo=UTC)
ZONES = st.sampled_from(
    ["UTC", BERLIN, "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "America/Sao_Paulo"]
)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


NIGHTLY = Schedule(LONG_AGO, "day", hour=2, minute=30)
SCHEDULES = st.builds(
    Schedule,
    since=st.just(LONG_AGO),
    every=st.sampled_from(["day", "week", "month"]),
    weekday=st.integers(0, 6),
    hour=st.integers(0, 23),
    minute=st.sampled_from([0, 30]),
)


@pytest.mark.parametrize(
    ("schedule", "look", "due", "key"),
    [
        (Schedule(LONG_AGO), utc(2026, 11, 30, 7, 59), utc(2026, 11, 23, 8), "week:2026-11-23"),
        (Schedule(LONG_AGO), utc(2026, 11, 30, 8), utc(2026, 11, 30, 8), "week:2026-11-30"),
        (Schedule(LONG_AGO), utc(2027, 1, 1, 12), utc(2026, 12, 28, 8), "week:2026-12-28"),
        (Schedule(LONG_AGO, "month"), utc(2027, 1, 1, 8), utc(2027, 1, 1, 8), "month:2027-01-01"),
        (Schedule(LONG_AGO, "month"), utc(2026, 12, 31, 23), utc(2026, 12, 1, 8), "month:2026-12-01"),
        # In spring 02:30 is jumped over, in autumn it is there twice: the first one counts.
        (
            NIGHTLY,
            utc(2026, 3, 29, 3),
            utc(2026, 3, 29, 1, 30),
            "day:2026-03-29",
        ),
        (
            NIGHTLY,
            utc(2026, 10, 25, 0, 30),
            utc(2026, 10, 25, 0, 30),
            "day:2026-10-25",
        ),
        (
            NIGHTLY,
            utc(2026, 10, 25, 1, 30),
            utc(2026, 10, 25, 0, 30),
            "day:2026-10-25",
        ),
    ],
)
def test_the_newest_slot(schedule: Schedule, look: datetime, due: datetime, key: str) -> None:
    """By the clock of Berlin; a slot that comes twice is one."""
    found = newest(schedule, BERLIN, look)
    assert found is not None
    assert (found.at, found.key) == (due, key)


def test_what_was_before_it_is_not_due() -> None:
    """A schedule that is set on Monday at noon has its first digest a week later."""
    schedule = Schedule(utc(2026, 11, 30, 12))
    assert newest(schedule, "UTC", utc(2026, 12, 7, 8, 59)) is None
    assert newest(schedule, "UTC", utc(2026, 12, 7, 9)) is not None


@given(SCHEDULES, ZONES, st.integers(0, 380 * 24), st.lists(st.integers(1, 4000), max_size=40))
def test_each_slot_is_due_once(schedule: Schedule, zone: str, hours: int, steps: list[int]) -> None:
    """Whenever somebody looks: each day has one slot at most, slots go forward only, and the next comes as said."""
    now, seen = BEGIN + timedelta(hours=hours), dict[str, datetime]()
    last = None
    for step in steps:
        expected = following(schedule, zone, now)
        now += timedelta(minutes=step)
        slot = newest(schedule, zone, now)
        assert slot is not None
        assert seen.setdefault(slot.key, slot.at) == slot.at <= now
        assert last is None or slot.at >= last
        assert slot.at >= expected or now < expected
        last = slot.at


@given(SCHEDULES, st.dates(date(2025, 12, 20), date(2027, 1, 10)))
def test_it_covers_what_ended_before_it(schedule: Schedule, day: date) -> None:
    """The last day that is told of is the one before, whichever weekday it is."""
    if schedule.is_on(day):
        span, _ = covered(schedule, day, Calendar(BERLIN))
        assert date.fromisoformat(span.last) == day - timedelta(days=1)
        assert span.days in {"day": {1}, "week": {7}, "month": {28, 29, 30, 31}}[schedule.every]


@given(SCHEDULES)
def test_it_is_kept_as_it_is(schedule: Schedule) -> None:
    """What the setting keeps is what was set; its words name the day."""
    assert Schedule.from_json(schedule.to_json()) == schedule
    assert schedule.every != "week" or DAYS[schedule.weekday].capitalize() in schedule.words
