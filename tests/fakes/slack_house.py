"""The whole system over the fake Slack: real store, calls, engine, delivery and Slack edge, a fake provider."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from aiohttp import web

from bot.adapters.slack.edge import SlackEdge
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import App, SlackSettings, Streaming
from bot.adapters.slack.setup.manifest import SHORTCUTS
from bot.adapters.slack.setup.scopes import events, scopes
from bot.adapters.slack.workspaces import Workspaces
from bot.commands.command import COMMANDS
from bot.core.place import Place
from bot.core.surface import Surface, Verb
from storage.store import Store
from tests.fakes.home import SERVED
from tests.fakes.orders import Fault, Order
from tests.fakes.platform_house import PlatformHouse
from tests.fakes.process import HurriedClock, Process, Trap, World, remember_owners
from tests.fakes.provider import ProviderServer
from tests.fakes.refused import Book
from tests.fakes.slack.attached import File
from tests.fakes.slack.messages import Message
from tests.fakes.slack.people import Where, Who
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.workspace import Channel, User
from tests.fakes.slack_eyes import SlackEyes, action_of
from tests.fakes.times import ManualClock

SOCKETS, HTTP = "sockets", "http"
_CALLS = {Verb.POST: "chat.postMessage", Verb.EDIT: "chat.update"}


class SlackProcess(Process):
    """A process whose platform is Slack."""

    def __init__(self, world: World, name: str, *, alone: bool, slack: SlackSettings) -> None:
        self._slack, self.workspaces = slack, Workspaces()
        super().__init__(world, name, alone=alone)
        self.edge = SlackEdge(
            slack,
            store=self.store,
            engine=self.engine,
            desk=self.desk,
            delivery=self.delivery,
            surface=cast("SlackSurface", self.surface),
            workspaces=self.workspaces,
            widening=self.settings,
        )

    def _connected(self) -> Surface:
        return SlackSurface(self.workspaces, self._slack, self.presence.share, HurriedClock().now)

    def runs(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """The edge is supervised as the rest is."""
        return {**super().runs(), "slack": self.edge.run}


class SlackHouse(PlatformHouse):
    """One installation in one workspace."""

    def __init__(self, store: Store, provider: ProviderServer, slack: FakeSlack, transport: str) -> None:
        super().__init__(store, provider)
        self.slack, self.transport, self.eyes = slack, transport, SlackEyes(slack)
        self.streaming = Streaming.DM
        self.bots: frozenset[str] = frozenset()

    @property
    def book(self) -> Book:
        return self.slack.book

    def make(self, name: str, *, alone: bool) -> SlackProcess:
        """A process that is connected the way this house is."""
        key = self.provider.key
        world = World(
            self.store,
            None,
            self.provider_url,
            key,
            self.default,
            self.deadlines,
            self.patience,
            self._stir,
        )
        app, by_socket = self.slack.app, self.transport == SOCKETS
        credentials = App(
            (self.slack.bot.token,),
            app_token=app.app_token if by_socket else "",
            signing_secret="" if by_socket else app.signing_secret,
        )
        settings = SlackSettings(
            (credentials,), api_url=self.slack.api_url, streaming=self.streaming, bots=self.bots
        )
        return SlackProcess(world, name, alone=alone, slack=settings)

    def expect_a_death(self) -> None:
        """Events find nobody; and whoever takes up a stream finds out by trying whether it is still open."""
        self.book.expect("deliver")
        self.book.expect("chat.update", "streaming_state_conflict", times=1)

    async def start(self, *, alone: bool = True, traps: Sequence[Trap] = ()) -> Process:
        """As everywhere; it is there once Slack can reach it."""
        before = len(self.slack.sockets.open())
        process = await super().start(alone=alone, traps=traps)
        if self.transport == SOCKETS:
            await self.until(lambda: process.dead or len(self.slack.sockets.open()) > before, "a socket")
        else:
            await self.until(
                lambda: process.dead or self._ready(process), "a process that knows its workspace"
            )
        return process

    def _ready(self, process: Process) -> bool:
        assert isinstance(process, SlackProcess)
        return process.workspaces.get(self.slack.team.id) is not None

    # What people do

    def place(self, thread: Message) -> Place:
        """Where a message's conversation is."""
        channel = self.slack.world.channel(thread.channel)
        flat = channel.kind == "im" and not self.slack.app.agent and not thread.is_reply
        return Place("slack", thread.team, channel.id, "" if flat else thread.root)

    def mention(
        self, who: Who, where: Where, text: str, *, thread: Message | None = None, files: Sequence[File] = ()
    ) -> Message:
        """Say something to the bot by its name."""
        root = thread.root if thread else ""
        return self.said(self.slack.mention(who, where, text, thread_ts=root, files=files), text)

    def reply(self, who: Who, thread: Message, text: str, *, files: Sequence[File] = ()) -> Message:
        """Go on in a conversation without naming anybody."""
        where = self.slack.world.channel(thread.channel)
        root = self.place(thread).thread
        return self.said(self.slack.say(who, where, text, thread_ts=root, files=files), text)

    def dm(self, who: Who, text: str, *, files: Sequence[File] = ()) -> Message:
        """Write to the bot in private."""
        return self.said(self.slack.dm(who, text, files=files), text)

    def ask(self, text: str, *, who: Who = "ada", where: Where = "general") -> Message:
        """An agent is asked in private, where it streams."""
        return self.dm(who, text) if self.slack.app.agent else self.mention(who, where, text)

    def talk(self, who: Who, where: Where, text: str, *, thread: Message | None = None) -> Message:
        """Say something that needs no answer; in the thread at a message."""
        return self.slack.say(who, where, text, thread_ts=thread.root if thread else "")

    def naming(self, who: str | User) -> str:
        """A mention as it is written."""
        bot = self.slack.bot.bot.id
        return f"<@{bot if who == 'bot' else self.slack.world.user(who).id}>"

    def spoken(self, who: Who, thread: Message, words: str) -> None:
        """Give a command in words."""
        text = words if words.startswith("!") else f"{self.naming('bot')} {words}"
        self.slack.say(who, thread.channel, text, thread_ts=self.place(thread).thread)

    def edit(self, who: Who, message: Message, text: str) -> None:
        """Change what one has said."""
        self.slack.edit(who, message, text)

    def delete(self, who: Who, message: Message) -> None:
        """Take back what one has said."""
        self.slack.delete(who, message)

    async def command(self, who: Who, where: Where | Message, line: str) -> str:
        """A slash command. In a thread Slack has none: there it is for its channel."""
        at = where.channel if isinstance(where, Message) else where
        name, _, words = line.partition(" ")
        ack = await self.slack.command(who, at, f"/{name}", words)
        assert ack.ok, ack
        return str(ack.payload.get("text", ""))

    async def click(self, who: Who, message: Message, label: str) -> None:
        """Press a button of a message."""
        ack = await self.slack.click(who, message, action_of(message, label))
        assert ack.ok, ack

    async def menu(self, who: Who, message: Message, entry: str) -> None:
        """A shortcut of a message."""
        callback = next(one.callback_id for one in SHORTCUTS if one.name == entry)
        assert (await self.slack.shortcut(who, callback, message)).ok

    def fork_place(self, opening: Message) -> Place:
        """In the thread at it, in direct messages too."""
        return Place("slack", opening.team, opening.channel, opening.ts)

    def offers(self, who: Who, thread: Message) -> list[Message]:
        """They are whispered."""
        return [one for one in self.slack.whispers(who) if "reads otherwise now" in one.shown]

    def react(self, who: Who, message: Message, sign: str, *, back: bool = False) -> None:
        """Slack has names for signs."""
        names = {"🛑": "octagonal_sign", "🔁": "repeat", "👍": "+1::skin-tone-3", "👎": "-1", "🎉": "tada"}
        (self.slack.unreact if back else self.slack.react)(who, message, names[sign])

    async def rate(self, thread: Message, verdict: str, *, by: Who = "ada") -> None:
        """Press a thumb beneath the last answer."""
        message = self.message_of(thread)
        action_id = next(a for a, one in message.actions.items() if one["type"] == "feedback_buttons")
        thumb = {"good": "positive", "bad": "negative"}[verdict]
        ack = await self.slack.click(by, message, action_id, thumb)
        assert ack.ok, ack

    async def choose(self, typed: str, *, by: Who = "ada") -> None:
        """Type into the window's menu, choose the first that it offers, and submit."""
        await self.until(lambda: self.slack.screen(by) is not None, "a window")
        view = self.slack.screen(by)
        assert view is not None
        action_id = next(name for name, one in view.actions.items() if one["type"] == "external_select")
        offered = await self.slack.suggest(by, view, action_id, typed)
        assert (await self.slack.submit(by, {action_id: offered[0]["value"]})).ok

    def file(self, name: str, data: bytes, media_type: str = "text/plain") -> File:
        """A file to put into a message."""
        return self.slack.file(name, data, media_type)

    def user(self, name: str) -> User:
        """One more person."""
        return self.slack.build.user(name)

    def promote(self, who: Who) -> None:
        """Make somebody an admin of the workspace."""
        self.slack.world.user(who).admin = True

    def room(self, name: str) -> Channel:
        """One more channel, with the bot in it."""
        channel = self.slack.build.channel(name)
        channel.members.add(self.slack.bot.bot.id)
        return channel

    def other_bot(self, name: str) -> User:
        """A bot that is not ours, in "general"."""
        other = self.slack.build.other_bot(name)
        self.slack.general.members.add(other.id)
        return other

    def whispers(self, who: Who) -> list[str]:
        """What only this person reads."""
        return [message.shown for message in self.slack.whispers(who)]

    def fault(self, fault: Fault, call: str | Verb = "", **more: object) -> Order:
        """Let the next calls of a method of Slack's go wrong."""
        return self.slack.order(fault, _CALLS[call] if isinstance(call, Verb) else call, **more)

    async def quiet(self) -> None:
        """Wait until Slack has delivered all that was said."""
        await self.slack.quiet()


