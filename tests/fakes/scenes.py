"""Many answers at once on one simulated platform, in virtual time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from bot.conversation.delivery.delivery import Delivery
from bot.core.place import Place
from tests.fakes import clock
from tests.fakes.measure import Stream, lengths, words
from tests.fakes.platform import Platform


def place(platform: Platform, number: int, channel: str = "") -> Place:
    """A thread in a channel of its own, or in the channel named. Discord's threads are channels themselves."""
    thread = f"t{number}" if platform.platform == "slack" else ""
    return Place(platform.platform, "T1", channel or f"C{number}", thread)


@asynccontextmanager
async def running(delivery: Delivery | None = None) -> AsyncIterator[Delivery]:
    """A delivery at work, with pauses that are the same in every run."""
    delivery = delivery or Delivery(jitter=random.Random(1).random)
    task = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        task.cancel()
        await asyncio.wait([task])


async def play(
    platform: Platform, starts: Iterable[tuple[float, Stream]], after: float = 120.0, per_second: float = 80.0
) -> None:
    """Let each stream begin at its moment; then let `after` seconds pass for what is still to be tidied."""
    async with running() as delivery:

        async def begin(moment: float, stream: Stream) -> None:
            await asyncio.sleep(moment)
            await stream.play(delivery, platform, per_second)

        async with asyncio.TaskGroup() as group:
            for moment, stream in starts:
                group.create_task(begin(moment, stream))
        await asyncio.sleep(after)


def together(platform: Platform, count: int, seed: int = 1, channel: str = "") -> list[Stream]:
    """So many answers of varied length, all begun within one second."""
    streams = _streams(platform, count, seed, channel)
    clock.run(play(platform, [(number / count, stream) for number, stream in enumerate(streams)]))
    return streams


def sustained(platform: Platform, channel: str = "", minutes: int = 10) -> list[Stream]:
    """A new answer every two seconds for so many minutes."""
    streams = _streams(platform, 30 * minutes, 5, channel)
    clock.run(play(platform, [(2.0 * number, stream) for number, stream in enumerate(streams)]))
    return streams


def in_turn(platform: Platform, count: int = 110) -> list[Stream]:
    """One answer after the other in one workspace."""
    streams = _streams(platform, count, 7, "")

    async def main() -> None:
        async with running() as delivery:
            for stream in streams:
                await stream.play(delivery, platform)

    clock.run(main())
    return streams


def _streams(platform: Platform, count: int, seed: int, channel: str) -> list[Stream]:
    sizes = lengths(count, seed)
    return [Stream(place(platform, n, channel), words(size, n)) for n, size in enumerate(sizes)]


def one(platform: Platform, tokens: list[str], per_second: float = 80.0, after: float = 120.0) -> Stream:
    """One answer."""
    stream = Stream(place(platform, 0), tokens)
    clock.run(play(platform, [(0.0, stream)], after, per_second))
    return stream
