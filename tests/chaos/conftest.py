"""The real program and the fake provider, each in a process of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chaos.program import Program
from tests.chaos.provider import Provider, running


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    """The fake provider, at a speed at which an answer takes some edits."""
    async with running(tmp_path, speed=150) as provider:
        yield provider


@pytest.fixture
async def program(tmp_path: Path, provider: Provider) -> AsyncIterator[Program]:
    """The program, not started yet; killed afterwards whatever happened."""
    program = Program(tmp_path, provider.url)
    yield program
    await program.kill()
