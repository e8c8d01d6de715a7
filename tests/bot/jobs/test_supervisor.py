"""A part that fails starts again, and its health says so meanwhile."""

import asyncio

import pytest

from bot.jobs.supervisor import Health, supervise
from storage.errors import StorageDown


async def test_a_part_that_fails_starts_again() -> None:
    """The error does not reach its neighbours; the next start is well."""
    health, starts, statuses = Health(), 0, list[str]()

    async def part() -> None:
        nonlocal starts
        starts += 1
        statuses.append(health.parts()["part"])
        if starts == 1:
            raise StorageDown("away")

    await supervise("part", part, health)
    assert starts == 2
    assert statuses == ["ok", "ok"]


async def test_its_health_tells_what_is_wrong() -> None:
    """An error with a sentence for people is shown as that sentence, another by its name."""
    for error, words in ((StorageDown("away"), "database cannot be reached"), (KeyError("x"), "KeyError")):
        health = Health()
        failed = asyncio.Event()

        async def part(error: Exception = error, failed: asyncio.Event = failed) -> None:
            failed.set()
            raise error

        task = asyncio.create_task(supervise("part", part, health))
        await failed.wait()
        await asyncio.sleep(0)
        assert words in health.parts()["part"]
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
