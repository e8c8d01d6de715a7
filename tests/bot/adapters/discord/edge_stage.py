"""The real edge between the fake Discord and a real store. Nothing answers here: what was said lies in the inbox."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from bot.adapters.discord.bots import Bot, Bots
from bot.adapters.discord.edge import DiscordEdge
from bot.adapters.discord.hooks import Event, NoCommands, Words
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.adapters.discord.settings import DiscordSettings
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
from tests.fakes.discord.messages import Message
from tests.fakes.discord.pointing import pointed_at
from tests.fakes.discord.server import FakeDiscord


class Noted(NoCommands):
    """Commands that are not run but noted."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.interactions: list[tuple[str, Event]] = []
        self.connections: list[str] = []

    async def words(self, words: Words) -> None:
        if (str(words.place), words.line) not in self.lines:
            self.lines.append((str(words.place), words.line))

    async def interaction(self, bot: Bot, payload: Event) -> None:
        self.interactions.append((bot.user_id, payload))
        path = f"/interactions/{payload['id']}/{payload['token']}/callback"
        await bot.request("POST", path, {"type": 4, "data": {"content": "noted", "flags": 64}})

    async def connected(self, bot: Bot) -> None:
        self.connections.append(bot.user_id)


@dataclass
class Stage:
    """One installation: a store, an engine, and an edge that can be started again."""

    fake: FakeDiscord
    store: Store
    settings: DiscordSettings
    engine: Engine
    desk: Desk
    widening: Settings
    bots: Bots = field(default_factory=Bots)
    commands: Noted = field(default_factory=Noted)
    running: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self._made()

    def _made(self) -> None:
        self.surface = DiscordSurface(self.bots, self.settings)
        self.edge = DiscordEdge(
            self.settings,
            store=self.store,
            engine=self.engine,
            desk=self.desk,
            surface=self.surface,
            bots=self.bots,
            widening=self.widening,
            commands=self.commands,
            pause=0.0,
        )

    def change(self, **settings: Any) -> None:
        """Other settings, before the start."""
        self.settings = replace(self.settings, **settings)
        self._made()

    def place(self, message: Message) -> Place:
        """Where the conversation of a message is: its thread, the thread it roots, the direct messages."""
        channel = message.channel
        if channel.guild is None:
            return Place("discord", "@me", channel.id)
        if channel.parent is not None:
            return Place("discord", channel.guild.id, channel.parent.id, channel.id)
        return Place("discord", channel.guild.id, channel.id, message.id)

    async def start(self, bots: int = 1) -> None:
        """Run the edge as its supervisor does, until so many bots listen and nothing is made up for any more."""
        self.running = asyncio.create_task(self.edge.run())
        while self.edge.health() != "ok" or len(self.edge.listeners) < bots or self.waits():
            assert not self.running.done(), self.running
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """End it as the root does."""
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)
            self.running = None

    def waits(self) -> bool:
        """Whether something has yet to be dealt with."""
        return any(not one.lanes.idle() for one in self.edge.listeners)

    async def quiet(self) -> None:
        """Wait until all that happened so far is dealt with: a new channel comes after it on every connection."""
        for listener in self.edge.listeners:
            guild = next(
                guild for guild in self.fake.world.guilds.values() if listener.bot.user_id in guild.members
            )
            marker = int(self.fake.build.channel("marker", guild=guild).id)
            await so(partial(listener.gateway.get_channel, marker))
        await asyncio.sleep(0)
        await so(lambda: not self.waits())

    async def items(self, place: Place) -> list[InboxItem]:
        """What waits at a place."""
        conversation = await self.store.conversations.current(str(place))
        return [] if conversation is None else await self.store.inbox.waiting(conversation.id)

    async def heard(self, message: Message) -> list[str]:
        """The words that wait where a message is."""
        await self.quiet()
        return [json.loads(item.payload)["text"] for item in await self.items(self.place(message))]

    async def overheard(self, message: Message) -> list[tuple[str, str]]:
        """What the first that waits there brings along of others."""
        await self.quiet()
        (item, *_) = await self.items(self.place(message))
        return [(one["author_name"], one["text"]) for one in json.loads(item.payload).get("overheard", ())]


async def so(true: Callable[[], object]) -> None:
    """Wait until something is so that nobody tells of."""
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - discord.py tells nobody
            await asyncio.sleep(0.002)


@asynccontextmanager
async def staged(fake: FakeDiscord, store: Store, **settings: Any) -> AsyncIterator[Stage]:
    """An edge, not running yet."""
    url = fake.world.url
    given: dict[str, Any] = {
        "tokens": (fake.app.token,),
        "api_url": f"{url}/api/v10",
        "cdn_url": f"{url}/cdn",
    }
    async with Http() as http:
        registry = Registry(CATALOG, {}, http)
        widening, delivery = Settings(store, registry), Delivery()
        presence = Presence(store, "test", slots=delivery.open_slots, alone=True)
        surfaces: dict[str, Surface] = {}
        caller = Caller(store, registry, "test")
        engine = Engine(Parts(store, registry, caller, delivery, widening, presence, surfaces))
        desk = Desk(store, registry, engine, widening)
        stage = Stage(fake, store, DiscordSettings(**{**given, **settings}), engine, desk, widening)
        with pointed_at(fake):
            try:
                yield stage
            finally:
                await stage.stop()
                await stage.surface.close()
