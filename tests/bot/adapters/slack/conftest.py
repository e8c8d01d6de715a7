"""The fake Slack with a surface of ours connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from bot.adapters.slack import workspaces as connected
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import App, SlackSettings
from bot.adapters.slack.workspaces import Workspace, Workspaces
from bot.conversation.delivery.delivery import whole
from tests.fakes.slack.server import FakeSlack
from tests.fakes.times import ManualClock

pytest.register_assert_rewrite("tests.bot.adapters.slack.playing")


@pytest.fixture
def clock() -> ManualClock:
    """Slack's time, which a test moves."""
    return ManualClock()


@pytest_asyncio.fixture
async def slack(clock: ManualClock) -> AsyncIterator[FakeSlack]:
    """A workspace whose app is an agent and wants no events. After the test, every refusal was declared."""
    async with FakeSlack(clock=clock, agent=True, events=()) as server:
        for channel in (server.general, server.private):
            channel.members.add(server.bot.bot.id)
        yield server
        assert server.unexpected() == []


@pytest.fixture
def settings(slack: FakeSlack) -> SlackSettings:
    """The edge's settings, with the fake in Slack's place."""
    app = App((slack.bot.token,), slack.app.app_token, slack.app.signing_secret)
    return SlackSettings((app,), api_url=slack.api_url)


@pytest_asyncio.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """The edge's session."""
    async with connected.session() as session:
        yield session


@pytest.fixture
def workspace(slack: FakeSlack, settings: SlackSettings, session: aiohttp.ClientSession) -> Workspace:
    """The workspace as we know it."""
    return workspace_of(slack, settings, session)


@pytest.fixture
def workspaces(workspace: Workspace) -> Workspaces:
    """All workspaces: one."""
    found = Workspaces()
    found.add(workspace)
    found.known = True
    return found


@pytest_asyncio.fixture
async def surface(
    workspaces: Workspaces, settings: SlackSettings, clock: ManualClock
) -> AsyncIterator[SlackSurface]:
    """The surface, on Slack's clock."""
    made = SlackSurface(workspaces, settings, whole, clock.now)
    yield made
    await made.close()


def workspace_of(slack: FakeSlack, settings: SlackSettings, session: aiohttp.ClientSession) -> Workspace:
    """The first workspace of a fake Slack, as ``auth.test`` describes it."""
    return Workspace(
        team=slack.team.id,
        name=slack.team.name,
        url=slack.world.url,
        bot_user=slack.bot.bot.id,
        bot=slack.bot.bot.bot_id,
        app=slack.app.id,
        scopes=slack.bot.scopes,
        agent=slack.app.agent,
        client=connected.client(session, settings, slack.bot.token),
    )
