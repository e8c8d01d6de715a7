"""Commands of Discord between the fake Discord, the real discord.py and a real desk. No model answers here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from pydantic import SecretStr

from bot.adapters.discord import bots as connected
from bot.adapters.discord.bots import Bot, Bots
from bot.adapters.discord.commands.commands import DiscordCommands
from bot.adapters.discord.hooks import Event
from bot.adapters.discord.incoming.gateway import Gateway
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.calls.call import Caller
from bot.commands.command import Answer, Asked, Desk
from bot.config import ProviderSettings
from bot.conversation.answer import Parts
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.ending import ways_on
from bot.conversation.engine import Engine
from bot.conversation.presence import Presence
from bot.conversation.settings import Settings
from bot.core.background import Background
from bot.core.message import Author, Incoming, Said
from bot.core.place import Place
from bot.core.view import Button, View
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.registry import Registry
from storage.inbox import InboxItem
from storage.replies import SealedMessage
from storage.store import Store
from tests.bot.adapters.discord.seeing import ours, settings_of
from tests.fakes.discord.exchanges import Interaction
from tests.fakes.discord.messages import Message
from tests.fakes.discord.pointing import pointed_at
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.times import ManualClock

LUNA = "openai/gpt-6-luna"


class HeldDesk(Desk):
    """A desk that can be made to wait, and to say something else."""

    gate: asyncio.Event
    instead: Answer | None = None

    async def run(self, asked: Asked, text: str) -> Answer | None:
        await self.gate.wait()
        return self.instead or await super().run(asked, text)


class Hearing:
    """Hands interactions to the commands, as the edge does."""

    def __init__(self, commands: DiscordCommands, bot: Bot, changed: Callable[[], None]) -> None:
        self._commands, self._bot, self._changed = commands, bot, changed
        self.background = Background("test")
        self.told: list[Event] = []
        self.handled = 0
        self.failed: list[str] = []

    def hear(self, name: str, event: Event) -> None:
        if name == "INTERACTION_CREATE":
            self.told.append(event)
            self.background.start(self._answer(event), name)

    async def _answer(self, event: Event) -> None:
        try:
            await self._commands.interaction(self._bot, event)
        except Exception as error:
            self.failed.append(repr(error))
            raise
        self.handled += 1
        self._changed()


@dataclass
class Stage:
    """A server in which people give orders, and what comes of them."""

    fake: FakeDiscord
    store: Store
    engine: Engine
    commands: DiscordCommands
    delivery: Delivery
    surface: DiscordSurface
    bot: Bot
    clock: ManualClock
    desk: HeldDesk
    gate: asyncio.Event  # while it is not set no order is carried out
    numbers: count[int]
    hearing: Hearing

    def place(self, message: Message) -> Place:
        """The conversation that begins with a message in a channel."""
        return Place("discord", self.fake.guild.id, message.channel.id, message.id)

    @property
    def dm(self) -> Place:
        """Ada's conversation with us."""
        return Place("discord", "@me", self.fake.world.dm(self.fake.ada, self.fake.bot).id)

    async def model(self, place: Place) -> str | None:
        """What a place's conversation has chosen."""
        conversation = await self.store.conversations.current(str(place))
        return None if conversation is None else conversation.current_model

    async def default(self) -> str | None:
        """What the channel "general" has chosen for its threads."""
        scope = f"place:discord:{self.fake.guild.id}/{self.fake.general.id}"
        found = await self.store.settings.get_many([scope], "model")
        return str(found[scope].value) if found else None

    async def waiting(self, place: Place) -> list[InboxItem]:
        """The wishes that wait at a place."""
        conversation = await self.store.conversations.current(str(place))
        assert conversation is not None
        return await self.store.inbox.waiting(conversation.id)

    async def talk(self, place: Place, question: str = "Why?") -> int:
        """A question and its answer, as the engine leaves them and people see them; the number of the answer."""
        author = Author(self.fake.ada.id, "ada")
        key = f"q{next(self.numbers)}"
        received = await self.engine.receive(Incoming(key, place, author, Said(question), datetime.now(UTC)))
        return await self.answered(received.conversation_id, place)

    async def answered(self, conversation_id: int, place: Place) -> int:
        """Whatever waits there is answered, with every button beneath it; the number of the answer."""
        replies, conversations = self.store.replies, self.store.conversations
        claim = await conversations.claim(conversation_id, "p1", dead=("p1",))
        assert claim is not None
        taken = await replies.take(claim)
        assert taken is not None
        number, key = taken.reply.id, f"k{taken.reply.id}"
        await replies.intend_page(claim, number, 0, key=key, start=0, text="Because.", shown=0)
        message = await self.post(place, key, *ways_on(number, go_on=True, text=True))
        await replies.page_sent(claim, key, message.id)
        await replies.seal(claim, number, message=SealedMessage("Because.", "complete", LUNA))
        await conversations.release(claim)
        return number

    async def again(self, place: Place) -> int:
        """What is wished for there is answered; the number of that answer."""
        conversation = await self.store.conversations.current(str(place))
        assert conversation is not None
        return await self.answered(conversation.id, place)

    async def thread(self) -> tuple[Message, Message, int]:
        """A thread in "general": its root by Ada, an answer of ours with every button, and its number."""
        root = self.fake.mention("ada", "general", "Why?")
        number = await self.talk(self.place(root))
        return root, self.last(self.place(root)), number

    async def post(self, place: Place, key: str, *buttons: Button) -> Message:
        """A message of ours with these buttons."""
        await self.delivery.send(self.surface, place, View("Because.", "demo/quick", buttons), key)
        return self.last(place)

    def last(self, place: Place) -> Message:
        """Our newest message somewhere."""
        return ours(self.fake, place)[-1]

    async def handled(self, number: int) -> None:
        """Wait until nothing more is done about so many interactions."""
        await self.fake.until(lambda: self.hearing.handled >= number)

    def whispers(self, who: str = "ada") -> list[str]:
        """What only this person sees."""
        return [message.shown for message in self.fake.whispers(who)]

    def shown(self, place: Place) -> list[str]:
        """What we have said somewhere for all to read."""
        return [message.shown for message in ours(self.fake, place)]

    async def said(self, place: Place, number: int) -> str:
        """Wait until we have said so much somewhere; the last of it."""
        await self.fake.until(lambda: len(self.shown(place)) >= number)
        return self.shown(place)[-1]


