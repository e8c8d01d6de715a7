"""The fake platforms and the real clients that prove them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.discord.clients import Bare, Listener, listening
from tests.fakes.discord.pointing import pointed_at
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.slack.server import FakeSlack
from tests.fakes.times import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    """Time that a test moves."""
    return ManualClock()


@pytest_asyncio.fixture
async def slack(clock: ManualClock) -> AsyncIterator[FakeSlack]:
    """A workspace with an app that wants no events. After the test, every refusal was declared."""
    async with FakeSlack(clock=clock, agent=True, events=()) as server:
        yield server
        assert server.unexpected() == []


@pytest_asyncio.fixture
async def client(slack: FakeSlack) -> AsyncIterator[AsyncWebClient]:
    """The real client with the bot's token. It tries nothing a second time."""
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(
            token=slack.bot.token, base_url=slack.api_url, session=session, retry_handlers=[]
        )


@pytest_asyncio.fixture
async def fake(clock: ManualClock) -> AsyncIterator[FakeDiscord]:
    """A Discord server with our bot in it, where discord.py finds it. After the test, every refusal was declared."""
    async with FakeDiscord(clock=clock) as server:
        with pointed_at(server):
            yield server
        assert server.unexpected() == []


@pytest_asyncio.fixture
async def bare(fake: FakeDiscord) -> AsyncIterator[Bare]:
    """Calls without a library, with the bot's token."""
    async with aiohttp.ClientSession() as session:
        yield Bare(fake, session)


@pytest_asyncio.fixture
async def bot(fake: FakeDiscord) -> AsyncIterator[Listener]:
    """The real discord.py, connected, ready."""
    client = Listener()
    async with listening(fake, client):
        yield client
