"""What one bot is told, sorted: into the lanes of the channels, to the commands, or into a look at what was missed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from functools import partial

from bot.adapters.discord.bots import Bot, Bots
from bot.adapters.discord.hooks import Commands, Event
from bot.adapters.discord.incoming.addressed import Where
from bot.adapters.discord.incoming.backfill import BackFill
from bot.adapters.discord.incoming.gateway import Gateway
from bot.adapters.discord.incoming.intake import Intake
from bot.adapters.discord.incoming.lanes import Lanes
from bot.adapters.discord.incoming.marks import Marks
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.adapters.discord.settings import DiscordSettings
from bot.core.background import Background
from storage.errors import StorageError

log = logging.getLogger(__name__)

_GREETING = 5.0  # seconds in which a new session tells of its servers
_AGAIN = 1.0  # seconds between two looks at a database that is away


class Listener:
    """One bot at the gateway. ``left`` is told of servers that it is no longer in; ``pause`` as for ``Gateway``."""

    def __init__(
        self,
        bot: Bot,
        settings: DiscordSettings,
        *,
        bots: Bots,
        intake: Intake,
        marks: Marks,
        surface: DiscordSurface,
        commands: Commands,
        background: Background,
        left: Callable[[Collection[str]], None],
        pause: float,
    ) -> None:
        self.bot, self._bots, self._intake, self._surface = bot, bots, intake, surface
        self._commands, self._background, self._gone = commands, background, left
        self.gateway = Gateway(bot, settings, self._heard, pause=pause)
        self.lanes = Lanes(background)
        self._back_fill = BackFill(
            bot, settings, marks=marks, lanes=self.lanes, background=background, take=self._missed
        )
        self._awaited: dict[str, asyncio.Event] = {}  # servers that a new session has yet to tell of

    @property
    def listens(self) -> bool:
        """Whether everything that happens is heard just now."""
        return self.gateway.listens

    async def run(self) -> None:
        """Listen, until the connection is closed for good. Raises what ``Gateway.run_until_closed`` does."""
        await self.gateway.run_until_closed()

    def _heard(self, name: str, event: Event) -> None:
        """Quick, and in the order in which things happened."""
        match name:
            case "READY":
                self._ready(event)
            case "GUILD_CREATE":
                self._arrived(event)
            case "GUILD_DELETE":
                self._left(event)
            case "INTERACTION_CREATE":
                self._background.start(self._commands.interaction(self.bot, event), "an interaction")
            case _ if self._is_ours(event):
                self._message(name, event)

    def _message(self, name: str, event: Event) -> None:
        channel = str(event.get("channel_id"))
        by_us = str((event.get("author") or {}).get("id")) == self.bot.user_id
        match name:
            case "MESSAGE_CREATE":
                if by_us and event.get("nonce"):
                    self._surface.heard(channel, str(event.get("id")), str(event["nonce"]))
                self._put(channel, event, partial(self._intake.message, self.bot, self.gateway, event))
            case "MESSAGE_UPDATE" if not by_us:
                self._put(channel, event, partial(self._intake.changed, self.bot, self.gateway, event))
            case "MESSAGE_DELETE" | "MESSAGE_DELETE_BULK":
                self._put(channel, event, partial(self._intake.gone, event))
            case "MESSAGE_REACTION_ADD" | "MESSAGE_REACTION_REMOVE" if (
                str(event.get("user_id")) != self.bot.user_id
            ):
                added = name == "MESSAGE_REACTION_ADD"
                self._put(channel, event, partial(self._intake.reacted, event, added=added))
            case _:
                pass

    def _put(self, channel: str, event: Event, work: Callable[[], Awaitable[None]]) -> None:
        self.lanes.put(channel, work, partial(self._overflowed, str(event.get("guild_id") or ""), channel))

    async def _overflowed(self, guild: str, channel: str) -> None:
        """So much waited in a channel that what came last was let go: read it."""
        where = await self.gateway.where(guild, channel)
        if where is not None:
            await self._back_fill.read(where)

    async def _missed(self, event: Event, guild: str) -> None:
        await self._intake.message(self.bot, self.gateway, event, guild)

    def _is_ours(self, event: Event) -> bool:
        return self._speaks(str(event.get("guild_id") or ""))

    def _speaks(self, guild: str) -> bool:
        """Of several bots in one server the first speaks for all."""
        return not guild or next(iter(self._bots.candidates(Where(guild, "").home)), self.bot) is self.bot

    # Sessions and servers

    def _ready(self, event: Event) -> None:
        """A session began: what was said since the one before nobody tells."""
        guilds = [str(one["id"]) for one in event.get("guilds") or ()]
        first = (event.get("shard") or [0])[0] == 0
        self.bot.guilds.update(guilds)
        self._awaited |= {guild: asyncio.Event() for guild in guilds}
        self._begin(guilds, direct=first)
        if first:
            self._background.start(self._commands.connected(self.bot), "a look at the commands")

    def _arrived(self, event: Event) -> None:
        """A server is there: greeted with a session, back after an outage, or we were invited."""
        guild = str(event.get("id"))
        self.bot.guilds.add(guild)
        if (awaited := self._awaited.pop(guild, None)) is not None:
            awaited.set()
        else:
            self._begin([guild], direct=False)

    def _left(self, event: Event) -> None:
        guild = str(event.get("id"))
        if (awaited := self._awaited.pop(guild, None)) is not None:
            awaited.set()
        if not event.get("unavailable"):
            self.bot.guilds.discard(guild)
            log.info("%s is no longer in server %s", self.bot.name, guild)
            self._gone([guild])

    def take_over(self, guilds: Collection[str]) -> None:
        """Another bot of ours no longer speaks in these servers: what it has not taken may be for this one."""
        if mine := sorted(self.bot.guilds.intersection(guilds)):
            self._begin(mine, direct=False)

    def _begin(self, guilds: list[str], *, direct: bool) -> None:
        """Nothing that is live is dealt with before it is known what was missed."""
        awaited = [one for guild in guilds if (one := self._awaited.get(guild)) is not None]
        self.lanes.shut()
        self._background.start(self._made_up(guilds, awaited, direct=direct), "a look at what was missed")

    async def _made_up(self, guilds: list[str], awaited: list[asyncio.Event], *, direct: bool) -> None:
        try:
            try:
                async with asyncio.timeout(_GREETING):
                    for one in awaited:
                        await one.wait()
            except TimeoutError:
                log.info("some servers of %s are out of reach", self.bot.name)
            await self._planned([guild for guild in guilds if self._speaks(guild)], direct=direct)
        finally:
            self.lanes.open()

    async def _planned(self, guilds: list[str], *, direct: bool) -> None:
        while True:
            try:
                return await self._back_fill.plan(self.gateway, guilds, direct=direct)
            except StorageError as error:
                log.warning("what was missed cannot be looked at yet: %s", error)
                await asyncio.sleep(_AGAIN)
