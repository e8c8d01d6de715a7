"""The clock: it sweeps again and again, one that hangs holds up no other, and one that fails comes back."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

import pytest

from bot.jobs.clock import Sweeps
from storage.errors import StorageDown


async def test_sweeps_do_not_overlap(caplog: pytest.LogCaptureFixture) -> None:
    """A sweep under way is not begun once more; what fails is in the log, and there again."""
    begun, enough = Counter[str](), asyncio.Event()

    async def hangs() -> None:
        begun["hangs"] += 1
        await asyncio.get_running_loop().create_future()

    async def fails() -> None:
        begun["fails"] += 1
        if begun["fails"] >= 3:
            enough.set()
        raise StorageDown("away") if begun["fails"] == 1 else RuntimeError("broken")

    run = asyncio.create_task(Sweeps({"hangs": hangs, "fails": fails}, every=0.05).run())
    async with asyncio.timeout(20):
        await enough.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert begun["hangs"] == 1
    assert "fails wait: away" in caplog.text
    assert "fails failed" in caplog.text


async def test_a_stop_during_a_sweep_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    """What is broken off at the end leaves no trace in the log."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    clock = asyncio.create_task(Sweeps({"endless": endless}).run())
    async with asyncio.timeout(30):
        await begun.wait()
        clock.cancel()
        await ended.wait()
        await asyncio.wait({clock})
    for _ in range(3):
        await asyncio.sleep(0)  # what the scheduler says, it says a turn later
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
