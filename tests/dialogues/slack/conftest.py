"""The houses that the dialogues in Slack are held in, by Socket Mode and by signed HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.slack_house import HTTP, SOCKETS, SlackHouse, open_slack_house


@pytest.fixture(params=[SOCKETS, HTTP])
def transport(request: pytest.FixtureRequest) -> str:
    """How Slack reaches the app."""
    return str(request.param)


@pytest.fixture
async def house(database_url: str, tmp_path: Path, transport: str) -> AsyncIterator[SlackHouse]:
    """A house whose app is a plain one; afterwards nothing may be lost, doubled, left growing, refused or unbilled."""
    async with open_slack_house(database_url, tmp_path, transport) as house:
        yield house


@pytest.fixture
async def agency(database_url: str, tmp_path: Path, transport: str) -> AsyncIterator[SlackHouse]:
    """The same with an app that has the agent view, so that replies in its DMs are native streams."""
    async with open_slack_house(database_url, tmp_path, transport, agent=True) as house:
        yield house


@pytest.fixture(params=["edits", "streams"])
async def either(
    database_url: str, tmp_path: Path, transport: str, request: pytest.FixtureRequest
) -> AsyncIterator[SlackHouse]:
    """Both kinds of house: replies in channels that grow by edits, and in an agent's DMs by native streams."""
    async with open_slack_house(database_url, tmp_path, transport, agent=request.param == "streams") as house:
        yield house
