"""An open store on the database that the run is for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.store import Store


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A fresh store, and the seeded budget and limit are all that is in it."""
    opened = await Store.open(database_url, tmp_path / "data")
    try:
        yield opened
    finally:
        await opened.close()
