"""Waits that can be broken off, and waits that cannot."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from bot.calls.waiting import Stopper, unbroken


class Source:
    """A stream that gives numbers when told to, and notes how it ended."""

    def __init__(self) -> None:
        self.ended = ""
        self.waiting = asyncio.Event()
        self.more: asyncio.Queue[int] = asyncio.Queue()

    async def stream(self) -> AsyncGenerator[int]:
        try:
            while True:
                self.waiting.set()
                yield await self.more.get()
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise
        except GeneratorExit:
            self.ended = "closed"
            raise


async def test_a_stop_ends_the_wait_of_another_task_and_leaves_that_task_alive() -> None:
    """The reader gets None, its stream is closed, and it is not cancelled."""
    source, stopper = Source(), Stopper()

    async def read() -> tuple[int | None, int]:
        event = await stopper.next(source.stream())
        await asyncio.sleep(0)
        task = asyncio.current_task()
        assert task is not None
        return event, task.cancelling()

    reader = asyncio.create_task(read())
    await source.waiting.wait()
    stopper.stop()
    stopper.stop()
    assert await reader == (None, 0)
    assert source.ended == "cancelled"


async def test_once_stopped_nothing_is_read_any_more() -> None:
    """A stop between two events holds for the next one."""
    source, stopper = Source(), Stopper()
    stream = source.stream()
    source.more.put_nowait(1)
    assert await stopper.next(stream) == 1
    stopper.stop()
    source.more.put_nowait(2)
    assert await stopper.next(stream) is None
    await stream.aclose()


async def test_a_stop_in_the_moment_of_an_event_leaves_the_reader_alive() -> None:
    """The event or None: either way the reader goes on uncancelled."""
    source, stopper = Source(), Stopper()
    reader = asyncio.create_task(stopper.next(source.stream()))
    await source.waiting.wait()
    source.more.put_nowait(1)
    stopper.stop()
    assert await reader in (1, None)
    assert not reader.cancelled()


@pytest.mark.parametrize("first", ["stop", "cancel"])
async def test_a_cancellation_from_elsewhere_wins_over_a_stop(first: str) -> None:
    """Whoever is cancelled for good stays cancelled, whichever came first."""
    source, stopper = Source(), Stopper()
    reader = asyncio.create_task(stopper.next(source.stream()))
    await source.waiting.wait()
    if first == "stop":
        stopper.stop()
        reader.cancel()
    else:
        reader.cancel()
        stopper.stop()
    with pytest.raises(asyncio.CancelledError):
        await reader


async def test_a_stream_that_ends_gives_none() -> None:
    """The end is an answer, not an exception."""

    async def nothing() -> AsyncGenerator[int]:
        for number in range(0):
            yield number

    assert await Stopper().next(nothing()) is None


async def test_work_that_must_not_be_broken_is_finished_before_the_cancellation_shows() -> None:
    """Cancelled twice while it writes, it writes to the end."""
    may, done = asyncio.Event(), []

    async def write() -> None:
        await may.wait()
        done.append("written")

    writer = asyncio.create_task(unbroken(write()))
    for _ in range(3):
        await asyncio.sleep(0)
        writer.cancel()
    may.set()
    with pytest.raises(asyncio.CancelledError):
        await writer
    assert done == ["written"]


async def test_work_that_fails_while_its_waiter_is_cancelled_stays_silent() -> None:
    """The cancellation is what is raised; nothing is reported as lost."""
    may = asyncio.Event()

    async def fail() -> None:
        await may.wait()
        raise OSError("disk full")

    writer = asyncio.create_task(unbroken(fail()))
    await asyncio.sleep(0)
    writer.cancel()
    await asyncio.sleep(0)
    may.set()
    with pytest.raises(asyncio.CancelledError):
        await writer


async def test_work_that_is_cancelled_itself_ends_its_waiter() -> None:
    """A cancellation from inside comes out as one."""

    async def give_up() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await unbroken(give_up())


async def test_work_that_must_not_be_broken_returns_and_raises_as_always() -> None:
    """Undisturbed it is a plain await."""

    async def give() -> int:
        return 1

    async def fail() -> None:
        raise OSError("disk full")

    assert await unbroken(give()) == 1
    with pytest.raises(OSError, match="disk full"):
        await unbroken(fail())