@asynccontextmanager
async def _front_door(house: SlackHouse) -> AsyncIterator[str]:
    """A URL that always leads to the newest process that lives, as a load balancer's does."""

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        process = next((one for one in reversed(house.processes) if not one.dead), None)
        if process is None:
            return web.Response(status=503)
        assert isinstance(process, SlackProcess)
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            reply = await process.within(process.edge.post_in(headers, body))
        except Exception:  # noqa: BLE001 - it died, or could not: Slack hears that nobody took it
            return web.Response(status=503)
        return web.Response(status=reply.status, headers=dict(reply.headers), body=reply.body)

    app = web.Application()
    app.router.add_post("/slack/events", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def open_slack_house(
    database_url: str, folder: Path, transport: str, *, agent: bool = False, begin: bool = True
) -> AsyncIterator[SlackHouse]:
    """A house with one process; leaving it checks everything, unless the test has failed already."""
    remember_owners(asyncio.get_running_loop())
    wanted = [event.name for event in events(agent=agent)]
    commands = [f"/{command.name}" for command in COMMANDS]
    shortcuts = {one.callback_id: "message" for one in SHORTCUTS}
    store = await Store.open(database_url, folder)
    try:
        async with (
            ProviderServer(models=SERVED) as provider,
            FakeSlack(
                clock=ManualClock(), agent=agent, events=wanted, commands=commands, shortcuts=shortcuts
            ) as slack,
        ):
            # The limits are those of the benchmarks; here a minute of delivery's clock passes in three seconds.
            slack.api.meters.off = True
            slack.bot.scopes = frozenset(one.name for one in scopes(agent=agent))
            for channel in (slack.general, slack.private):
                channel.members.add(slack.bot.bot.id)
            house = SlackHouse(store, provider, slack, transport)
            logging.getLogger().addHandler(house.loud)
            try:
                async with _front_door(house) as url:
                    await house.start()
                    if transport == HTTP:
                        await slack.deliver_to(url, options_url=url)
                    yield house
                    await house.settled()
            finally:
                logging.getLogger().removeHandler(house.loud)
                await house.pull_down()
    finally:
        await store.close()
