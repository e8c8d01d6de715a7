"""What was changed is put back exactly, once, and not where somebody changed it since."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from storage.agents import Persona
from storage.audit import noting
from storage.budgets import NewBudget
from storage.credentials import NewCredential
from storage.price_overrides import NewOverride
from storage.store import Store
from storage.webhooks import NewWebhook

ADA, BOB = 1, 2
SCOPE = "place:slack:T1"
MONTH = NewBudget("workspace", "slack:T1", "month", 5, thresholds=(50, 80), at_limit="ask")
PIRATE = Persona("Ahoy.", "demo/quick", 0.8, "low", 100, "🏴")
PRICE = NewOverride("openai", "gpt-4.1", datetime(2026, 1, 1, tzinfo=UTC), "1", "2", note="ours")


async def undone(store: Store, made: list[int], by: int = ADA) -> bool:
    """Undo what was noted; whether that was possible."""
    return await store.undoing.undo(await store.audit.entries(made), by)


# Each prepares, and gives what changes it, and what shows how it stands.
Case = Callable[[Store], Awaitable[tuple[Callable[[], Awaitable[Any]], Callable[[], Awaitable[Any]]]]]


async def a_setting(store: Store, first: Any, change: Callable[[], Awaitable[None]]) -> Any:
    if first is not ...:
        await store.settings.set(SCOPE, "chain", first, BOB)

    async def stands() -> Any:
        found = await store.settings.get_many([SCOPE], "chain")
        return [(one.value, one.set_by) for one in found.values()]

    return change, stands


async def set_anew(store: Store) -> Any:
    return await a_setting(store, ..., lambda: store.settings.set(SCOPE, "chain", ["a/b"], ADA))


async def set_over(store: Store) -> Any:
    return await a_setting(store, ["c/d"], lambda: store.settings.set(SCOPE, "chain", ["a/b"], ADA))


async def set_over_null(store: Store) -> Any:
    return await a_setting(store, None, lambda: store.settings.set(SCOPE, "chain", 7, ADA))


async def set_to_null(store: Store) -> Any:
    return await a_setting(store, 7, lambda: store.settings.set(SCOPE, "chain", None, ADA))


async def cleared(store: Store) -> Any:
    return await a_setting(store, {"x": 1}, lambda: store.settings.clear(SCOPE, "chain", ADA))


async def cleared_null(store: Store) -> Any:
    return await a_setting(store, None, lambda: store.settings.clear(SCOPE, "chain", ADA))


async def budget_added(store: Store) -> Any:
    return lambda: store.budgets.put(MONTH, ADA), store.budgets.all


async def budget_changed(store: Store) -> Any:
    await store.budgets.put(MONTH, BOB)
    other = NewBudget("workspace", "slack:T1", "month", 9, hard=False, thresholds=())
    return lambda: store.budgets.put(other, ADA, thresholds=True), store.budgets.all


async def budget_removed(store: Store) -> Any:
    await store.budgets.put(MONTH, BOB)
    return lambda: store.budgets.take_away("workspace", "slack:T1", "month", ADA), store.budgets.all


async def _agents(store: Store) -> Any:
    return [(one.id, one.name, one.persona) for one in await store.agents.all("slack:T1")]


async def agent_made(store: Store) -> Any:
    return lambda: store.agents.put("slack:T1", "pirate", PIRATE, ADA), lambda: _agents(store)


async def agent_put(store: Store) -> Any:
    await store.agents.put("slack:T1", "pirate", PIRATE, BOB)
    return lambda: store.agents.put("slack:T1", "pirate", Persona("Oh."), ADA), lambda: _agents(store)


async def agent_renamed(store: Store) -> Any:
    agent = await store.agents.put("slack:T1", "pirate", PIRATE, BOB)
    return lambda: store.agents.change(agent.id, "captain", Persona("Oh."), ADA), lambda: _agents(store)


async def agent_removed(store: Store) -> Any:
    agent = await store.agents.put("slack:T1", "pirate", PIRATE, BOB)
    return lambda: store.agents.remove(agent.id, ADA), lambda: _agents(store)


async def price_set(store: Store) -> Any:
    return lambda: store.price_overrides.add(PRICE, by=ADA), store.price_overrides.all


async def price_removed(store: Store) -> Any:
    price = await store.price_overrides.add(PRICE, by=BOB)
    return lambda: store.price_overrides.remove(price.id, by=ADA), store.price_overrides.all


async def _keys(store: Store) -> Any:
    keys = await store.credentials.all()
    return [(key.name, key.disabled_at is None, (await store.credentials.open(key)).api_key) for key in keys]


async def _in_use(store: Store) -> Any:
    found = await store.credentials.for_provider("openai", "slack:T1/C1", None)
    return found and (found.id, found.name)


async def key_disabled(store: Store) -> Any:
    key = await store.credentials.add(NewCredential("openai", "Work", "sk-0123456789abcdef"), by=BOB)
    return lambda: store.credentials.enable(key.id, on=False, by=ADA), lambda: _in_use(store)


async def key_enabled(store: Store) -> Any:
    key = await store.credentials.add(NewCredential("openai", "Work", "sk-0123456789abcdef"), by=BOB)
    await store.credentials.enable(key.id, on=False, by=BOB)
    return lambda: store.credentials.enable(key.id, on=True, by=ADA), lambda: _in_use(store)


async def webhook_changed(store: Store) -> Any:
    hook = await store.webhooks.add(NewWebhook("ops", "https://a.test/", "whsec_1"), by=BOB)
    return (
        lambda: store.webhooks.change(hook.id, hook.url, private=True, kinds=["key"], by=ADA),
        store.webhooks.all,
    )


async def clock_set(store: Store) -> Any:
    await store.conversations.start_new("slack:T1/C1/1", None)
    return (
        lambda: store.workspaces.set_clock("slack:T1", "Europe/Berlin", 6, ADA),
        lambda: store.workspaces.get("slack:T1"),
    )


async def model_removed(store: Store) -> Any:
    await store.custom.put_model("openai", "ours", '{"window": 8}', by=BOB)
    return lambda: store.custom.remove_model("openai/ours", by=ADA), store.custom.models


async def role_given(store: Store) -> Any:
    person = await store.people.identify("slack", "slack:T1", "U1", "Ada")
    return (
        lambda: store.people.grant(person.id, "admin", "slack:T1", by=ADA),
        lambda: store.people.roles(person.id),
    )


async def role_taken(store: Store) -> Any:
    person = await store.people.identify("slack", "slack:T1", "U1", "Ada")
    await store.people.grant(person.id, "admin", by=BOB)
    return lambda: store.people.revoke(person.id, "admin", by=ADA), lambda: store.people.roles(person.id)


CASES: tuple[Case, ...] = (
    set_anew,
    set_over,
    set_over_null,
    set_to_null,
    cleared,
    cleared_null,
    budget_added,
    budget_changed,
    budget_removed,
    agent_made,
    agent_put,
    agent_renamed,
    agent_removed,
    price_set,
    price_removed,
    key_disabled,
    key_enabled,
    webhook_changed,
    clock_set,
    model_removed,
    role_given,
    role_taken,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
async def test_it_is_put_back_exactly_and_once(store: Store, case: Case) -> None:
    """It then stands as before, who had set it too; the audit has it; a second time nothing happens."""
    change, stands = await case(store)
    before = await stands()
    with noting() as made:
        await change()
    after = await stands()
    assert after != before
    assert await undone(store, made)
    assert await stands() == before
    told = (await store.audit.latest(1))[0]
    assert (told.person_id, told.action) == (ADA, "undo")
    assert not await undone(store, made)
    assert await stands() == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
async def test_what_was_done_again_since_stays(store: Store, case: Case) -> None:
    """Undone and done again by somebody else, it reads as it did; but it is theirs now."""
    change, stands = await case(store)
    with noting() as made:
        await change()
    assert await undone(store, made)
    await change()
    after = await stands()
    assert not await undone(store, made)
    assert await stands() == after


async def test_several_changes_are_undone_together_or_not_at_all(store: Store) -> None:
    """The last one first; where one of them was changed since, none is put back."""
    with noting() as made:
        await store.settings.set(SCOPE, "one", 1, ADA)
        await store.settings.set(SCOPE, "two", 1, ADA)
        await store.settings.set(SCOPE, "two", 2, ADA)
    assert len(made) == 3
    await store.settings.set(SCOPE, "one", 5, BOB)
    assert not await undone(store, made)
    assert (await store.settings.get_many([SCOPE], "two"))[SCOPE].value == 2
    with noting() as rest:
        await store.settings.set(SCOPE, "one", 1, ADA)
    assert await undone(store, [*made[1:], *rest])
    assert await store.settings.get_many([SCOPE], "two") == {}
    assert (await store.settings.get_many([SCOPE], "one"))[SCOPE].value == 5


async def test_a_place_that_was_taken_meanwhile_is_not_taken_back(store: Store) -> None:
    """A budget of the same scope, an agent of the same name."""
    await store.budgets.put(MONTH, BOB)
    agent = await store.agents.put("slack:T1", "pirate", PIRATE, BOB)
    with noting() as made:
        await store.budgets.take_away("workspace", "slack:T1", "month", ADA)
    with noting() as removed:
        await store.agents.remove(agent.id, ADA)
    await store.budgets.put(MONTH, BOB)
    await store.agents.put("slack:T1", "Pirate", Persona("Mine."), BOB)
    assert not await undone(store, made)
    assert not await undone(store, removed)
    assert [one.subject for one in await store.budgets.all()].count("slack:T1") == 1


async def test_what_is_wiped_has_no_way_back(store: Store) -> None:
    """Neither a key's secret nor a webhook's, nor what was said."""
    hook = await store.webhooks.add(NewWebhook("ops", "https://a.test/", "whsec_1"), by=ADA)
    with noting() as changed:
        await store.webhooks.change(hook.id, "https://b.test/", private=False, kinds=(), by=ADA)
    assert changed
    assert not await undone(store, changed)
    await store.credentials.add(NewCredential("openai", "Work", "sk-0123456789abcdef"), by=ADA)
    conversation = await store.conversations.start_new("slack:T1/C1/1", ADA)
    with noting() as made:
        await store.credentials.remove("Work", by=ADA)
    with noting() as forgotten:
        await store.forgetting.forget(conversation.id, ADA, "gone")
    assert made
    assert forgotten
    assert not await undone(store, made)
    assert not await undone(store, forgotten)


async def test_the_last_owner_stays_one(store: Store) -> None:
    """Undoing takes a role back by the same rule as taking it back."""
    person = await store.people.identify("slack", "slack:T1", "U1", "Ada")
    first = await store.people.owner()
    with noting() as made:
        await store.people.grant(person.id, "owner", by=ADA)
    if first is not None:
        assert await store.people.revoke(first.id, "owner", by=person.id)
    assert not await undone(store, made)


async def test_what_is_written_elsewhere_is_not_noted(store: Store) -> None:
    """Only what is done inside, and nothing once it is over."""
    with noting() as outer:
        await store.settings.set(SCOPE, "one", 1, ADA)
        with noting() as inner:
            await store.settings.set(SCOPE, "two", 1, ADA)
    await store.settings.set(SCOPE, "three", 1, ADA)
    assert (len(outer), len(inner)) == (1, 1)
