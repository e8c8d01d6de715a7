"""Which model answers, and why: the nearest level that says so."""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from bot.conversation.settings import (
    FOLLOW,
    INSTALLATION,
    LAST,
    LAST_USED,
    MODEL,
    Settings,
    person_scope,
    place_scope,
)
from bot.core.place import Place
from bot.core.provider import ModelId
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.registry import Registry
from storage.agents import Persona
from storage.store import Store

THREAD = Place("slack", "T1", "C1", "1700.1")
CHANNEL, WORKSPACE = Place("slack", "T1", "C1"), Place("slack", "T1")
LEVELS = {
    "channel": place_scope(CHANNEL),
    "person": person_scope(7),
    "workspace": place_scope(WORKSPACE),
    "installation": INSTALLATION,
}


@pytest.fixture
async def settings(database_url: str, tmp_path: Path) -> AsyncIterator[Settings]:
    store = await Store.open(database_url, tmp_path)
    async with Http() as http:
        yield Settings(store, Registry(CATALOG, {}, http))
    await store.close()


async def test_the_nearest_level_wins_and_is_named(settings: Settings) -> None:
    """With each level set, then cleared from the narrowest on, the next wider one answers, with its reason."""
    store = settings.store
    for level, scope in LEVELS.items():
        await store.settings.set(scope, MODEL, f"demo/{level}", by=None)
    for level, scope in LEVELS.items():
        choice = await settings.choose(THREAD, 7)
        assert (str(choice.model), choice.level) == (f"demo/{level}", level)
        assert choice.reason
        await store.settings.clear(scope, MODEL, by=None)
    assert (await settings.choose(THREAD, 7)).level == "default"


async def test_the_matrix_of_levels(settings: Settings) -> None:
    """Whatever subset of them says something, the nearest of it decides."""
    store = settings.store
    agent = await store.agents.put("slack:T1", "pirate", Persona("Arr.", "demo/agent"), None)
    conversation = await store.conversations.start_new(str(THREAD))
    names = ("thread", "agent", *LEVELS)
    for chosen in product((False, True), repeat=len(names)):
        says = dict(zip(names, chosen, strict=True))
        for level, scope in LEVELS.items():
            if says[level]:
                await store.settings.note(scope, MODEL, f"demo/{level}")
            else:
                await store.settings.clear(scope, MODEL, None)
        here = replace(
            conversation,
            current_model="demo/thread" if says["thread"] else None,
            agent_id=agent.id if says["agent"] else None,
        )
        choice = await settings.choose(THREAD, 7, here, await settings.agent(here))
        expected = next((name for name in names if says[name]), "default")
        assert choice.level == expected, says
        assert expected == "default" or str(choice.model) == f"demo/{expected}"
        assert choice.reason


async def test_a_removed_agent_brings_nothing(settings: Settings) -> None:
    """And one without a model leaves the choice to the next level; a wish says what it finds."""
    store = settings.store
    conversation = await store.conversations.start_new(str(THREAD))
    for model, level in ((None, "default"), ("auto:large", "agent"), ("auto:nonsense", "default")):
        agent = await store.agents.put("slack:T1", "pirate", Persona("Arr.", model), None)
        assert (await settings.choose(THREAD, 7, conversation, agent)).level == level
    found = await store.agents.put("slack:T1", "pirate", Persona("Arr.", "auto:large"), None)
    await store.conversations.set_agent(conversation.id, found.id)
    choice = await settings.chosen(THREAD, 7)
    assert choice.reason == "what the agent pirate, which wants one that reads much at once, finds here"
    await store.agents.remove(found.id, None)
    assert (await settings.chosen(THREAD, 7)).level == "default"


async def test_what_one_used_last_is_kept_only_on_request(settings: Settings) -> None:
    """It is noted for who asked for it, and for nobody else; nobody's is nobody's."""
    store, quick = settings.store.settings, ModelId("demo", "quick")
    await settings.used(7, quick)
    await settings.used(None, quick)
    assert not await store.get_many([person_scope(7)], LAST_USED)
    await store.set(person_scope(7), MODEL, LAST, by=7)
    assert (await settings.choose(THREAD, 7)).level == "default"  # nothing is known yet
    await settings.used(7, quick)
    choice = await settings.choose(THREAD, 7)
    assert (choice.model, choice.level) == (quick, "person")


async def test_a_thread_s_own_model_comes_before_all(settings: Settings) -> None:
    """What was set in the conversation beats the channel."""
    store = settings.store
    await store.settings.set(LEVELS["channel"], MODEL, "demo/quick", by=None)
    conversation = await store.conversations.start_new(str(THREAD))
    await store.conversations.set_model(conversation.id, "demo/story")
    choice = await settings.choose(THREAD, 7, await store.conversations.get(conversation.id))
    assert (str(choice.model), choice.level, choice.reason) == ("demo/story", "thread", "set in this thread")


async def test_other_places_and_people_do_not_matter(settings: Settings) -> None:
    """Another channel's default and another person's own are nobody else's."""
    await settings.store.settings.set(place_scope(Place("slack", "T1", "C2")), MODEL, "demo/story", by=None)
    await settings.store.settings.set(person_scope(8), MODEL, "demo/story", by=None)
    assert (await settings.choose(THREAD, 7)).level == "default"
    assert (await settings.choose(THREAD, None)).level == "default"


async def test_threads_are_followed_until_the_nearest_level_says_otherwise(settings: Settings) -> None:
    """Channel before workspace before installation."""
    store = settings.store.settings
    assert await settings.follows(THREAD)
    await store.set(INSTALLATION, FOLLOW, "mentions", by=None)
    assert not await settings.follows(THREAD)
    await store.set(LEVELS["workspace"], FOLLOW, "threads", by=None)
    assert await settings.follows(THREAD)
    await store.set(LEVELS["channel"], FOLLOW, "mentions", by=None)
    assert not await settings.follows(THREAD)
    assert await settings.follows(Place("slack", "T1", "C2", "1700.1"))


async def test_the_choice_of_a_place_is_its_conversations_own(settings: Settings) -> None:
    """Where it has one; looking opens none."""
    assert (await settings.chosen(THREAD, 7)).level == "default"
    assert await settings.store.conversations.current(str(THREAD)) is None
    conversation = await settings.store.conversations.start_new(str(THREAD))
    await settings.store.conversations.set_model(conversation.id, "demo/story")
    assert (await settings.chosen(THREAD, 7)).level == "thread"
