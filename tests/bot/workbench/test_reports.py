"""Usage reports: figures, comparisons, projections, and their forms for programs."""

from __future__ import annotations

import csv
import io
import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.workbench.exports import to_csv, to_json
from bot.workbench.reports import BY, of_thread, usage
from bot.workbench.spans import Calendar, before, looking_back, span
from storage.ledger import NewEntry, Settlement
from storage.reports import Scope
from storage.store import Store
from tests.storage.given import CHARGE, ENTRY, HOME, PLACE, claimed, said

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
MONTH = Scope("workspace", HOME)


async def spend(store: Store, days_ago: int, cost: int | None, **more: object) -> None:
    """An entry of some days before AT."""
    at = AT - timedelta(days=days_ago)
    entry: NewEntry = replace(ENTRY, at=at, cost=cost, input_tokens=10, latency_ms=1000, **more)  # type: ignore[arg-type]
    reservation = await store.ledger.reserve(replace(CHARGE, at=at), 0, "here")
    await store.ledger.settle(Settlement(reservation, entry))


async def test_a_month_is_compared_and_projected(store: Store) -> None:
    """What it cost so far, how that compares with the same days of the month before, and where it leads."""
    await spend(store, 0, 500)  # today is not over, so it is compared with nothing
    await spend(store, 5, 300)
    await spend(store, 5 + 31, 200)  # on one of the same days in October
    await spend(store, 25, 9000)  # on 27 October, a day that November has not reached
    report = await usage(store, MONTH, "month", "model", AT, Calendar())
    assert report.span is not None
    assert (report.span.key, report.span.first, report.span.last) == ("2026-11", "2026-11-01", "2026-11-30")
    assert report.total.cost == 800
    assert report.change == pytest.approx(0.5)
    assert report.total.before is not None
    assert report.total.before.cost == 9200
    assert report.projected == round(800 / (20.5 / 30))
    [line] = report.lines
    assert (line.key, line.cost, line.mean_cost) == ("openai/quick", 800, 400)
    assert line.before is not None
    assert line.before.cost == 9200
    assert [point.cost for point in report.trend.points[-2:]] == [9200, 800]
    assert len(report.trend.points) == 12


async def test_lines_are_told_apart_by_whatever_is_asked(store: Store) -> None:
    """People by name, threads by title, providers, credentials, kinds, days; every report adds up to the same."""
    ada = await store.people.identify("slack", HOME, "U1", "Ada")
    claim = await claimed(store, said("Where is the sea?"))
    more = {"person_id": ada.id, "conversation_id": claim.conversation_id}
    await spend(store, 0, 10, **more)
    await spend(store, 0, 30, **more, model="deep", why="retry")
    await spend(store, 1, None, **more, provider="cohere", credential="")
    first = {}
    for by in BY:
        report = await usage(store, MONTH, "week", by, AT, Calendar())
        assert (report.total.cost, report.total.figures.requests, report.total.figures.unpriced) == (40, 3, 1)
        first[by] = (report.lines[0].label, len(report.lines))
    assert first == {
        "person": ("Ada", 1),
        "channel": ("slack:T1/C1", 1),
        "thread": ("Where is the sea?", 1),
        "model": ("openai/deep", 3),
        "provider": ("openai", 2),
        "credential": ("openai/Work OpenAI", 2),
        "kind": ("retry", 2),
        "day": ("2026-11-20", 2),
    }


@pytest.mark.parametrize(
    "scope",
    [Scope("installation"), MONTH, Scope("channel", "slack:T1/C1"), Scope("person", "7")],
    ids=lambda scope: scope.kind,
)
async def test_each_scope_counts_its_own(store: Store, scope: Scope) -> None:
    """What another workspace, channel or person used is not in it."""
    await spend(store, 0, 10)
    elsewhere: dict[str, dict[str, object]] = {
        "installation": {},
        "workspace": {"workspace_id": "slack:T2", "place": "slack:T2/C1"},
        "channel": {"place": "slack:T1/C2/1.1"},
        "person": {"person_id": 8},
    }
    await spend(store, 0, 700, **elsewhere[scope.kind])
    for by in BY:
        report = await usage(store, scope, "day", by, AT, Calendar())
        assert report.total.cost == (710 if scope.kind == "installation" else 10)


