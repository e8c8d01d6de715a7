"""Reservations and entries: what is held, what is spent, what has no room."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from storage.budgets import NewBudget
from storage.errors import NoRoom, StorageError
from storage.ledger import BudgetLine, settlement_from_json, settlement_to_json
from storage.store import Store
from tests.storage.given import AT, CHARGE, DOLLAR, ENTRY, claimed, reserved, settlement, taken


async def lines(store: Store) -> list[tuple[str, int, int]]:
    """Scope, spent and reserved of every budget that applies."""
    return [(line.scope, line.spent, line.reserved) for line in await store.ledger.rooms(CHARGE)]


async def test_first_start_has_sensible_limits(store: Store) -> None:
    """A fresh installation has a hard budget of 100 USD a day, a note at 80 %, and 1 USD per request."""
    [budget] = await store.budgets.all()
    assert (budget.scope, budget.subject, budget.period) == ("installation", "", "day")
    assert (budget.amount, budget.hard, budget.thresholds) == (100 * DOLLAR, True, (80,))
    limits = await store.settings.get_many(["installation"], "request_limit")
    assert limits["installation"].value == DOLLAR


async def test_every_budget_that_applies_is_held(store: Store) -> None:
    """A charge counts against installation, workspace, channel, person, provider and credential; no others."""
    for scope, subject in (
        ("workspace", "slack:T1"),
        ("channel", "slack:T1/C1"),
        ("person", "7"),
        ("provider", "openai"),
        ("credential", "Work OpenAI"),
    ):
        await store.budgets.add(NewBudget(scope, subject, "day", 1000))
        await store.budgets.add(NewBudget(scope, f"not {subject}", "day", 1000))
    await reserved(store, 100)
    assert await lines(store) == [
        (scope, 0, 100)
        for scope in ("installation", "workspace", "channel", "person", "provider", "credential")
    ]


async def test_refused_reservation_holds_nothing(store: Store) -> None:
    """The first budget without room is named with what is left and when it renews; nothing is held anywhere."""
    roomy = await store.budgets.add(NewBudget("workspace", "slack:T1", "day", 1000))
    tight = await store.budgets.add(NewBudget("person", "7", "week", 100))
    await store.budgets.add(NewBudget("provider", "openai", "day", 50))
    await reserved(store, 40)
    with pytest.raises(NoRoom) as refused:
        await reserved(store, 61)
    assert refused.value.needed == 61
    assert refused.value.budget == BudgetLine(
        budget_id=tight.id,
        scope="person",
        subject="7",
        period="week",
        amount=100,
        spent=0,
        reserved=40,
        left=60,
        renews_at=AT.replace(day=23, hour=0, minute=0),
        hard=True,
    )
    assert {reserved for _, _, reserved in await lines(store)} == {40}
    assert roomy.id < tight.id


async def test_exact_room_is_room(store: Store) -> None:
    """A budget can be reserved to its last nano-dollar."""
    await store.budgets.add(NewBudget("person", "7", "day", 100))
    await reserved(store, 100)
    with pytest.raises(NoRoom):
        await reserved(store, 1)


async def test_soft_budgets_count_but_do_not_refuse(store: Store) -> None:
    """A soft budget is spent beyond its amount; it is no room that has to be kept to."""
    await store.budgets.add(NewBudget("person", "7", "day", 10, hard=False))
    await store.ledger.settle(settlement(await reserved(store, 100), cost=90))
    assert [line.scope for line in await store.ledger.rooms(CHARGE)] == ["installation"]
    [notice] = await store.notices.undelivered()
    assert "person 7" in notice.text


async def test_what_is_free_always_fits(store: Store) -> None:
    """A reservation of nothing succeeds where a settlement has gone over the limit; a nano-dollar more does not."""
    await store.budgets.add(NewBudget("person", "7", "day", 100))
    await store.ledger.settle(settlement(await reserved(store, 100), cost=150))
    free = await reserved(store, 0)
    assert (await store.ledger.rooms(CHARGE))[1].left == -50
    with pytest.raises(NoRoom):
        await reserved(store, 1)
    await store.ledger.settle(settlement(free, cost=0))
    assert (await lines(store))[1] == ("person", 150, 0)


async def test_settlement_goes_to_the_reserved_period(store: Store) -> None:
    """What was reserved before midnight is spent on that day, though it ended after it."""
    late = replace(CHARGE, at=AT.replace(hour=23, minute=59))
    reservation = await store.ledger.reserve(late, 100, "here")
    await store.ledger.settle(settlement(reservation, at=AT + timedelta(days=1)))
    assert (await store.ledger.rooms(late))[0].spent == 40
    assert (await store.ledger.rooms(replace(CHARGE, at=AT + timedelta(days=1))))[0].spent == 0
    assert [entry.day for entry in await store.ledger.billed()] == ["2026-11-22"]


async def test_entry_keeps_all_that_was_known(store: Store) -> None:
    """An entry has its prices, tokens, attempt and reason as they were given."""
    given = replace(
        ENTRY,
        kind="chat",
        input_tokens=10,
        cached_tokens=4,
        cache_write_tokens=2,
        output_tokens=20,
        reasoning_tokens=5,
        estimated=True,
        price_source="genai-prices",
        prices='{"input": 1}',
        outcome="failed",
        error_kind="overloaded",
        first_token_ms=90,
        latency_ms=400,
        attempt=2,
        why="fallback",
    )
    reservation = await reserved(store)
    entry_id = await store.ledger.settle(replace(settlement(reservation), entry=given))
    [entry] = await store.ledger.billed()
    assert (entry.id, entry.day, entry.reservation_id) == (entry_id, "2026-11-21", reservation)
    for name in (
        "at",
        "cached_tokens",
        "cache_write_tokens",
        "reasoning_tokens",
        "estimated",
        "prices",
        "why",
    ):
        assert getattr(entry, name) == getattr(given, name)
    assert (entry.error_kind, entry.attempt, entry.credential) == ("overloaded", 2, "Work OpenAI")


async def test_settling_twice_is_once(store: Store) -> None:
    """A settlement whose answer was lost may be repeated; it gives the same entry and bills once."""
    claim = await claimed(store)
    owed = settlement(await reserved(store), claim)
    assert await store.ledger.settle(owed) == await store.ledger.settle(owed)
    assert await lines(store) == [("installation", 40, 0)]
    assert (await store.conversations.get(claim.conversation_id)).cost == 40
    assert await store.ledger.billed(claim.conversation_id) == await store.ledger.billed()


async def test_key_reserves_once(store: Store) -> None:
    """A reservation whose answer was lost can be repeated, or taken back without knowing its id."""
    first = await store.ledger.reserve(CHARGE, 100, "here", key="call 1")
    assert await store.ledger.reserve(CHARGE, 100, "here", key="call 1") == first
    assert await store.ledger.reserve(CHARGE, 7, "here", key="call 2") != first
    await store.ledger.forget("call 1")
    await store.ledger.forget("call 1")
    await store.ledger.forget("never reserved")
    assert await lines(store) == [("installation", 0, 7)]


async def test_unknown_reservation_is_refused(store: Store) -> None:
    """What was never reserved cannot be settled, and nothing is written."""
    with pytest.raises(StorageError, match="no reservation 99"):
        await store.ledger.settle(settlement(99))
    assert await store.ledger.billed() == []


async def test_release_gives_back_once(store: Store) -> None:
    """Released room is free again; a second release and one after the settlement change nothing."""
    reservation = await reserved(store)
    await store.ledger.release(reservation)
    await store.ledger.release(reservation)
    assert await lines(store) == [("installation", 0, 0)]
    settled = await reserved(store)
    await store.ledger.settle(settlement(settled))
    await store.ledger.release(settled)
    await store.ledger.release(99)
    assert await lines(store) == [("installation", 40, 0)]


async def test_released_reservation_can_still_be_settled(store: Store) -> None:
    """A process that was taken for dead bills what it used; nothing is given back twice."""
    reservation = await reserved(store)
    other = await reserved(store, 7)
    assert await store.ledger.reclaim({"elsewhere"}) == 0
    await store.ledger.release(reservation)
    await store.ledger.settle(settlement(reservation))
    assert await lines(store) == [("installation", 40, 7)]
    await store.ledger.release(other)


async def test_reclaim_spares_what_an_open_reply_names(store: Store) -> None:
    """Of a dead process's reservations those that an open reply will settle are kept, the others released."""
    claim, found = await taken(store)
    named, forgotten, living = (
        await reserved(store, 10),
        await reserved(store, 20),
        await reserved(store, 40, "alive"),
    )
    await store.replies.begin(claim, found.reply.id, model="m", reason="r", reservation_id=named, attempt=1)
    assert await store.ledger.reclaim({"here"}) == 1
    assert await lines(store) == [("installation", 0, 50)]
    assert await store.ledger.reclaim({"here"}) == 0
    assert await store.ledger.reclaim(()) == 0
    assert forgotten not in (named, living)


