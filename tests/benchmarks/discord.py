"""The growing reply in Discord: the real surface over the fake Discord, in virtual time.

The scenes are those of shared/measures.md, section A, with its limits. What people see is read from the fake's
own record of its messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import mean

from bot.adapters.discord import bots as connected
from bot.adapters.discord.bots import Bots
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.adapters.discord.settings import Answers, DiscordSettings
from bot.core.place import Place
from bot.core.view import View
from tests.benchmarks.growing import Played, Start, figures, play, refused, rounds, starts, storm
from tests.fakes import loopback
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.measure import FOOTER, Seen, Stream, ink, seen_in, words
from tests.fakes.platform import Message as Shown
from tests.fakes.scenes import running

HEAD = (
    "scene",
    "replies",
    "first s",
    "lag s mean/p95",
    "last s median/p95",
    "429 a reply",
    "exact",
    "of bound",
    "goal",
)
ROUND_TRIP = 0.05
_ASKED = "What is a monad?"
_BOUND = 0.5 + ROUND_TRIP / 2  # on lag, with an update a second


@dataclass(frozen=True)
class Stage:
    """Where a scene is played.

    Each answer has a thread of its own, which with ``fresh`` is yet to be opened; with ``dm`` direct messages of
    its own, with ``together`` they share a thread, with ``replies`` a channel. ``storm`` are calls that Discord
    refuses for a while; ``everything``: as over the limit of all calls.
    """

    fresh: bool = False
    dm: bool = False
    together: bool = False
    replies: bool = False
    storm: tuple[str, ...] = ()
    everything: bool = False


def rows() -> Iterator[tuple[str, ...]]:
    """One row per scene, in the columns of HEAD."""
    goals = {1: "0.06, 1.25x, 0.05/0.15", 10: "0.06, 1.25x, 0.05/0.15", 50: "0.10, 1.25x, 0.05/0.15"}
    for count, goal in goals.items():
        yield _row(f"threads, {count} at once", rounds(count, partial(_run, Stage())), goal)
    for count, goal in goals.items():
        same = [(n / count, words(400, n)) for n in range(count)]
        yield _row(f"threads, {count} at once, 400 tokens each", _run(Stage(), same), goal)
    for count in goals:
        fresh = partial(_run, Stage(fresh=True))
        yield _row(f"new threads, {count} at once", rounds(count, fresh), "")
    yield _row("DMs, 50 at once", rounds(50, partial(_run, Stage(dm=True))), goals[50])
    yield _row("new threads, one every 2 s, 10 min", _run(Stage(fresh=True), starts(300, 2.0, 5)), goals[10])
    yield _row("one channel, one every 2 s, 10 min", _run(Stage(replies=True), starts(300, 2.0, 5)), "")
    yield _row("4 in one thread", rounds(4, partial(_run, Stage(together=True))), "")
    yield _row("thread, over three pages", _run(Stage(), [(0.0, words(1_900))]), "complete")
    calls = ("create_message", "edit_message")
    yield _row(
        "threads, 10, 429s for 30 s", _run(Stage(fresh=True, storm=calls), starts(10, 0.1, 1)), "complete"
    )
    every = Stage(fresh=True, storm=("edit_message",), everything=True)
    yield _row("threads, 10, 429s of all calls for 30 s", _run(every, starts(10, 0.1, 1)), "complete")


def _run(stage: Stage, begun: Sequence[Start]) -> Played:
    return loopback.run(_play(stage, begun))


async def _play(stage: Stage, begun: Sequence[Start]) -> Played:
    async with (
        FakeDiscord(clock=loopback.LoopClock()) as fake,
        connected.session() as session,
        running() as delivery,
    ):
        settings = DiscordSettings(
            (fake.app.token,),
            api_url=f"{fake.world.url}/api/v10",
            answers=Answers.REPLY if stage.replies else Answers.THREAD,
        )
        await connected.connect(settings, session, bots := Bots())
        (bot,) = bots
        fake.api.round_trip = ROUND_TRIP
        surface = DiscordSurface(bots, settings, asyncio.get_running_loop().time)
        orders = partial(fake.order, error="global") if stage.everything else fake.order
        storming = asyncio.create_task(storm(orders, fake.withdraw, stage.storm))

        async def answer(stream: Stream) -> None:
            place = stream.place
            at = place.channel if stage.fresh or stage.replies else place.thread or place.channel
            surface.note_asked(place, bot, at, place.thread, _ASKED)
            preparing = asyncio.create_task(surface.prepare(place))
            await surface.status(place, "is thinking…")
            await stream.play(delivery, surface)
            await preparing

        streams = await play(begun, _places(fake, stage), answer)
        await storming
        await surface.close()
        return Played([_seen(fake, one) for one in streams], refused(fake.unexpected(), "429"))


def _places(fake: FakeDiscord, stage: Stage) -> Iterator[Place]:
    """Where is answered: asked as the scene goes on, so that the messages are of their time."""
    shared = fake.open_thread("ada", "general", "many") if stage.together else None
    number = 0
    while True:
        number += 1
        if stage.dm:
            asked = fake.dm(fake.build.user(f"person{number}"), _ASKED)
            yield Place("discord", "@me", asked.channel.id)
        elif shared is not None:
            yield Place("discord", fake.guild.id, fake.general.id, shared.id)
        else:
            asked = fake.mention("ada", "general", _ASKED)
            if not (stage.fresh or stage.replies):
                fake.open_thread("ada", asked, "talk")
            yield Place("discord", fake.guild.id, fake.general.id, asked.id)


def _seen(fake: FakeDiscord, stream: Stream) -> Seen:
    place = stream.place
    channel = fake.world.channels.get(place.thread) or fake.world.channels[place.channel]
    ours = [one for one in fake.world.standing(channel) if one.author is fake.bot]
    footer = ink(f"-# {FOOTER}")
    shown = []
    for message in ours:
        if message.nonce not in stream.keys:
            continue
        growing = any(one["label"] == "Stop" for one in message.actions.values())
        history = [
            (moment - loopback.EPOCH, View(ink(text).removesuffix(footer), growing=growing))
            for moment, text in message.history
        ]
        shown.append(Shown(message.id, place, str(message.nonce), history))
    return seen_in(stream, shown)


def _row(name: str, played: Played, goal: str) -> tuple[str, ...]:
    of_bound = mean(one.lag for one in played.seen) / _BOUND
    return (name, *figures(played), f"{of_bound:.2f}x", goal)
