"""Budgets that each person has, budgets over years' ends and changes of clocks, and the extra that was approved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage.budgets import EACH, Budget, NewBudget
from storage.errors import NoRoom
from storage.store import Store
from tests.storage.given import CHARGE, reserved, settlement


async def shares(store: Store, person: int | None) -> list[tuple[str, int, int]]:
    """Subject, amount and what is left of a person's own budgets."""
    lines = await store.ledger.lines(replace(CHARGE, person_id=person))
    return [(line.subject, line.amount, line.left) for line in lines if line.scope == "person"]


async def test_each_person_has_the_amount(store: Store) -> None:
    """One budget for each: what one spends is not missing to another, and nobody in particular has none."""
    await store.budgets.add(NewBudget("person", EACH, "day", 100))
    await reserved(store, 80)
    assert await shares(store, 7) == [("7", 100, 20)]
    assert await shares(store, 8) == [("8", 100, 100)]
    assert await shares(store, None) == []
    with pytest.raises(NoRoom) as full:
        await reserved(store, 21)
    assert (full.value.budget.subject, full.value.budget.left) == ("7", 20)
    await reserved(store, 100, charge=replace(CHARGE, person_id=8))


async def test_a_budget_of_their_own_goes_before_it(store: Store) -> None:
    """An amount set for one person replaces that of each for the same period, and only for it."""
    await store.budgets.add(NewBudget("person", EACH, "day", 100))
    await store.budgets.add(NewBudget("person", EACH, "month", 1000))
    await store.budgets.add(NewBudget("person", "7", "day", 500))
    assert await shares(store, 7) == [("7", 1000, 1000), ("7", 500, 500)]
    assert await shares(store, 8) == [("8", 100, 100), ("8", 1000, 1000)]


async def test_a_threshold_of_a_share_is_noted_to_whose_it_is(store: Store) -> None:
    """Once for each threshold, period and person, with the period's name."""
    await store.budgets.add(NewBudget("person", EACH, "day", 100, thresholds=(50, 90)))
    for person in (7, 8):
        for _ in range(2):
            held = await reserved(store, 45, charge=replace(CHARGE, person_id=person))
            await store.ledger.settle(settlement(held, cost=45, person_id=person))
    notices = [one for one in await store.notices.undelivered() if one.scope == "person"]
    assert [one.subject for one in notices] == ["7", "7", "8", "8"]
    assert notices[0].text.startswith("50 % of the budget of the person 7 for 2026-11-21 is spent")


async def test_setting_a_budget_again_changes_it(store: Store) -> None:
    """One budget for each scope, subject and period; the running period keeps what was spent; all of it is audited."""
    first = await store.budgets.put(NewBudget("channel", "slack:T1/C1", "day", 100), by=7)
    await reserved(store, 60)
    second = await store.budgets.put(NewBudget("channel", "slack:T1/C1", "day", 70, at_limit="ask"), by=7)
    await store.budgets.put(NewBudget("channel", "slack:T1/C1", "month", 900))
    assert isinstance(second, Budget)
    assert (second.id, second.at_limit) == (first.id, "ask")
    [line] = [
        one for one in await store.ledger.rooms(CHARGE) if (one.scope, one.period) == ("channel", "day")
    ]
    assert (line.left, line.at_limit) == (10, "ask")
    assert [row.action for row in await store.audit.latest(2)] == ["add budget", "change budget"]
    gone = await store.budgets.take_away("channel", "slack:T1/C1", by=7)
    assert [budget.period for budget in gone] == ["day", "month"]
    assert await store.budgets.take_away("channel", "slack:T1/C1") == []
    with pytest.raises(ValueError, match="not a"):
        await store.budgets.put(NewBudget("channel", "slack:T1/C1", "year", 1))


@pytest.mark.parametrize(
    ("kind", "first", "hours", "counts"),
    [
        # The clocks go forward in the night to 29 March 2026, and back in that to 25 October.
        ("day", "2026-03-27T23:00", 71, {"2026-03-28": 24, "2026-03-29": 23, "2026-03-30": 24}),
        ("day", "2026-10-23T22:00", 73, {"2026-10-24": 24, "2026-10-25": 25, "2026-10-26": 24}),
        ("day", "2026-12-30T23:00", 48, {"2026-12-31": 24, "2027-01-01": 24}),
        ("month", "2026-12-31T20:00", 6, {"2026-12": 3, "2027-01": 3}),
        ("week", "2026-12-27T20:00", 6, {"2026-W52": 3, "2026-W53": 3}),
    ],
)
async def test_every_hour_counts_in_one_period(
    store: Store, kind: str, first: str, hours: int, counts: dict[str, int]
) -> None:
    """Over both changes of the clocks and the end of the year, in the budget's own zone, and renews when it says."""
    budget = await store.budgets.add(
        NewBudget("channel", "slack:T1/C1", kind, 10**9, time_zone="Europe/Berlin")
    )
    begin = datetime.fromisoformat(first).replace(tzinfo=UTC)
    for hour in range(hours):
        await reserved(store, 1, charge=replace(CHARGE, at=begin + timedelta(hours=hour)))
    found = {}
    for hour in range(hours):
        charge = replace(CHARGE, at=begin + timedelta(hours=hour))
        [line] = [one for one in await store.ledger.rooms(charge) if one.budget_id == budget.id]
        found[budget.period_at(charge.at).key] = line.reserved
        renewed = replace(CHARGE, at=line.renews_at)
        [after] = [one for one in await store.ledger.rooms(renewed) if one.budget_id == budget.id]
        assert budget.period_at(line.renews_at).key != budget.period_at(charge.at).key
        assert after.renews_at > line.renews_at
    assert found == counts


async def test_all_budgets_are_read_as_they_stand(store: Store) -> None:
    """Each with its running period; of what each person has, those who have least left, and no more of them."""
    channel = await store.budgets.add(NewBudget("channel", "slack:T1/C1", "day", 1000))
    each = await store.budgets.add(NewBudget("person", EACH, "day", 100))
    idle = await store.budgets.add(NewBudget("person", EACH, "month", 100))
    at = CHARGE.at
    for person, amount in ((7, 10), (8, 70), (9, 40)):
        await reserved(store, amount, charge=replace(CHARGE, person_id=person))
    await store.budgets.remove(idle.id)
    late = await store.budgets.add(NewBudget("person", EACH, "week", 100))
    standing = {one.budget.id: one for one in await store.budgets.standing(at, shares=2)}
    [line] = standing[channel.id].lines
    assert (line.reserved, line.left) == (120, 880)
    assert [(one.subject, one.left) for one in standing[each.id].lines] == [("8", 30), ("9", 60)]
    assert standing[late.id].lines == ()
    assert idle.id not in standing
    [after] = [one for one in await store.budgets.standing(at + timedelta(days=1)) if one.budget == channel]
    assert [one.left for one in after.lines] == [1000]


async def test_thresholds_change_only_where_that_is_meant(store: Store) -> None:
    """A budget that is set again from chat keeps those of the site."""
    new = NewBudget("channel", "slack:T1/C1", "day", 100, thresholds=(50, 90))
    await store.budgets.put(new)
    kept = await store.budgets.put(replace(new, amount=200, thresholds=(80,)))
    assert (kept.amount, kept.thresholds) == (200, (50, 90))
    changed = await store.budgets.put(replace(new, thresholds=()), thresholds=True)
    assert changed.thresholds == ()
    assert (await store.budgets.all())[-1] == changed
