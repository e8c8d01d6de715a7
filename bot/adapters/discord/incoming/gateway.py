"""One bot's connection to Discord's gateway, by discord.py: what comes in as it comes, and what servers look like."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

import discord
import yarl

from bot.adapters.discord.bots import Bot
from bot.adapters.discord.hooks import Event
from bot.adapters.discord.incoming.addressed import Where
from bot.adapters.discord.incoming.wording import Names
from bot.adapters.discord.outgoing.calls import DiscordRefusal, call
from bot.adapters.discord.settings import DiscordSettings

_WANTED = (
    *("READY", "GUILD_CREATE", "GUILD_DELETE", "INTERACTION_CREATE"),
    *("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"),
    *("MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"),
)
_FRAME = re.compile(rf'"t":\s*"(?:{"|".join(_WANTED)})"')
_IDENTIFY = 5.0  # seconds between two that Discord wants, of one bot


def calm() -> None:
    """Let discord.py say what it does about a broken connection in a line: it makes another, and that is all."""
    logging.getLogger("discord").setLevel(logging.WARNING)  # below that stands what people wrote
    for name in ("discord.client", "discord.shard"):
        logging.getLogger(name).addFilter(_in_a_line)


def _in_a_line(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if error is not None and "connect" in str(record.msg):
        record.msg, record.args = f"{record.getMessage()}: {type(error).__name__} {error}", None
        record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
    return True


def _intents() -> discord.Intents:
    intents = discord.Intents.none()
    intents.guilds = intents.guild_messages = intents.dm_messages = intents.message_content = True
    intents.guild_reactions = intents.dm_reactions = True
    return intents


def address(settings: DiscordSettings) -> None:
    """Tell discord.py where Discord is; it has no other setting for that than one of the whole process."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nothing is said aloud here
    if settings.api_url:
        discord.http.Route.BASE = settings.api_url
    if settings.cdn_url:
        discord.asset.Asset.BASE = settings.cdn_url


class Gateway(discord.AutoShardedClient):
    """Hands every event we care about to ``heard``: its name and its JSON, in the order of the shard that told it.

    discord.py keeps servers, channels and roles; of people and messages it keeps nothing. ``pause`` is in seconds.
    """

    def __init__(
        self,
        bot: Bot,
        settings: DiscordSettings,
        heard: Callable[[str, Event], None],
        *,
        pause: float = _IDENTIFY,
    ) -> None:
        super().__init__(
            intents=_intents(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            enable_debug_events=True,  # for the frames as they come
        )
        self._bot, self._settings, self._heard, self._pause = bot, settings, heard, pause
        self._identified = -pause
        self._up: set[int] = set()

    @property
    def listens(self) -> bool:
        """Whether every shard is connected."""
        return bool(self._up) and len(self._up) == (self.shard_count or 1)

    async def run_until_closed(self) -> None:
        """Connect, and stay. Raises discord.LoginFailure, discord.PrivilegedIntentsRequired and what is worse."""
        try:
            await self.start(self._bot.token)
        finally:
            # To its end, even for who is cancelled once more meanwhile: the library has a thread of its own.
            await asyncio.shield(asyncio.create_task(self.close()))

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Connect a shard where the settings say, else where the API does."""
        if self._settings.gateway_url:
            gateway = yarl.URL(self._settings.gateway_url)
        if self._settings.gateway_url or self._settings.api_url:
            # For later sessions the library asks nobody.
            discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = gateway
        await super().launch_shard(gateway, shard_id, initial=initial)

    async def on_socket_raw_receive(self, frame: str) -> None:
        """A frame came; discord.py reads it right after."""
        if _FRAME.search(frame) is None:
            return
        told = json.loads(frame)
        if told.get("t") in _WANTED and isinstance(told.get("d"), dict):
            self._heard(told["t"], told["d"])

    async def on_shard_connect(self, shard_id: int) -> None:
        """A session began."""
        self._up.add(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """A session goes on."""
        self._up.add(shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """A connection broke; discord.py makes another."""
        self._up.discard(shard_id)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Keep the distance that Discord wants; the library's own waits so long every time."""
        clock = asyncio.get_running_loop().time
        wait = self._identified + self._pause - clock()
        self._identified = clock() + max(0.0, wait)
        if wait > 0:
            await asyncio.sleep(wait)

    # What servers look like

    async def where(self, guild: str, channel: str) -> Where | None:
        """Where a message stands; None where we are not let in. Raises PlatformDown and PlatformBusy."""
        if not guild:
            return Where("", channel)
        server = self.get_guild(int(guild))
        found = server.get_channel_or_thread(int(channel)) if server else None
        if found is not None:
            return Where(guild, channel, str(found.parent_id) if isinstance(found, discord.Thread) else "")
        with suppress(DiscordRefusal):
            told = (await call(self._bot, "GET", f"/channels/{channel}", what="get channel", budget="")).body
            is_thread = "thread_metadata" in told
            return Where(guild, channel, str(told.get("parent_id") or "") if is_thread else "")
        return None

    def role(self, guild: str) -> str:
        """The id of the role in a server that is ours alone, "" where there is none."""
        server = self.get_guild(int(guild)) if guild else None
        role = server.self_role if server else None
        return str(role.id) if role else ""

    def names(self, guild: str, roles: Iterable[str], channels: Iterable[str]) -> Names:
        """What roles and channels are called, as far as we see them."""
        server = self.get_guild(int(guild)) if guild else None
        if server is None:
            return Names()
        of_roles = {one: role.name for one in roles if (role := server.get_role(int(one)))}
        of_channels = {one: it.name for one in channels if (it := server.get_channel_or_thread(int(one)))}
        return Names({}, of_roles, of_channels)

    def server(self, guild: str) -> str:
        """What a server is called, "" where we do not see it."""
        found = self.get_guild(int(guild)) if guild else None
        return found.name if found else ""

    def talk(self, guild: str) -> Iterator[tuple[Where, int]]:
        """The channels and open threads of a server whose messages we may read, each with its newest message."""
        server = self.get_guild(int(guild))
        for found in (*server.channels, *server.threads) if server else ():
            if isinstance(found, discord.abc.Messageable) and found.last_message_id and _reads(found):
                parent = str(found.parent_id) if isinstance(found, discord.Thread) else ""
                yield Where(guild, str(found.id), parent), found.last_message_id


def _reads(channel: discord.abc.GuildChannel | discord.Thread) -> bool:
    if isinstance(channel, discord.Thread) and channel.parent is None:
        return True
    allowed = channel.permissions_for(channel.guild.me)
    return allowed.view_channel and allowed.read_message_history
