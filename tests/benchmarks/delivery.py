"""The growing reply: what people see on a virtual clock, and what it costs on a real one.

The scenes are those of shared/measures.md, section A. The load runs in a process of its own, on an in-memory
surface with tokens fed in real time, so that its memory is its own.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from bot.conversation.delivery.delivery import Delivery
from bot.conversation.reply import Reply
from bot.core.message import Promised
from bot.core.place import Place
from bot.core.surface import Limits, Posted, Rate, Spend, Verb
from bot.core.view import View
from tests.fakes import scenes
from tests.fakes.measure import Row, Stream, quantile, seen, summary, words
from tests.fakes.platform import Discord, Fault, Kind, Platform, Slack

HEAD = (
    "scene",
    "replies",
    "first s",
    "lag s mean/p95",
    "of bound",
    "last s median/p95",
    "429",
    "complete",
    "goal",
)

_SPACING = {"discord": 1.0, "slack": 1.2}  # seconds between two updates of one reply that the limits allow
_DISCORD_GOAL = "first 0.06-0.10, lag 1.25x, last 0.05/0.15"


@dataclass(frozen=True)
class Cost:
    """What a load took."""

    tokens: int
    calls: int
    wall: float
    cpu: float
    rss: float
    grown: float  # MB between the first and the last round


def measure() -> Iterator[tuple[str, ...]]:
    """One row per scene, in the columns of HEAD."""
    for count in (1, 10, 50):
        yield _rounds(f"Discord, {count} at once", Discord, count, _DISCORD_GOAL)
    yield _rounds("Discord, 4 in one channel", Discord, 4, "", channel="C1")
    yield _scene("Discord, one every 2 s, 10 min", Discord(), scenes.sustained, "as above")
    yield _scene("Discord, the same in one channel", Discord(), lambda p: scenes.sustained(p, "C1"), "")
    goals = {1: "0.20, 0.30, 0.12/0.2", 10: "0.5, 0.65, 0.3/1.0", 50: "1.5, -, 1/5"}
    for count, goal in goals.items():
        yield _rounds(f"Slack, {count} at once", Slack, count, goal)
    yield _scene("Slack, one after the other", Slack(), scenes.in_turn, "lag 1.2x")
    yield _scene("Slack, one every 2 s, 10 min", Slack(), scenes.sustained, "")
    yield _rounds("Slack, 80 at once", Slack, 80, "50 edits only: the rest by post")
    yield _scene("Discord, 10, 429s for 30 s", *_storm(Discord()), "complete")
    yield _scene("Slack, 10, 429s for 30 s", *_storm(Slack()), "complete")
    yield _scene("Discord, long, over pages", Discord(), lambda p: [scenes.one(p, words(1900))], "complete")
    yield _scene("Slack, long, over pages", Slack(), lambda p: [scenes.one(p, words(8000))], "complete")


def costs() -> Iterator[tuple[str, ...]]:
    """CPU and memory in real time: the load's name, tokens per second, cores, seconds per 1,000 tokens, MB."""
    for name, replies, per_second in (("50 replies", 50, 80), ("200 replies", 200, 50)):
        cost = _load(replies, per_second, rounds=2)
        bare = _load(replies, per_second, rounds=1, bare=True)
        yield (
            name,
            f"{cost.tokens / cost.wall:,.0f}",
            f"{cost.calls / cost.wall:,.0f}",
            f"{cost.cpu / cost.wall:.2f}",
            f"{1000 * cost.cpu / cost.tokens:.3f}",
            f"{1000 * (cost.cpu / cost.tokens - bare.cpu / bare.tokens):.3f}",
            f"{cost.rss:.0f}",
            f"{cost.grown:+.1f}",
        )


COSTS_HEAD = ("load", "tokens/s", "calls/s", "cores", "s/1,000", "of it ours", "rss MB", "per round")


def rows() -> list[tuple[str, ...]]:
    """Everything, for `make bench`: the scenes, then the costs in the same columns."""
    costed = [
        (
            f"{name}, real time",
            f"{tokens} t/s",
            f"{calls} calls/s",
            f"{cores} cores",
            f"{each} s/1,000 t",
            f"{ours} ours",
            "",
            f"{rss} MB, {grown} a round",
            "0.12 s/1,000 t, 1.2 cores, flat",
        )
        for name, tokens, calls, cores, each, ours, rss, grown in costs()
    ]
    return [*measure(), *costed]


def _rounds(
    name: str, make: Callable[[], Platform], count: int, goal: str, channel: str = ""
) -> tuple[str, ...]:
    """Several runs with other lengths, as one row."""
    runs = [
        (platform, scenes.together(platform, count, seed, channel))
        for seed in range(1, 6)
        for platform in [make()]
    ]
    return _row(name, [(platform, stream) for platform, streams in runs for stream in streams], goal)


