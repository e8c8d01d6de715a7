"""The fake Slack and the real clients that prove it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack.clock import ManualClock
from tests.fakes.slack.server import FakeSlack


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
