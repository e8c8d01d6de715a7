"""Which model answers, and why: the nearest level that says so."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.conversation.settings import INSTALLATION, MODEL, Settings, person_scope, place_scope
from bot.core.place import Place
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.registry import Registry
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