def _scene(
    name: str, platform: Platform, play: Callable[[Platform], Sequence[Stream]], goal: str
) -> tuple[str, ...]:
    return _row(name, [(platform, stream) for stream in play(platform)], goal)


def _storm(platform: Platform) -> tuple[Platform, Callable[[Platform], Sequence[Stream]]]:
    platform.faults = [Fault(Kind.BUSY, times=99, after=12, until=3.0)]
    return platform, lambda platform: scenes.together(platform, 10)


def _row(name: str, played: Sequence[tuple[Platform, Stream]], goal: str) -> tuple[str, ...]:
    all_seen = [seen(stream, platform) for platform, stream in played]
    platforms = {id(platform): platform for platform, _ in played}
    bound = summary([played[0][1]], played[0][0], _SPACING[played[0][0].platform]).bound
    lag = sum(one.lag for one in all_seen) / len(all_seen)
    refused = sum(platform.refused for platform in platforms.values())
    last = [one.last for one in all_seen]
    return (
        name,
        str(len(played)),
        f"{median(one.first for one in all_seen):.2f}",
        f"{lag:.2f} / {sum(one.lag_p95 for one in all_seen) / len(all_seen):.2f}",
        f"{lag / bound:.2f}x",
        f"{median(last):.3f} / {quantile(last, 0.95):.3f}",
        str(refused),
        f"{sum(one.complete for one in all_seen)}",
        goal,
    )


class Memory:
    """A surface that only remembers."""

    platform = "memory"
    limits = Limits(page_chars=12_000, page_bytes=48_000, round_trip=0.005)

    def __init__(self) -> None:
        self.calls = 0
        self.shown: dict[str, View] = {}

    def spends(self, verb: Verb, place: Place) -> Sequence[Spend]:
        return (Spend(f"{verb}:{place.channel}", Rate(5, 1.0)),)

    async def post(self, place: Place, view: View, key: str) -> Posted:
        return await self.edit(place, key, view)

    async def edit(self, place: Place, message_id: str, view: View) -> Posted:
        self.calls += 1
        self.shown[message_id] = view
        return Posted(message_id)

    async def find(self, place: Place, keys: Collection[str]) -> Mapping[str, str]:
        return {key: key for key in keys if key in self.shown}

    async def fetch(self, place: Place, file: Promised) -> bytes:
        raise NotImplementedError

    async def beginning(self, place: Place, key: str) -> Place:
        raise NotImplementedError

    async def begun(self, beginning: Place, message_id: str) -> Place:
        raise NotImplementedError

    def link(self, place: Place, message_id: str = "") -> str:
        raise NotImplementedError

    async def status(self, place: Place, text: str) -> None:
        pass


def _load(replies: int, per_second: int, *, rounds: int, bare: bool = False) -> Cost:
    """Play it in a fresh process."""
    order = json.dumps({"replies": replies, "per_second": per_second, "rounds": rounds, "bare": bare})
    command = [sys.executable, "-m", "tests.benchmarks.delivery", order]
    return Cost(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


async def _play(replies: int, per_second: int, rounds: int, bare: bool) -> Cost:
    surface, delivery = Memory(), Delivery()
    running = asyncio.create_task(delivery.run())
    tokens = words(per_second * 5)
    rss, cpu, wall = [], time.process_time(), time.monotonic()
    for part in range(rounds):
        async with asyncio.TaskGroup() as group:
            for number in range(replies):
                place = Place("memory", "m", f"c{part}x{number}")
                feeding = _feed(surface, delivery, place, tokens, per_second, bare=bare)
                group.create_task(feeding)
        rss.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        surface.shown.clear()
    running.cancel()
    spent = time.process_time() - cpu
    return Cost(
        rounds * replies * len(tokens),
        surface.calls,
        time.monotonic() - wall,
        spent,
        rss[-1],
        rss[-1] - rss[0],
    )


async def _feed(
    surface: Memory, delivery: Delivery, place: Place, tokens: Sequence[str], per_second: int, *, bare: bool
) -> None:
    loop, row = asyncio.get_running_loop(), Row()
    keys = iter(f"{place.channel}k{number}" for number in range(100))
    reply = Reply(row.journal(), delivery, surface, place, new_key=lambda: next(keys))
    dropped: list[str] = []
    feed: Callable[[str], object] = dropped.append if bare else reply.feed
    begun, fed = loop.time(), 0
    while fed < len(tokens):
        await asyncio.sleep(max(0.0, begun + fed / per_second - loop.time()))
        # A loaded machine wakes late; what has come meanwhile is fed at once, as a provider would.
        due = min(len(tokens), int((loop.time() - begun) * per_second) + 1)
        for token in tokens[fed:due]:
            feed(token)
        fed = max(fed, due)
    if not bare:
        await reply.finish()
        assert row.text == "".join(tokens)


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_play(**json.loads(sys.argv[1]))))))
