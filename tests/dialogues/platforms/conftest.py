"""The houses of every platform, for what is the same on all of them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.fakes.discord_house import open_discord_house
from tests.fakes.platform_house import PlatformHouse
from tests.fakes.slack_house import HTTP, SOCKETS, open_slack_house

Open = Callable[[str, Path], AbstractAsyncContextManager[PlatformHouse]]

_PLAIN: dict[str, Open] = {
    "slack-sockets": partial(open_slack_house, transport=SOCKETS),
    "slack-http": partial(open_slack_house, transport=HTTP),
    "discord": open_discord_house,
}
_ALL: dict[str, Open] = {
    **_PLAIN,
    "agent-sockets": partial(open_slack_house, transport=SOCKETS, agent=True),
    "agent-http": partial(open_slack_house, transport=HTTP, agent=True),
}


@pytest.fixture(params=list(_PLAIN))
async def house(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[PlatformHouse]:
    """A house whose replies grow by edits; afterwards nothing is lost, doubled, growing, refused or unbilled."""
    async with _PLAIN[str(request.param)](database_url, tmp_path) as house:
        yield house


@pytest.fixture(params=list(_ALL))
async def either(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[PlatformHouse]:
    """The same, and houses whose replies are native streams too: those answer in direct messages (``ask``)."""
    async with _ALL[str(request.param)](database_url, tmp_path) as house:
        yield house
