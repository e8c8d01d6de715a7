"""The real edge between the fake Slack and a real store. Nothing answers here: what was said lies in the inbox."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.adapters.slack.commands.commands import SlackCommands
from bot.adapters.slack.edge import SlackEdge
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import App, SlackSettings
from bot.adapters.slack.workspaces import Workspace, Workspaces
from bot.calls.call import Caller
from bot.commands.command import Desk
from bot.conversation.answer import Parts
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.engine import Engine
from bot.conversation.presence import Presence
from bot.conversation.settings import Settings
from bot.core.place import Place
from bot.core.surface import Surface
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.registry import Registry
from storage.inbox import InboxItem
from storage.store import Store
from tests.fakes.slack.messages import Message
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.workspace import App as SlackApp
from tests.fakes.slack.workspace import Installation


class Noting(SlackSurface):
    """The real surface, that notes what the edge tells it."""

    askers: list[tuple[str, str]]
    stops: list[str]

    def note_asker(self, place: Place, user_id: str) -> None:
        self.askers.append((str(place), user_id))
        super().note_asker(place, user_id)

    def stopped(self, place: Place) -> None:
        self.stops.append(str(place))
        super().stopped(place)


class Spoken(SlackCommands):
    """The real reading of lines; what would be run is noted."""

    lines: list[tuple[str, str]]

    async def words(self, *, place: Place, line: str, ts: str, **_: Any) -> None:
        if (str(place), line) not in self.lines:
            self.lines.append((str(place), line))


@dataclass
class Stage:
    """A running edge, or several, and what stands on both sides of it."""

    slack: FakeSlack
    store: Store
    engine: Engine
    edge: SlackEdge
    surface: Noting
    commands: Spoken
    workspaces: Workspaces
    settings: SlackSettings
    running: asyncio.Task[None] | None = None
    url: str = ""
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    def place(self, message: Message) -> Place:
        """Where the conversation of a message in a thread is."""
        return Place("slack", message.team, message.channel, message.root)

    async def items(self, place: Place) -> list[InboxItem]:
        """What waits at a place."""
        conversation = await self.store.conversations.current(str(place))
        return [] if conversation is None else await self.store.inbox.waiting(conversation.id)

    async def texts(self, place: Place) -> list[str]:
        """The words that wait at a place."""
        return [json.loads(item.payload)["text"] for item in await self.items(place)]

    async def heard(self, message: Message) -> list[str]:
        """The words that wait where a message is, once all that is under way has come."""
        await self.slack.quiet()
        return await self.texts(self.place(message))

    async def connected(self, teams: int = 1, sockets: int = 0) -> None:
        """Wait until the edge speaks in so many workspaces, over so many sockets."""
        await self.slack.until(lambda: len(self.slack.sockets.open()) >= sockets)
        while len(list(self.workspaces)) < teams or not self.workspaces.known:
            assert self.running is None or not self.running.done(), self.running
            await asyncio.sleep(0.01)

    async def healthy(self) -> None:
        """Wait until everything works."""
        async with asyncio.timeout(30):
            while self.edge.health() != "ok":  # noqa: ASYNC110 - what changes is on our side
                await asyncio.sleep(0.005)

    async def start(self) -> None:
        """Run the edge as its supervisor does."""
        self.running = asyncio.create_task(self.edge.run())

    async def stop(self) -> None:
        """End it as the root does."""
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)
            self.running = None


def credentials(app: SlackApp, *installed: Installation, http: bool = False) -> App:
    """An app of the fake's as the settings name it."""
    tokens = tuple(one.token for one in installed)
    if http:
        return App(tokens, signing_secret=app.signing_secret)
    return App(tokens, app_token=app.app_token)


@asynccontextmanager
async def staged(slack: FakeSlack, store: Store, settings: SlackSettings) -> AsyncIterator[Stage]:
    """An edge with these settings, not running yet."""
    async with Http() as http:
        registry = Registry(CATALOG, {}, http)
        widening, delivery, workspaces = Settings(store, registry), Delivery(), Workspaces()
        presence = Presence(store, "test", slots=delivery.open_slots, alone=True)
        surface = Noting(workspaces, settings, lambda _: 1.0)
        surface.askers, surface.stops = [], []
        surfaces: dict[str, Surface] = {"slack": surface}
        caller = Caller(store, registry, "test")
        engine = Engine(Parts(store, registry, caller, delivery, widening, presence, surfaces))
        desk = Desk(store, registry, engine, widening)
        edge = SlackEdge(
            settings,
            store=store,
            engine=engine,
            desk=desk,
            delivery=delivery,
            surface=surface,
            workspaces=workspaces,
            widening=widening,
        )
        commands = Spoken(desk, delivery, surface, workspaces, store, settings)
        commands.lines = []
        edge._commands = commands  # noqa: SLF001 - what commands do is tried elsewhere
        stage = Stage(slack, store, engine, edge, surface, commands, workspaces, settings)
        sending = asyncio.create_task(delivery.run())
        try:
            yield stage
        finally:
            await stage.stop()
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            await surface.close()


@asynccontextmanager
async def served(edge: SlackEdge) -> AsyncIterator[str]:
    """The edge's door for HTTP, on a port of its own; its address."""

    async def take(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        status, given, body = await edge.post_in(headers, await request.read())
        return web.Response(status=status, headers=dict(given), body=body)

    server = web.Application()
    server.router.add_post("/slack/events", take)
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()


def workspace(**more: Any) -> Workspace:
    """A workspace for what is pure."""
    given: dict[str, Any] = {
        "team": "T1",
        "name": "Acme",
        "url": "https://acme.slack.com/",
        "bot_user": "UBOT",
        "bot": "BBOT",
        "app": "A1",
        "scopes": frozenset({"chat:write"}),
        "agent": False,
        "client": None,
    }
    return Workspace(**{**given, **more})


def promised(item: InboxItem) -> list[tuple[str, str, int]]:
    """The files of an item."""
    return [(file.name, file.media_type, file.size) for file in item.attachments]