async def test_a_thread_is_compared_with_its_channel(store: Store) -> None:
    """With what a conversation costs there as a rule; where it is the only one, with nothing."""
    claim = await claimed(store)
    await spend(store, 0, 30, conversation_id=claim.conversation_id)
    alone = await of_thread(store, claim.conversation_id, PLACE, "model", AT)
    assert (alone.total.cost, alone.usual, alone.change) == (30, None, None)
    for number, cost in ((901, 10), (902, 30)):
        await spend(store, 2, cost, conversation_id=number)
    report = await of_thread(store, claim.conversation_id, PLACE, "person", AT)
    assert report.usual == 20
    assert report.change == pytest.approx(0.5)
    assert [line.label for line in report.lines] == ["person 7"]


async def test_reports_for_programs(store: Store) -> None:
    """CSV and JSON have exact costs, and a name that a spreadsheet would run is only a name."""
    mean = await store.people.identify("slack", HOME, "U1", "=HYPERLINK(1)")
    await spend(store, 0, 1_234_567_891, person_id=mean.id)
    await spend(store, 0, None, person_id=8)
    report = await usage(store, MONTH, "month", "person", AT, Calendar())
    table = list(csv.DictReader(io.StringIO(to_csv(report))))
    assert [row["label"] for row in table] == ["'=HYPERLINK(1)", "person 8", "all"]
    assert [row["cost_usd"] for row in table] == ["1.234567891", "0.000000000", "1.234567891"]
    assert table[1]["mean_cost_usd"] == ""
    data = json.loads(to_json(report))
    assert data["total"]["cost"] == 1_234_567_891
    assert data["span"] == {"kind": "month", "key": "2026-11", "first": "2026-11-01", "last": "2026-11-30"}
    assert len(data["trend"]) == 12


def test_spans_follow_the_calendar() -> None:
    """Over a year's end and both changes of the clocks, each begins where the one before it ends."""
    berlin = Calendar("Europe/Berlin", 6)
    for kind in ("day", "week", "month"):
        spans = looking_back(span(kind, datetime(2027, 1, 5, tzinfo=UTC), berlin), berlin)
        for earlier, later in itertools.pairwise(spans):
            assert earlier.ends_at == later.starts_at
            assert earlier == before(later, berlin)
    october = span("day", datetime(2026, 10, 25, 12, tzinfo=UTC), berlin)
    assert (october.days, october.ends_at - october.starts_at) == (1, timedelta(hours=25))
    month = span("month", datetime(2026, 12, 31, 23, 30, tzinfo=UTC), berlin)
    assert (month.key, month.days) == ("2027-01", 31)
    assert month.complete_days(datetime(2027, 1, 3, 23, 30, tzinfo=UTC), berlin) == 3
    assert month.complete_days(datetime(2027, 3, 1, tzinfo=UTC), berlin) == 31
    assert month.elapsed(datetime(2027, 3, 1, tzinfo=UTC)) == 1


@pytest.mark.parametrize(
    "scope",
    [Scope("installation"), MONTH, Scope("channel", "slack:T1/C1"), Scope("person", "7")],
    ids=lambda scope: scope.kind,
)
async def test_a_scope_is_narrowed_to_what_has_a_value(store: Store, scope: Scope) -> None:
    """Whatever lines are told apart by can be looked into, one within another; total and trend are of the same."""
    await spend(store, 0, 10, person_id=7)
    await spend(store, 0, 20, person_id=7, model="deep")
    await spend(store, 1, 40, person_id=7, provider="cohere", kind="compare")
    keys = {
        by: (await usage(store, scope, "week", by, AT, Calendar())).lines[0].key
        for by in BY
        if by != "thread"
    }
    assert keys["model"] == "cohere/quick"
    for by, key in keys.items():
        narrowed = replace(scope, within=((by, key), ("model", "openai/deep")))
        report = await usage(store, narrowed, "week", "day", AT, Calendar())
        costs = {report.total.cost, report.trend.points[-1].cost}
        assert costs == ({20} if key in ("slack:T1/C1", "7") else {0}), (by, key)
    report = await usage(
        store, replace(scope, within=(("provider", "openai"),)), "week", "model", AT, Calendar()
    )
    assert [(line.key, line.cost) for line in report.lines] == [("openai/deep", 20), ("openai/quick", 10)]
