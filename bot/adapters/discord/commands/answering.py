"""Running an order of an interaction, and showing what it comes to: in time, later, or too late for the interaction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from bot.adapters.discord.bots import Bot
from bot.adapters.discord.commands.asker import Asker
from bot.adapters.discord.commands.exchange import Exchange, Expired, bodies_of
from bot.adapters.discord.outgoing.render import JSON
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.commands.command import Answer, Desk
from bot.commands.orders import answer_key, carried_out
from bot.conversation.delivery.delivery import Delivery
from bot.core.background import Background
from bot.core.errors import PlatformError
from bot.core.place import Place
from bot.core.view import View
from storage.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

_MOST = 5  # messages that follow a promise, where we are a guest


class Answering:
    """Knows the desk, and every way in which Discord lets an answer be seen.

    ``quick`` is how many seconds an order may take before time is asked for, of the three that Discord waits.
    """

    def __init__(
        self, desk: Desk, delivery: Delivery, surface: DiscordSurface, *, store: Store, quick: float
    ) -> None:
        self.background = Background("discord")
        self._desk, self._delivery, self._surface, self._store = desk, delivery, surface, store
        self._quick = quick

    async def answer(self, asker: Asker, key: str, line: str, about: str = "") -> Answer:
        """Do what the line says, ``about`` a message. Never raises: what goes wrong is an answer too."""
        return await carried_out(self._desk, self._store, asker.order(key, about), line)

    async def meanwhile(self, exchange: Exchange, work: Coroutine[Any, Any, T]) -> T:
        """Work, of which Discord hears in time that it goes on."""
        running = self.background.start(work, "an order")
        left = exchange.began + self._quick - asyncio.get_running_loop().time()
        done, _ = await asyncio.wait({running}, timeout=max(0.0, left))
        if not done:
            await self.unsaid(exchange)
        return await running

    async def show(self, exchange: Exchange, asker: Asker, answer: Answer) -> None:
        """Answer with what the desk said: for all where the place looks different now, else for who asked."""
        await self.tell(exchange, asker, answer.view, aloud=answer.refresh, private=answer.private)

    async def tell(
        self,
        exchange: Exchange,
        asker: Asker,
        view: View,
        *,
        aloud: bool = False,
        private: bool = False,
    ) -> None:
        """Answer with a view; a ``private`` one is shown to who asked or to nobody."""

        async def say() -> None:
            bodies = bodies_of(view, exchange.key)
            await exchange.say(_few(bodies) if asker.guest else bodies, aloud=aloud, picture=view.picture)

        await self.shown(exchange, asker, view, say, private=private)

    async def unsaid(self, exchange: Exchange) -> None:
        """Say no more than that it was heard."""
        try:
            await exchange.promise()
        except PlatformError as error:
            log.warning("an interaction was not answered: %s", error)

    async def shown(
        self,
        exchange: Exchange,
        asker: Asker,
        view: View,
        saying: Callable[[], Awaitable[None]],
        *,
        private: bool = False,
    ) -> None:
        """Say it; where the interaction takes no more, post the view instead, unless we are only a guest there."""
        try:
            await saying()
        except Expired as expired:
            log.warning("answered too late at %s: %s", asker.place, expired)
            if not (asker.guest or (private and not asker.direct)):
                await self.post(exchange.bot, asker.place, view, exchange.key)
        except PlatformError as error:
            log.warning("an answer could not be shown at %s: %s", asker.place, error)

    async def post(self, bot: Bot, place: Place, view: View, key: str) -> None:
        """Show it as a message like any other, by the bot that was spoken to."""
        if not place.thread:
            self._surface.note_asked(place, bot, place.channel, "", "")
        try:
            await self._delivery.send(self._surface, place, view, answer_key(key))
        except PlatformError as error:
            log.warning("an answer could not be shown at %s: %s", place, error)


def _few(bodies: list[JSON]) -> list[JSON]:
    """As many as Discord takes from a guest; where something is left out, the last ends in an ellipsis."""
    if len(bodies) <= _MOST:
        return bodies
    last = bodies[_MOST - 1]
    return [*bodies[: _MOST - 1], {**last, "content": f"{last['content']}\n…"}]
