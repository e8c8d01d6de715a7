"""The fake Discord with a surface of ours connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.adapters.discord import bots as connected
from bot.adapters.discord.bots import Bot, Bots, Session
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.adapters.discord.settings import DiscordSettings
from tests.bot.adapters.discord.seeing import settings_of
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.times import ManualClock

pytest.register_assert_rewrite("tests.bot.adapters.discord.playing")


@pytest.fixture
def clock() -> ManualClock:
    """Discord's time, which a test moves."""
    return ManualClock()


@pytest_asyncio.fixture
async def fake(clock: ManualClock) -> AsyncIterator[FakeDiscord]:
    """A server with one bot. After the test, every refusal was declared, and nobody was called."""
    async with FakeDiscord(clock=clock) as server:
        yield server
        assert server.unexpected() == []
        assert server.pings() == []


@pytest.fixture
def settings(fake: FakeDiscord) -> DiscordSettings:
    """The edge's settings, with the fake in Discord's place."""
    return settings_of(fake)


@pytest_asyncio.fixture
async def session() -> AsyncIterator[Session]:
    """The edge's session."""
    async with connected.session() as session:
        yield session


@pytest_asyncio.fixture
async def bots(settings: DiscordSettings, session: Session) -> Bots:
    """All bots: one, as Discord describes it."""
    found = Bots()
    assert await connected.connect(settings, session, found) == ()
    return found


@pytest.fixture
def bot(bots: Bots) -> Bot:
    """The one bot."""
    (bot,) = bots
    return bot


@pytest_asyncio.fixture
async def surface(bots: Bots, settings: DiscordSettings, clock: ManualClock) -> AsyncIterator[DiscordSurface]:
    """The surface, on Discord's clock."""
    made = DiscordSurface(bots, settings, clock.now)
    yield made
    await made.close()