async def test_lowered_limit_holds_at_once(store: Store) -> None:
    """A budget's new amount binds the next reservation; a removed budget binds nothing."""
    budget = await store.budgets.add(NewBudget("person", "7", "month", 100), by=7)
    await reserved(store, 80)
    await store.budgets.change(budget.id, 50, by=7)
    assert (await store.ledger.rooms(CHARGE))[1].left == -30
    with pytest.raises(NoRoom):
        await reserved(store, 1)
    await store.budgets.remove(budget.id, by=7)
    await reserved(store, 1)
    assert [one.scope for one in await store.budgets.all()] == ["installation"]
    actions = [row.action for row in await store.audit.latest(3)]
    assert actions == ["remove budget", "change budget", "add budget"]


async def test_budget_that_makes_no_sense(store: Store) -> None:
    """A period or time zone that is none is refused when it is set; an unknown budget cannot be changed."""
    for wrong in (
        NewBudget("person", "7", "year", 1),
        NewBudget("person", "7", "day", 1, time_zone="Mars/Olympus"),
    ):
        with pytest.raises(ValueError, match="not a"):
            await store.budgets.add(wrong)
    with pytest.raises(LookupError):
        await store.budgets.change(99, 1)


def test_settlement_survives_json() -> None:
    """A settlement that was journalled is the same when it is read again."""
    owed = settlement(5, cost=None, estimated=True, error_kind="cut")
    assert settlement_from_json(json.loads(json.dumps(settlement_to_json(owed)))) == owed
