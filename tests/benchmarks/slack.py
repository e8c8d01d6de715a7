"""The growing reply in Slack: the real surface and client over the fake Slack, in virtual time.

The scenes are those of shared/measures.md, section A, with its limits. What people see is read from the fake's
own record of its messages.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import aiohttp

from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import App, SlackSettings
from bot.adapters.slack.workspaces import Workspace, Workspaces, client
from bot.conversation.delivery.delivery import whole
from bot.core.place import Place
from bot.core.view import View
from tests.benchmarks.growing import Played, Start, figures, play, refused, rounds, starts, storm
from tests.fakes import loopback
from tests.fakes.measure import FOOTER, Seen, Stream, ink, seen_in, words
from tests.fakes.platform import Message as Shown
from tests.fakes.scenes import running
from tests.fakes.slack.messages import Message
from tests.fakes.slack.server import FakeSlack

HEAD = (
    "scene",
    "replies",
    "first s",
    "lag s mean/p95",
    "last s median/p95",
    "429 a reply",
    "exact",
    "goal",
)
ROUND_TRIP = 0.1
_ASKED = "What is a monad?"


@dataclass(frozen=True)
class Stage:
    """Where a scene is played.

    Each answer has a channel of its own, with ``dm`` a DM with an agent, with ``together`` they share a thread. With
    ``in_turn`` each begins when the one before it has ended. ``storm`` are methods that Slack refuses for a while.
    """

    dm: bool = False
    together: bool = False
    in_turn: bool = False
    storm: tuple[str, ...] = ()


def rows() -> Iterator[tuple[str, ...]]:
    """One row per scene, in the columns of HEAD."""
    goals = {1: "0.20, 0.30, 0.12/0.2", 10: "0.5, 0.65, 0.3/1.0", 50: "1.5, -, 1/5"}
    for count, goal in goals.items():
        yield _row(f"channels, {count} at once", _rounds(count), goal)
    for count, goal in goals.items():
        yield _row(f"agent DMs, {count} at once", _rounds(count, Stage(dm=True)), goal)
    yield _row("channels, one after the other", _run(Stage(in_turn=True), starts(110, 0.0, 7)), "lag 0.78")
    yield _row("channels, one every 2 s, 10 min", _run(Stage(), starts(300, 2.0, 5)), "1.5, -, 1/5")
    yield _row("agent DMs, one every 2 s, 10 min", _run(Stage(dm=True), starts(300, 2.0, 5)), "1.5, -, 1/5")
    yield _row("4 in one thread", _rounds(4, Stage(together=True)), "")
    long = [(0.0, words(3_000))]
    yield _row("channel, over three pages", _run(Stage(), long), "complete")
    yield _row("agent DM, over three pages", _run(Stage(dm=True), long), "complete")
    for dm, methods in (
        (False, ("chat.update", "chat.postMessage")),
        (True, ("chat.appendStream", "chat.stopStream")),
    ):
        stage = Stage(dm=dm, storm=methods)
        where = "agent DMs" if dm else "channels"
        yield _row(f"{where}, 10, 429s for 30 s", _run(stage, starts(10, 0.1, 1)), "complete")


def _rounds(count: int, stage: Stage | None = None) -> Played:
    return rounds(count, partial(_run, stage or Stage()))


def _run(stage: Stage, begun: Sequence[Start]) -> Played:
    return loopback.run(_play(stage, begun))


async def _play(stage: Stage, begun: Sequence[Start]) -> Played:
    async with _slack(agent=stage.dm) as slack, _surface(slack) as surface, running() as delivery:
        storming = asyncio.create_task(storm(slack.order, slack.withdraw, stage.storm))

        async def answer(stream: Stream) -> None:
            surface.note_asker(stream.place, _asker(slack, stream.place))
            status = asyncio.create_task(surface.status(stream.place, "is thinking…"))
            await stream.play(delivery, surface)
            await status

        streams = await play(begun, _places(slack, stage), answer, in_turn=stage.in_turn)
        await storming
        return Played([_seen(slack, one) for one in streams], refused(slack.unexpected(), "ratelimited"))


@asynccontextmanager
async def _slack(*, agent: bool) -> AsyncIterator[FakeSlack]:
    async with FakeSlack(clock=loopback.LoopClock(), agent=agent, events=()) as slack:
        slack.api.round_trip = ROUND_TRIP
        yield slack


@asynccontextmanager
async def _surface(slack: FakeSlack) -> AsyncIterator[SlackSurface]:
    """The real surface, connected to the fake's only workspace."""
    settings = SlackSettings((App((slack.bot.token,)),), api_url=slack.api_url)
    async with aiohttp.ClientSession() as session:
        workspaces = Workspaces()
        workspaces.add(
            Workspace(
                team=slack.team.id,
                name=slack.team.name,
                url="",
                bot_user=slack.bot.bot.id,
                bot=slack.bot.bot.bot_id,
                app=slack.app.id,
                scopes=slack.bot.scopes,
                agent=slack.app.agent,
                client=client(session, settings, slack.bot.token),
            )
        )
        workspaces.known = True
        surface = SlackSurface(workspaces, settings, whole, now=asyncio.get_running_loop().time)
        yield surface
        await surface.close()


def _places(slack: FakeSlack, stage: Stage) -> Iterator[Place]:
    """The threads that are answered in."""
    thread = ""
    for number in itertools.count():
        if stage.dm:
            asked = slack.dm(slack.build.user(f"person{number}"), _ASKED)
        else:
            channel = slack.general if stage.together else slack.build.channel(f"room{number}")
            channel.members.add(slack.bot.bot.id)
            asked = slack.mention(slack.ada, channel, _ASKED, thread_ts=thread)
        thread = asked.root if stage.together else ""
        yield Place("slack", slack.team.id, asked.channel, asked.root)


def _asker(slack: FakeSlack, place: Place) -> str:
    return slack.world.channel(place.channel).messages[place.thread].user


def _seen(slack: FakeSlack, stream: Stream) -> Seen:
    return seen_in(stream, [_shown(stream.place, message) for message in _pages(slack, stream)])


def _pages(slack: FakeSlack, stream: Stream) -> list[Message]:
    """The messages of one answer: those with its keys, which a stream bears from its end on."""
    place, keys = stream.place, (*stream.keys, "")
    thread = slack.world.thread(slack.world.channel(place.channel), place.thread)
    return [one for one in thread if one.bot_id and _key(one) in keys]


def _key(message: Message) -> str:
    payload = (message.metadata or {}).get("event_payload", {})
    return str(payload.get("key", ""))


def _shown(place: Place, message: Message) -> Shown:
    growing = message.streaming or "say:stop" in message.actions
    history = [
        (moment - loopback.EPOCH, View(ink(text).removesuffix(ink(FOOTER)), growing=growing))
        for moment, text in message.history
    ]
    return Shown(message.ts, place, _key(message), history)


def _row(name: str, played: Played, goal: str) -> tuple[str, ...]:
    return (name, *figures(played), goal)
