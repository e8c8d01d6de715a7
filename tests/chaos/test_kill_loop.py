"""A short kill loop in every run; `make chaos` runs the long one."""

from pathlib import Path

import pytest

from tests.chaos.kill import loop

pytestmark = pytest.mark.chaos


async def test_five_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """People talk, the program is killed five times, and in the end every message has its one answer and entry."""
    verdict, talk = await loop(tmp_path, 5, "", seed=5)
    assert talk.said
    assert verdict.problems() == []
