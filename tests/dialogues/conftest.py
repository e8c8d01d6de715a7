"""The house that every dialogue is held in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.house import House, open_house


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A house of its own; afterwards nothing may be lost, doubled, left growing or not billed."""
    async with open_house(database_url, tmp_path) as house:
        yield house
