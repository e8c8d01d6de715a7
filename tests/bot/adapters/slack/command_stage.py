"""Commands of Slack between the fake Slack, the real slack-bolt and a real desk. No model answers here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

import aiohttp
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.commands.commands import SlackCommands, register
from bot.adapters.slack.commands.shortcuts import RETRY, SWITCH
from bot.adapters.slack.outgoing.render import blocks, fallback
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import App, SlackSettings
from bot.adapters.slack.workspaces import Workspace, Workspaces
from bot.calls.call import Caller
from bot.commands.command import COMMANDS, Answer, Asked, Desk
from bot.config import ProviderSettings
from bot.conversation.answer import Parts
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.ending import ways_on
from bot.conversation.engine import Engine
from bot.conversation.presence import Presence
from bot.conversation.settings import Settings
from bot.core.message import Author, Incoming, Said
from bot.core.place import Place
from bot.core.view import View
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.registry import Registry
from storage.inbox import InboxItem
from storage.replies import SealedMessage
from storage.store import Store
from tests.fakes.slack.messages import Message
from tests.fakes.slack.server import FakeSlack
from tests.fakes.test_slack_delivery import served, socket
from tests.fakes.times import ManualClock

LUNA = "openai/gpt-6-luna"


class HeldDesk(Desk):
    """A desk that can be made to wait, and to say something else."""

    gate: asyncio.Event
    instead: Answer | None = None

    async def run(self, asked: Asked, text: str) -> Answer | None:
        await self.gate.wait()
        return self.instead or await super().run(asked, text)


@dataclass
class Stage:
    """A workspace in which people give orders, and what comes of them."""

    slack: FakeSlack
    store: Store
    engine: Engine
    commands: SlackCommands
    workspaces: Workspaces
    workspace: Workspace
    clock: ManualClock
    desk: HeldDesk
    gate: asyncio.Event  # while it is not set no order is carried out
    numbers: count[int]

    def place(self, message: Message) -> Place:
        """The thread of a message."""
        return Place("slack", message.team, message.channel, message.root)

    @property
    def dm(self) -> Place:
        """Ada's flat conversation with us."""
        channel = self.slack.world.dm(self.slack.ada, self.slack.bot.bot)
        return Place("slack", self.slack.team.id, channel.id)

    async def model(self, place: Place) -> str | None:
        """What a place's conversation has chosen."""
        conversation = await self.store.conversations.current(str(place))
        return None if conversation is None else conversation.current_model

    async def default(self) -> str | None:
        """What the channel "general" has chosen for its threads."""
        scope = f"place:slack:{self.slack.team.id}/{self.slack.general.id}"
        found = await self.store.settings.get_many([scope], "model")
        return str(found[scope].value) if found else None

    async def waiting(self, place: Place) -> list[InboxItem]:
        """The wishes that wait at a place."""
        conversation = await self.store.conversations.current(str(place))
        assert conversation is not None
        return await self.store.inbox.waiting(conversation.id)

    async def talk(self, place: Place, question: str = "Why?", answer: str = "Because.") -> int:
        """A question and its answer, as the engine leaves them; the number of the answer."""
        author = Author(self.slack.ada.id, "Ada")
        key = f"q{next(self.numbers)}"
        received = await self.engine.receive(Incoming(key, place, author, Said(question), datetime.now(UTC)))
        return await self.answered(received.conversation_id, answer)

    async def answered(self, conversation_id: int, answer: str = "Because.") -> int:
        """Whatever waits there is answered; the number of the answer."""
        claim = await self.store.conversations.claim(conversation_id, "p1", dead=("p1",))
        assert claim is not None
        taken = await self.store.replies.take(claim)
        assert taken is not None
        sealed = SealedMessage(answer, "complete", LUNA)
        await self.store.replies.seal(claim, taken.reply.id, message=sealed)
        await self.store.conversations.release(claim)
        return taken.reply.id

    async def thread(self) -> tuple[Message, Message, int]:
        """A thread in "general": its root by Ada, an answer of ours with every button, and its number."""
        root = self.slack.say("ada", "general", "Why?")
        number = await self.talk(self.place(root))
        return root, await self.post(self.place(root), number), number

    async def post(self, place: Place, number: int) -> Message:
        """The answer of that number as people see it."""
        view = View("Because.", "demo/quick", ways_on(number, go_on=True, text=True))
        channel = self.slack.world.channel(place.channel)
        posted = await self.workspace.client.chat_postMessage(
            channel=channel.id,
            thread_ts=place.thread or None,
            text=fallback(view),
            blocks=blocks(view),
        )
        return channel.messages[str(posted["ts"])]

    def whispers(self, who: str = "ada") -> list[str]:
        """What only this person sees."""
        return [message.text for message in self.slack.whispers(who)]

    async def whispered(self, number: int = 1, who: str = "ada") -> str:
        """Wait until this person alone was told so much; the last of it."""
        await self.slack.until(lambda: len(self.slack.whispers(who)) >= number)
        return self.whispers(who)[-1]

    def words(self, root: Message) -> list[str]:
        """What our app has said in a thread for all to read."""
        return [m.text for m in self.slack.thread(root.channel, root.ts) if m.bot_id]

    async def said(self, root: Message, number: int) -> str:
        """Wait until our app has said so much in a thread; the last of it."""
        await self.slack.until(lambda: len(self.words(root)) >= number)
        return self.words(root)[-1]


@asynccontextmanager
async def staged(
    store: Store,
    *,
    http: bool = False,
    agent: bool = False,
    prefix: str = "",
    quick: float = 2.0,
) -> AsyncIterator[Stage]:
    """Everything, connected by Socket Mode or over HTTP. Afterwards the fake has refused nothing undeclared."""
    clock = ManualClock()
    app = {
        "events": (),
        "commands": tuple(f"/{prefix}{command.name}" for command in COMMANDS),
        "shortcuts": {SWITCH: "message", RETRY: "message"},
        "agent": agent,
    }
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(FakeSlack(clock=clock, **app))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        slack.general.members.add(slack.bot.bot.id)
        client = AsyncWebClient(
            token=slack.bot.token, base_url=slack.api_url, session=session, retry_handlers=[]
        )
        workspaces = Workspaces()
        workspace = Workspace(
            team=slack.team.id,
            name="Acme",
            url="",
            bot_user=slack.bot.bot.id,
            bot=slack.bot.bot.bot_id,
            app=slack.app.id,
            scopes=slack.bot.scopes,
            agent=agent,
            client=client,
        )
        workspaces.add(workspace)
        workspaces.known = True
        settings = SlackSettings((App((slack.bot.token,)),), slack.api_url, prefix)
        surface = SlackSurface(workspaces, settings, lambda _: 1.0)
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
            {"slack": surface},
        )
        engine = Engine(parts)
        desk = HeldDesk(store=store, registry=registry, engine=engine, settings=widening)
        desk.gate = asyncio.Event()
        desk.gate.set()
        commands = SlackCommands(desk, delivery, surface, workspaces, store, settings, quick=quick)
        running = asyncio.create_task(delivery.run())
        stack.push_async_callback(_ended, running)
        stack.push_async_callback(commands.close)
        bolt = AsyncApp(client=client, signing_secret=slack.app.signing_secret)
        register(bolt, commands)
        if http:
            url = await stack.enter_async_context(served(bolt))
            await slack.deliver_to(url, options_url=url)
        else:
            await stack.enter_async_context(socket(slack, client, bolt))
        yield Stage(slack, store, engine, commands, workspaces, workspace, clock, desk, desk.gate, count())
        assert slack.unexpected() == []


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
