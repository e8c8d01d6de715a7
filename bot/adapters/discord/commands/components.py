"""Buttons beneath messages, and entries in a message's menu.

All they need stands in the message, so those from before a restart work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.adapters.discord.commands.answering import Answering
from bot.adapters.discord.commands.asker import Asker, by_message
from bot.adapters.discord.commands.choosing import Choosing
from bot.adapters.discord.commands.exchange import Exchange
from bot.adapters.discord.commands.offering import FORK, RETRY
from bot.adapters.discord.incoming.addressed import key_of
from bot.adapters.discord.outgoing.keys import command_of
from bot.commands.command import Answer
from bot.commands.orders import IMPATIENCE, NO_CONVERSATION, NOT_A_COMMAND, Recent, again, wish_key
from bot.core.view import Tone, View
from storage.errors import StorageError
from storage.store import Store

_MODEL = "model"


class Clicks:
    """Does what buttons and menus say, once however often they are clicked in a moment."""

    def __init__(self, answering: Answering, choosing: Choosing, store: Store) -> None:
        self._answering, self._choosing, self._store = answering, choosing, store
        self._recent = Recent()

    async def click(self, exchange: Exchange, asker: Asker, custom_id: str) -> None:
        """A button that carries a command."""
        command, source = command_of(custom_id), exchange.source
        if command is None or not source:
            await self._answering.show(exchange, asker, NOT_A_COMMAND)
            return
        about = await self._answering.meanwhile(exchange, self._about(asker, source, command))
        if isinstance(about, View):
            await self._answering.tell(exchange, asker, about)
        elif command == _MODEL:
            await self._choosing.open(exchange, about)
        else:
            await self._order(exchange, about, source, f"/{command}")

    async def menu(self, exchange: Exchange, asker: Asker) -> None:
        """An entry in the menu of a message: about the conversation that it belongs to."""
        data = exchange.data
        target = str(data["target_id"])
        message = data["resolved"]["messages"][target]
        about = await self._answering.meanwhile(exchange, self._about(asker, target, begun=True))
        if isinstance(about, View):
            await self._answering.tell(exchange, asker, about)
        elif data["name"] == RETRY:
            # The message itself where it is an answer of ours, else the last question.
            line = again(command for one in _custom_ids(message) if (command := command_of(one)))
            await self._order(exchange, about, target, line)
        elif data["name"] == FORK:
            await self._order(exchange, about, target, "/fork", _name_of(exchange, message))
        else:
            await self._choosing.open(exchange, about)

    async def _order(
        self, exchange: Exchange, asker: Asker, message: str, line: str, named: str = ""
    ) -> None:
        """Do what the line says, once for all who want it of this message before something comes of it."""
        wish, at = (asker.place.channel, message, asker.user, line), exchange.at
        if not self._recent.is_new(wish, at, IMPATIENCE):
            await self._answering.unsaid(exchange)
            return

        async def work() -> Answer:
            key = await wish_key(self._store, asker.place, message, line)
            return await self._answering.answer(asker, key, line, named)

        answer = await self._answering.meanwhile(exchange, work())
        await self._answering.show(exchange, asker, answer)

    async def _about(
        self, asker: Asker, message: str, command: str = "", *, begun: bool = False
    ) -> Asker | View:
        """The person about the message's conversation, or why not. ``begun``: there must be one."""
        try:
            about = await by_message(self._store, asker, message, command)
            if begun and await self._store.conversations.current(str(about.place)) is None:
                return View(NO_CONVERSATION, tone=Tone.NOTICE)
        except StorageError as error:
            return View(error.say, tone=Tone.ERROR)
        return about


def _name_of(exchange: Exchange, message: Mapping[str, Any]) -> str:
    """A message as ``Said.in_reply_to`` names it."""
    ours = str((message.get("author") or {}).get("id")) == exchange.bot.user_id
    return str(message["id"]) if ours else key_of(str(message["channel_id"]), str(message["id"]))


def _custom_ids(message: Mapping[str, Any]) -> Iterator[str]:
    for row in message.get("components") or ():
        for one in row.get("components") or ():
            yield str(one.get("custom_id") or "")
