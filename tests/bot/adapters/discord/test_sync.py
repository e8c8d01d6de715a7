"""Which commands Discord is told of, and when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.adapters.discord.bots import Bot
from bot.adapters.discord.commands.offering import FORK, RETRY, SWITCH, line_of, offered
from bot.adapters.discord.commands.sync import Sync
from bot.commands.command import COMMANDS
from bot.core.background import Background
from storage.store import Store
from tests.bot.adapters.discord.seeing import calls
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.orders import Fault

PUT = "overwrite_global_commands"


class Pauses:
    """Pauses that a test ends."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[float] = asyncio.Queue()
        self.over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        await self.asked.put(seconds)
        await self.over.wait()
        self.over.clear()


@pytest_asyncio.fixture
async def background() -> AsyncIterator[Background]:
    made = Background("discord")
    yield made
    await made.close()


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def sync(store: Store, background: Background, pauses: Pauses) -> Sync:
    return Sync(store, background, sleep=pauses.sleep)


def known(fake: FakeDiscord) -> dict[str, Any]:
    """What is offered everywhere, by name."""
    return {one["name"]: one for one in fake.app.commands.get("", {}).values()}


async def test_every_command_is_offered_everywhere(fake: FakeDiscord, bot: Bot, sync: Sync) -> None:
    """In servers, with us and among others; for servers and for people."""
    assert await sync.once(bot)
    told = known(fake)
    assert set(told) == {*(command.name for command in COMMANDS), RETRY, SWITCH, FORK}
    for command in COMMANDS:
        assert told[command.name]["contexts"] == [0, 1, 2]
        assert told[command.name]["integration_types"] == [0, 1]
        assert [one["name"] for one in told[command.name].get("options", ())] == [
            option.name for option in command.options
        ]
    kinds = {one["name"]: (one["type"], one.get("autocomplete", False)) for one in told["retry"]["options"]}
    assert kinds == {"reply": (4, False), "model": (3, True), "anyway": (5, False)}
    assert [one["value"] for one in told["rate"]["options"][0]["choices"]] == ["good", "bad"]


async def test_no_words_are_cut() -> None:
    """Descriptions fit into Discord's hundred characters as they are."""
    texts = [command.summary for command in COMMANDS]
    texts += [option.summary for command in COMMANDS for option in command.options]
    assert max(map(len, texts)) <= 100


async def test_they_are_sent_only_when_they_have_changed(
    fake: FakeDiscord, bot: Bot, store: Store, background: Background
) -> None:
    """A restart sends nothing; a new command does, once."""
    assert await Sync(store, background).once(bot)
    assert not await Sync(store, background).once(bot)
    assert len(calls(fake, PUT)) == 1

    def fewer() -> list[Any]:
        return offered()[:3]

    assert await Sync(store, background, offer=fewer).once(bot)
    assert not await Sync(store, background, offer=fewer).once(bot)
    assert len(known(fake)) == 3


async def test_it_runs_in_the_background_and_tries_again(
    fake: FakeDiscord, bot: Bot, sync: Sync, pauses: Pauses
) -> None:
    """Meanwhile the health says what is wrong, and afterwards nothing."""
    fake.order(Fault.DOWN, PUT, times=2)
    running = sync.start(bot)
    assert running is not None
    assert sync.start(bot) is None
    assert await pauses.asked.get() == 5.0
    [trouble] = sync.troubles
    assert "may be out of date: Discord cannot be reached" in trouble
    pauses.over.set()
    assert await pauses.asked.get() == 10.0
    pauses.over.set()
    await running
    assert sync.troubles == ()
    assert len(calls(fake, PUT)) == 1


async def test_what_is_refused_is_tried_again_much_later(
    fake: FakeDiscord, bot: Bot, sync: Sync, pauses: Pauses
) -> None:
    """Two hundred new ones a day are taken, and no more."""
    fake.app.created_commands[""] = [fake.clock.now()] * 200
    fake.book.expect("", "30034")
    sync.start(bot)
    assert await pauses.asked.get() == 3600.0
    assert "takes no more new commands today" in sync.troubles[0]


async def test_the_database_may_be_away(bot: Bot, store: Store, sync: Sync, pauses: Pauses) -> None:
    """Nothing is sent then."""
    await store.close()
    sync.start(bot)
    await pauses.asked.get()
    assert "the database is away" in sync.troubles[0]


def test_what_was_filled_in_is_a_line() -> None:
    """In the order that the command has its options, whatever order they come in."""
    given = [{"name": "model", "value": " demo/quick\n"}, {"name": "reply", "value": 12}]
    assert line_of({"name": "retry", "options": given}) == "/retry 12 demo/quick"
    assert line_of({"name": "new"}) == "/new"
    assert line_of({"name": "unheard-of", "options": given}) == "/unheard-of"
