"""The Discord edge: connects every bot and takes what Discord tells it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from contextlib import AsyncExitStack

import discord

from bot.adapters.discord.bots import Bot, Bots, connect, session
from bot.adapters.discord.hooks import Commands
from bot.adapters.discord.incoming.gateway import address, calm
from bot.adapters.discord.incoming.intake import Intake
from bot.adapters.discord.incoming.listener import Listener
from bot.adapters.discord.incoming.marks import Marks
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.adapters.discord.settings import DiscordSettings
from bot.commands.command import Desk
from bot.conversation.engine import Engine
from bot.conversation.settings import Settings
from bot.core.background import Background
from bot.core.errors import SwitchboardError
from storage.store import Store

log = logging.getLogger(__name__)

CONNECTING = "The connection to Discord is being made."
_NO_SUCH_TOKEN, _NO_SUCH_INTENT = 4004, 4014


class DiscordNotReady(SwitchboardError):
    """No bot can be connected; ``say`` tells what to do about it."""


class DiscordEdge:
    """Runs under a supervisor. ``pause`` is what Discord wants between two sessions of a bot, in seconds."""

    def __init__(
        self,
        settings: DiscordSettings,
        *,
        store: Store,
        engine: Engine,
        desk: Desk,
        surface: DiscordSurface,
        bots: Bots,
        widening: Settings,
        commands: Commands,
        pause: float = 5.0,
    ) -> None:
        self._settings, self._store, self._engine, self._desk = settings, store, engine, desk
        self._surface, self._bots, self._widening, self._commands = surface, bots, widening, commands
        self._pause = pause
        self.listeners: tuple[Listener, ...] = ()
        self._troubles: tuple[str, ...] = ()

    async def run(self) -> None:
        """Connect the bots, then stay. Raises DiscordNotReady, or PlatformDown where Discord is away."""
        address(self._settings)
        calm()
        async with AsyncExitStack() as stack:
            speaking = await stack.enter_async_context(session())
            stack.callback(self._forget)
            stack.push_async_callback(self._surface.close)
            self._troubles = await connect(self._settings, speaking, self._bots)
            if not list(self._bots):
                raise DiscordNotReady(say=" ".join(self._troubles))
            marks = Marks(self._store)
            stack.push_async_callback(marks.write)
            background = Background("discord")
            stack.push_async_callback(background.close)
            stack.push_async_callback(self._commands.close)
            self._open(marks, background)
            await self._listen(marks)

    def use(self, settings: DiscordSettings) -> None:
        """Connect other bots from the next ``run`` on. Everything but the tokens stays as it was."""
        self._settings = settings

    def health(self) -> str:
        """What does not work just now, in sentences; "ok" where everything does."""
        connected = bool(self.listeners) and all(one.listens for one in self.listeners)
        connecting = [] if connected else [CONNECTING]
        return " ".join([*self._troubles, *self._commands.troubles, *connecting]) or "ok"

    def _open(self, marks: Marks, background: Background) -> None:
        intake = Intake(
            self._settings,
            bots=self._bots,
            store=self._store,
            engine=self._engine,
            widening=self._widening,
            desk=self._desk,
            surface=self._surface,
            commands=self._commands,
            marks=marks,
            background=background,
        )
        self.listeners = tuple(
            Listener(
                bot,
                self._settings,
                bots=self._bots,
                intake=intake,
                marks=marks,
                surface=self._surface,
                commands=self._commands,
                background=background,
                left=self._left,
                pause=self._pause,
            )
            for bot in self._bots
        )

    async def _listen(self, marks: Marks) -> None:
        """All bots at once. Those that are refused for good leave the others be; what else breaks ends it all."""
        running = {
            asyncio.create_task(self._one(one), name=f"discord: {one.bot.name}") for one in self.listeners
        }
        writing = asyncio.create_task(marks.run(), name="discord: marks")
        try:
            await asyncio.wait({*running, writing}, return_when=asyncio.FIRST_EXCEPTION)
            done = [task for task in (*running, writing) if task.done()]
            for task in done:
                task.result()
            raise DiscordNotReady(say=" ".join(self._troubles))
        finally:
            for task in (*running, writing):
                task.cancel()
            await asyncio.gather(*running, writing, return_exceptions=True)

    async def _one(self, listener: Listener) -> None:
        try:
            await listener.run()
        except (discord.LoginFailure, discord.PrivilegedIntentsRequired, discord.ConnectionClosed) as error:
            say = _sentence(listener.bot, error)
            if say is None:
                raise
            log.warning("%s", say)
            self._bots.drop(listener.bot)
            self._troubles += (say,)
            self.listeners = tuple(one for one in self.listeners if one is not listener)
            if not self.listeners:
                raise DiscordNotReady(say=" ".join(self._troubles)) from error
            self._left(listener.bot.guilds)

    def _left(self, guilds: Collection[str]) -> None:
        for listener in self.listeners:
            listener.take_over(guilds)

    def _forget(self) -> None:
        self.listeners = ()
        for bot in list(self._bots):
            self._bots.drop(bot)
        self._bots.known = False


def _sentence(bot: Bot, error: Exception) -> str | None:
    """What is to be done about a bot that is refused for good, None where it is not."""
    code = error.code if isinstance(error, discord.ConnectionClosed) else None
    portal = f"of {bot.name} at https://discord.com/developers/applications/{bot.application_id}/bot"
    if isinstance(error, discord.PrivilegedIntentsRequired) or code == _NO_SUCH_INTENT:
        return f"Discord lets {bot.name} read nothing: switch on “Message Content Intent” on the page “Bot” {portal}."
    if isinstance(error, discord.LoginFailure) or code == _NO_SUCH_TOKEN:
        return (
            f"The bot token of {bot.name} is no longer valid: reset it on the page “Bot” {portal}, and put the new one"
            " into DISCORD_BOT_TOKEN."
        )
    return None
