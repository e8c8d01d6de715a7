"""The houses that the dialogues in Discord are held in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.adapters.discord.settings import Answers
from tests.fakes.discord_house import DiscordHouse, open_discord_house


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[DiscordHouse]:
    """A house that answers in threads; afterwards nothing may be lost, doubled, left growing, refused or unbilled."""
    async with open_discord_house(database_url, tmp_path) as house:
        yield house


@pytest.fixture
async def chains(database_url: str, tmp_path: Path) -> AsyncIterator[DiscordHouse]:
    """The same, answering in channels by replies."""
    async with open_discord_house(database_url, tmp_path, answers=Answers.REPLY) as house:
        yield house