@asynccontextmanager
async def staged(store: Store, *, quick: float = 2.0, **settings: Any) -> AsyncIterator[Stage]:
    """Everything, connected. Afterwards the fake has refused nothing undeclared, and nobody was called."""
    clock = ManualClock()
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(FakeDiscord(clock=clock))
        fake.meters_off = True  # its clock stands still
        stack.enter_context(pointed_at(fake))
        session = await stack.enter_async_context(connected.session())
        given, bots = settings_of(fake, **settings), Bots()
        assert await connected.connect(given, session, bots) == ()
        (bot,) = bots
        surface = DiscordSurface(bots, given, clock.now)
        stack.push_async_callback(surface.close)
        delivery = Delivery()
        web = await stack.enter_async_context(Http())
        registry = Registry(CATALOG, {"openai": ProviderSettings(SecretStr("sk-never-used"))}, web)
        widening = Settings(store, registry)
        parts = Parts(
            store,
            registry,
            Caller(store, registry, "p1"),
            delivery,
            widening,
            Presence(store, "p1"),
            {"discord": surface},
        )
        engine = Engine(parts)
        desk = HeldDesk(store=store, registry=registry, engine=engine, settings=widening)
        desk.gate = asyncio.Event()
        desk.gate.set()
        commands = DiscordCommands(desk, delivery, surface, store, quick=quick)
        running = asyncio.create_task(delivery.run())
        stack.push_async_callback(_ended, running)
        stack.push_async_callback(commands.close)
        await commands.connected(bot)
        while not fake.app.commands.get(""):  # noqa: ASYNC110 - the fake tells nobody
            await asyncio.sleep(0.002)
        hearing = Hearing(commands, bot, fake.world.changed)
        stack.push_async_callback(hearing.background.close)
        gateway = Gateway(bot, given, hearing.hear, pause=0.0)
        stack.push_async_callback(_ended, asyncio.create_task(gateway.run_until_closed()))
        await fake.connected()
        yield Stage(
            fake, store, engine, commands, delivery, surface, bot, clock, desk, desk.gate, count(), hearing
        )
        assert hearing.failed == []
        assert fake.unexpected() == []
        assert fake.pings() == []


def private(answered: Interaction) -> bool:
    """Whether an interaction was answered to its asker alone."""
    return bool(answered.messages) and all(message.to for message in answered.messages)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
