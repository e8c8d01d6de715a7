"""The whole system over the fake Discord: real store, calls, engine, delivery and Discord edge, a fake provider."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from bot.adapters.discord.bots import Bots
from bot.adapters.discord.commands.commands import DiscordCommands
from bot.adapters.discord.edge import DiscordEdge
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.adapters.discord.settings import Answers, DiscordSettings
from bot.commands.command import COMMANDS
from bot.core.place import Place
from bot.core.surface import Surface, Verb
from storage.store import Store
from tests.fakes.discord.attached import Attachment
from tests.fakes.discord.building import INVITED
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.exchanges import Interaction
from tests.fakes.discord.guilds import User
from tests.fakes.discord.messages import Message
from tests.fakes.discord.people import Where, Who
from tests.fakes.discord.permissions import Can
from tests.fakes.discord.pointing import pointed_at
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.discord_eyes import DiscordEyes, place_of
from tests.fakes.home import SERVED
from tests.fakes.orders import Fault, Order
from tests.fakes.platform_house import PlatformHouse
from tests.fakes.process import HurriedClock, Process, Trap, World, remember_owners
from tests.fakes.provider import ProviderServer
from tests.fakes.refused import Book
from tests.fakes.times import ManualClock

_CALLS = {Verb.POST: "create_message", Verb.EDIT: "edit_message"}


class DiscordProcess(Process):
    """A process whose platform is Discord."""

    def __init__(self, world: World, name: str, *, alone: bool, settings: DiscordSettings) -> None:
        self._discord, self.bots = settings, Bots()
        super().__init__(world, name, alone=alone)
        surface = cast("DiscordSurface", self.surface)
        self.edge = DiscordEdge(
            settings,
            store=self.store,
            engine=self.engine,
            desk=self.desk,
            surface=surface,
            bots=self.bots,
            widening=self.settings,
            commands=DiscordCommands(self.desk, self.delivery, surface, self.store),
            pause=0.0,
        )

    def _connected(self) -> Surface:
        return DiscordSurface(self.bots, self._discord, HurriedClock().now)

    def runs(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """The edge is supervised as the rest is."""
        return {**super().runs(), "discord": self.edge.run}

    @property
    def listens(self) -> bool:
        """Whether every bot is connected, and nothing waits to be made up for or dealt with."""
        edge = self.edge
        return bool(edge.listeners) and all(one.listens and one.lanes.idle() for one in edge.listeners)

    def knows(self, channel: Channel) -> bool:
        """Whether all listeners have heard of a channel."""
        return all(one.gateway.get_channel(int(channel.id)) is not None for one in self.edge.listeners)


class DiscordHouse(PlatformHouse):
    """One installation in one server."""

    def __init__(self, store: Store, provider: ProviderServer, fake: FakeDiscord, answers: Answers) -> None:
        super().__init__(store, provider)
        self.fake, self.eyes, self.answering = fake, DiscordEyes(fake), answers
        self.bots: frozenset[str] = frozenset()
        self.screens: dict[str, Message] = {}  # by person: the message that a button has opened for them

    @property
    def book(self) -> Book:
        return self.fake.book

    def make(self, name: str, *, alone: bool) -> DiscordProcess:
        """A process that is connected to the server."""
        key = self.provider.key
        world = World(
            self.store, None, self.provider_url, key, self.default, self.deadlines, self.patience, self._stir
        )
        url = self.fake.world.url
        settings = DiscordSettings(
            (self.fake.app.token,),
            api_url=f"{url}/api/v10",
            cdn_url=f"{url}/cdn",
            answers=self.answering,
            bots=self.bots,
        )
        return DiscordProcess(world, name, alone=alone, settings=settings)

    def expect_a_death(self) -> None:
        """Discord says nothing of it."""

    async def start(self, *, alone: bool = True, traps: Sequence[Trap] = ()) -> Process:
        """As everywhere; it is there once it listens, has made up for what was missed, and offers its commands."""
        if self.processes:
            # Whether a thread is open already the next process may find out by trying.
            self.book.expect("create_thread", "160004")
        process = await super().start(alone=alone, traps=traps)
        await self.listening(process)
        return process

    async def listening(self, process: Process | None = None) -> None:
        """Wait until a process hears everything, again perhaps."""
        process = process or self.process
        assert isinstance(process, DiscordProcess)
        await self.until(lambda: process.dead or process.listens, "a process that listens")
        await self.until(lambda: process.dead or bool(self.fake.app.commands), "commands")

    # What people do

    def place(self, thread: Message) -> Place:
        """Where a message's conversation is."""
        return place_of(thread)

    def channel(self, thread: Message) -> Channel:
        """Where one goes on in a conversation: the thread at a message, or the channel it stands in."""
        place = self.place(thread)
        return self.fake.world.channels.get(place.thread) or thread.channel

    def mention(
        self,
        who: Who,
        where: Where,
        text: str,
        *,
        thread: Message | None = None,
        files: Sequence[Attachment] = (),
    ) -> Message:
        """Say something to the bot by its name; in the thread at a message where that is given."""
        if thread is None:
            return self.said(self.fake.mention(who, where, text, files=files), text)
        words = f"{self.fake.bot.mention} {text}"
        return self.said(self._on(who, thread, words, files), text)

    def reply(self, who: Who, thread: Message, text: str, *, files: Sequence[Attachment] = ()) -> Message:
        """Go on in a conversation without naming anybody: in its thread, or by replying to its last message."""
        return self.said(self._on(who, thread, text, files), text)

    def _on(self, who: Who, thread: Message, text: str, files: Sequence[Attachment] = ()) -> Message:
        channel = self.channel(thread)
        flat = channel.guild is not None and not channel.is_thread
        last = self.eyes.ours(self.place(thread))[-1] if flat else None
        return self.fake.say(who, channel, text, to=last, files=files)

    def dm(self, who: Who, text: str, *, files: Sequence[Attachment] = ()) -> Message:
        """Write to the bot in private."""
        return self.said(self.fake.dm(who, text, files=files), text)

    def talk(self, who: Who, where: Where, text: str, *, thread: Message | None = None) -> Message:
        """Say something that needs no answer; in the thread at a message, which people open where there is none."""
        if thread is None:
            return self.fake.say(who, where, text)
        if thread.thread is None and self.channel(thread) is thread.channel and not thread.channel.is_thread:
            self.fake.open_thread(who, thread, "talk")
        return self.fake.say(who, self.channel(thread), text)

    def naming(self, who: str | User) -> str:
        """A mention as it is written."""
        return self.fake.bot.mention if who == "bot" else self.fake.world.user(who).mention

    def spoken(self, who: Who, thread: Message, words: str) -> None:
        """Give a command in words."""
        self._on(who, thread, words if words.startswith("!") else f"{self.fake.bot.mention} {words}")

    def edit(self, who: Who, message: Message, text: str) -> None:
        """Change what one has said."""
        self.fake.edit(who, message, text)

    def delete(self, who: Who, message: Message) -> None:
        """Take back what one has said."""
        self.fake.delete(who, message)

    async def command(self, who: Who, where: str | Channel | Message, line: str) -> str:
        """A slash command, its option found by completion where it has one."""
        at = self.channel(where) if isinstance(where, Message) else where
        name, _, typed = line.partition(" ")
        if name in ("retry", "continue") and isinstance(where, Message):
            self.again(where)
        given = self._filled(name, typed.split())
        if "model" in given and name == "model" and given["model"] not in ("default", "last", "levels"):
            offered = await self.fake.complete(who, at, name, "model", model=given["model"])
            given["model"] = str(offered[0]["value"])
        asked = await self.fake.command(who, at, name, **given)
        assert asked.ok, asked
        return asked.shown

    def _filled(self, command: str, words: list[str]) -> dict[str, Any]:
        """The options as a person fills them in: by name ("scope:channel"), then in turn, the last takes the rest."""
        everywhere = self.fake.app.commands[""].values()
        options = next(one for one in everywhere if one["name"] == command).get("options", ())
        names = {str(option["name"]) for option in options}
        given = {
            name: value
            for name, _, value in (word.partition(":") for word in words)
            if name in names and value
        }
        left = [word for word in words if word.partition(":")[0] not in given]
        keyed = {one.name for each in COMMANDS if each.name == command for one in each.options if one.keyed}
        for option in (one for one in options if one["name"] not in keyed):
            choices = [one["value"] for one in option.get("choices", ())]
            if left and option["name"] not in given and (not choices or left[0] in choices):
                given[str(option["name"])] = left.pop(0)
                last = str(option["name"])
        given |= {last: " ".join([given[last], *left])} if left else {}
        whole = {str(option["name"]) for option in options if option["type"] == 4}
        return {name: int(value) if name in whole else value for name, value in given.items()}

    async def click(self, who: Who, message: Message, label: str) -> None:
        """Press a button of a message; what opens for the person is on their screen."""
        self.seen(who, await self.fake.press(who, message, label))

    def seen(self, who: Who, asked: Interaction) -> None:
        """Take note of what an interaction has shown to somebody."""
        assert asked.ok, asked
        if asked.original is not None and asked.original is not asked.source:
            self.screens[self.fake.world.user(who).id] = asked.original

    async def menu(self, who: Who, message: Message, entry: str) -> None:
        """An entry in a message's menu."""
        self.seen(who, await self.fake.menu(who, message, entry))

    def fork_place(self, opening: Message) -> Place:
        """In the thread at it; in direct messages there are none."""
        return self.place(opening)

    def offers(self, who: Who, thread: Message) -> list[Message]:
        """They are there for all: only the answer to an interaction can be for one person."""
        ours = self.eyes.ours(self.place(thread))
        return [one for one in ours if "reads otherwise now" in self.eyes.text(one)]

    def react(self, who: Who, message: Message, sign: str, *, back: bool = False) -> None:
        """Put a sign beneath a message, or take it ``back``."""
        (self.fake.unreact if back else self.fake.react)(who, message, sign)

    async def rate(self, thread: Message, verdict: str, *, by: Who = "ada") -> None:
        """Press a thumb beneath the last answer."""
        await self.press(thread, {"good": "👍", "bad": "👎"}[verdict], by=by)

    async def choose(self, typed: str, *, by: Who = "ada") -> None:
        """Choose the first model that fits in the menu on the screen; search for it where it is not there."""
        user = self.fake.world.user(by)
        found = self._offered(user, typed)
        if found is None:
            await self.fake.press(by, self.screens[user.id], "Search")
            await self.fake.submit(by, typed=typed)
            found = self._offered(user, typed)
        assert found is not None, f"no {typed} to choose"
        assert (await self.fake.choose(by, self.screens[user.id], *found)).ok

    def _offered(self, user: User, typed: str) -> tuple[str, str] | None:
        """The menu and the first option in it that fits."""
        for custom_id, one in self.screens[user.id].actions.items():
            for option in one.get("options", ()):
                if typed in option["value"]:
                    return custom_id, option["value"]
        return None

    def file(self, name: str, data: bytes, media_type: str = "text/plain") -> Attachment:
        """A file to put into a message."""
        return self.fake.file(name, data, media_type)

    def user(self, name: str) -> User:
        """One more person in the server."""
        return self.fake.build.user(name)

    def promote(self, who: Who) -> None:
        """Let somebody manage the server."""
        user = self.fake.world.user(who)
        self.fake.build.give(user, self.fake.build.role("managers", Can.MANAGE_GUILD))

    def room(self, name: str) -> Channel:
        """One more channel."""
        return self.fake.build.channel(name)

    def other_bot(self, name: str) -> User:
        """A bot that is not ours."""
        return self.fake.build.other_bot(name)

    def fault(self, fault: Fault, call: str | Verb = "", **more: Any) -> Order:
        """Let the next calls of an endpoint go wrong."""
        return self.fake.order(fault, _CALLS[call] if isinstance(call, Verb) else call, **more)

    def called(self) -> list[str]:
        """The endpoints that were called, in turn."""
        return [name for _, name, _, _ in self.fake.api.calls]

    async def quiet(self) -> None:
        """Wait until all that was said has been heard: a new channel comes after it on every connection."""
        await self.fake.quiet()
        marker = self.fake.build.channel("marker")

        def heard() -> bool:
            living = [one for one in self.processes if isinstance(one, DiscordProcess) and not one.dead]
            return all(one.knows(marker) and one.listens for one in living if one.edge.listeners)

        await self.until(heard, "quiet")


@asynccontextmanager
async def open_discord_house(
    database_url: str, folder: Path, *, answers: Answers = Answers.THREAD
) -> AsyncIterator[DiscordHouse]:
    """A house with one process; leaving it checks everything, unless the test has failed already."""
    remember_owners(asyncio.get_running_loop())
    store = await Store.open(database_url, folder)
    try:
        async with (
            ProviderServer(models=SERVED) as provider,
            FakeDiscord(clock=ManualClock()) as fake,
        ):
            # The limits are those of the benchmarks; here a minute of delivery's clock passes in three seconds.
            fake.meters_off = True
            fake.build.permit(fake.private, fake.bot, allow=INVITED)
            house = DiscordHouse(store, provider, fake, answers)
            logging.getLogger().addHandler(house.loud)
            with pointed_at(fake):
                try:
                    await house.start()
                    yield house
                    await house.settled()
                finally:
                    logging.getLogger().removeHandler(house.loud)
                    await house.pull_down()
    finally:
        await store.close()
