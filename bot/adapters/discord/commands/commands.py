"""What people say to the bot as commands in Discord: slash commands, buttons, menus, forms, words in messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from bot.adapters.discord.bots import Bot
from bot.adapters.discord.commands import picker
from bot.adapters.discord.commands.admins import is_admin
from bot.adapters.discord.commands.answering import Answering
from bot.adapters.discord.commands.asker import Asker, asker_of
from bot.adapters.discord.commands.choosing import Choosing
from bot.adapters.discord.commands.components import Clicks
from bot.adapters.discord.commands.exchange import (
    COMMAND,
    COMPLETION,
    COMPONENT,
    SUBMISSION,
    Exchange,
    bodies_of,
)
from bot.adapters.discord.commands.offering import choices, line_of
from bot.adapters.discord.commands.sync import Sync
from bot.adapters.discord.hooks import Event, Words
from bot.adapters.discord.incoming.addressed import moment_of
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.commands.command import Answer, Desk
from bot.commands.orders import REPEATS, Order, Recent, asked_of, carried_out
from bot.conversation.delivery.delivery import Delivery
from bot.core.errors import PlatformError
from bot.core.view import Tone, View
from bot.providers.registry import Model
from storage.errors import StorageError
from storage.store import Store

log = logging.getLogger(__name__)

_MODEL, _HELP, _SLASH = "/model", "/help", 1
_NOWHERE = View("Commands cannot be used in this kind of channel.", tone=Tone.ERROR)
_GUEST = "Here only commands reach me. To talk with a model, write to me directly, or have me invited to this server."


class DiscordCommands:
    """Runs what people say as commands, and shows them the answer.

    ``quick`` is how many seconds an order may take before Discord is told to wait.
    """

    def __init__(
        self, desk: Desk, delivery: Delivery, surface: DiscordSurface, store: Store, *, quick: float = 2.0
    ) -> None:
        self._desk, self._store, self._recent, self._quick = desk, store, Recent(), quick
        self._answering = Answering(desk, delivery, surface, store=store, quick=quick)
        self._choosing = Choosing(desk, self._answering, store)
        self._clicks = Clicks(self._answering, self._choosing, store)
        self._sync = Sync(store, self._answering.background)

    async def close(self) -> None:
        """End what has not ended yet; for the shutdown."""
        await self._answering.background.close()

    async def connected(self, bot: Bot) -> None:
        """Tell Discord of the commands, in the background, if they have changed."""
        self._sync.start(bot)

    @property
    def troubles(self) -> tuple[str, ...]:
        """What does not work just now, in sentences for the health."""
        return self._sync.troubles

    async def words(self, words: Words) -> None:
        """Run the line of a message; its answer follows. A repeat of the message does nothing.

        In a channel whose threads are the conversations, what changes nothing is answered there: no thread is opened
        for it.
        """
        if not self._recent.is_new(words.key, moment_of(words.message).timestamp(), REPEATS):
            return
        place = words.place
        shared = bool(place.thread)
        order = Order(
            place,
            words.user,
            words.key,
            in_conversation=True,
            shared=shared,
            name=words.name,
            private=not shared,
            platform_admin=partial(is_admin, words.bot, place.workspace, words.user),
        )
        background = self._answering.background
        running = background.start(carried_out(self._desk, self._store, order, words.line), "a command")
        background.start(self._worded(words, running), "the answer to a command")
        # What is said next finds it done, unless it takes long.
        await asyncio.wait({running}, timeout=self._quick)

    async def _worded(self, words: Words, running: asyncio.Task[Answer]) -> None:
        place, answer = words.place, await running
        beside = not (words.in_conversation or answer.refresh or words.channel == place.thread)
        at = replace(place, thread="") if beside else place
        await self._answering.post(words.bot, at, answer.view, words.key)

    # What people do with what the bot offers

    async def interaction(self, bot: Bot, payload: Event) -> None:
        """Answer it, in time. A repeat does nothing."""
        exchange = Exchange(bot, payload)
        if not self._recent.is_new(exchange.id, exchange.at, REPEATS):
            return
        try:
            await self._heard(exchange)
        except PlatformError as error:
            log.warning("an interaction was not answered: %s", error)

    async def _heard(self, exchange: Exchange) -> None:
        kind, asker = exchange.kind, asker_of(exchange.payload)
        if kind == COMPLETION:
            await exchange.offer(choices(self._desk, exchange.data, await self._allowed(exchange, asker)))
        elif asker is None:
            await exchange.say(bodies_of(_NOWHERE, exchange.key), aloud=False)
        elif kind == COMMAND:
            await self._command(exchange, asker)
        elif kind in (COMPONENT, SUBMISSION):
            await self._used(exchange, asker, str(exchange.data.get("custom_id") or ""))

    async def _allowed(self, exchange: Exchange, asker: Asker | None) -> Callable[[Model], bool]:
        """Which models who types may use there."""
        if asker is None:
            return lambda _: True
        try:
            return await self._desk.allowed(await asked_of(self._store, asker.order(exchange.key)))
        except StorageError as error:
            log.warning("a completion is offered without its rules: %s", error)
            return lambda _: True

    async def _command(self, exchange: Exchange, asker: Asker) -> None:
        if exchange.data.get("type", _SLASH) != _SLASH:
            await self._clicks.menu(exchange, asker)
            return
        line = line_of(exchange.data)
        if line == _MODEL:
            await self._choosing.open(exchange, asker)
            return
        work = self._answering.answer(asker, exchange.key, line)
        answer = await self._answering.meanwhile(exchange, work)
        if line == _HELP and asker.guest:
            answer = _for_guests(answer)
        await self._answering.show(exchange, asker, answer)

    async def _used(self, exchange: Exchange, asker: Asker, custom_id: str) -> None:
        part = picker.part_of(custom_id)
        if part is None:
            await self._clicks.click(exchange, asker, custom_id)
            return
        kind, thread = part
        if exchange.kind == SUBMISSION:
            await self._choosing.search(exchange, asker.at(thread))
        else:
            await self._choosing.used(exchange, asker.at(thread), kind)


def _for_guests(answer: Answer) -> Answer:
    return replace(answer, view=replace(answer.view, text=f"{_GUEST}\n\n{answer.view.text}"))
