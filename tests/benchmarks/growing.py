"""What the scenes of a real surface on a fake platform have in common: when which answers begin, and their row."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any, Self

from bot.core.place import Place
from tests.fakes.measure import Seen, Stream, lengths, quantile, words
from tests.fakes.orders import Fault, Order
from tests.fakes.refused import Refused

TIDYING = 120.0  # seconds after the last answer for what is still to be tidied
SEEDS = range(1, 4)

Start = tuple[float, list[str]]  # when it is asked, and what the model will say


@dataclass
class Played:
    """What people saw of the answers of one scene, and what the platform refused."""

    seen: list[Seen] = field(default_factory=list)
    refused: int = 0

    def __iadd__(self, other: Played) -> Self:
        self.seen += other.seen
        self.refused += other.refused
        return self


def starts(count: int, every: float, seed: int) -> list[Start]:
    """So many answers of varied length."""
    return [(every * n, words(size, n)) for n, size in enumerate(lengths(count, seed))]


def rounds(count: int, run: Callable[[Sequence[Start]], Played]) -> Played:
    """Several runs with other lengths, each within one second."""
    played = Played()
    for seed in SEEDS:
        played += run(starts(count, 1 / count, seed))
    return played


async def play(
    begun: Sequence[Start],
    places: Iterator[Place],
    answer: Callable[[Stream], Awaitable[None]],
    *,
    in_turn: bool = False,
) -> list[Stream]:
    """Let each answer begin at its moment, or when the one before it has ended; return when all has been tidied."""
    streams = [
        Stream(place, said)
        for place, (_, said) in zip(itertools.islice(places, len(begun)), begun, strict=True)
    ]

    async def at(moment: float, stream: Stream) -> None:
        await asyncio.sleep(moment)
        await answer(stream)

    if in_turn:
        for stream in streams:
            await answer(stream)
    else:
        async with asyncio.TaskGroup() as group:
            for (moment, _), stream in zip(begun, streams, strict=True):
                group.create_task(at(moment, stream))
    await asyncio.sleep(TIDYING)
    return streams


async def storm(
    order: Callable[..., Order], withdraw: Callable[[Order], None], calls: Sequence[str], **more: Any
) -> None:
    """From 2 s to 5 s every one of these calls is refused, to be tried again in 30 s."""
    await asyncio.sleep(2.0)
    orders = [order(Fault.BUSY, call, times=1_000, wait=30.0, **more) for call in calls]
    await asyncio.sleep(3.0)
    for one in orders:
        withdraw(one)


def refused(unexpected: Sequence[Refused], limited: str) -> int:
    """429s that no storm ordered. Any other refusal is a mistake of ours, and no figure says so."""
    others = [one for one in unexpected if one.error != limited]
    assert not others, others
    return len(unexpected)


def figures(played: Played) -> tuple[str, ...]:
    """Replies, first, lag, last, 429s of a reply and how many are exact, as the columns of a row."""
    seen = played.seen
    last = [one.last for one in seen]
    return (
        str(len(seen)),
        f"{median(one.first for one in seen):.2f}",
        f"{mean(one.lag for one in seen):.2f} / {mean(one.lag_p95 for one in seen):.2f}",
        f"{median(last):.2f} / {quantile(last, 0.95):.2f}",
        f"{played.refused / len(seen):.2f}",
        f"{sum(one.complete for one in seen)}",
    )
