"""Running an order, and showing its answer: in the thread, to one person, in an ack, by a response URL."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.adapters.slack.commands.spots import Spot, order_at
from bot.adapters.slack.outgoing.render import blocks, fallback
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.workspaces import FAILURES
from bot.commands.command import COMMANDS, Answer, Desk
from bot.commands.orders import answer_key, carried_out
from bot.conversation.delivery.delivery import Delivery
from bot.core.errors import PlatformError
from bot.core.view import View
from storage.store import Store

log = logging.getLogger(__name__)

JSON = dict[str, Any]
Tell = Callable[[JSON], Awaitable[None]]

_NAMES = "|".join(name for command in COMMANDS for name in (command.name, *command.aliases))
_COMMAND = re.compile(rf"`/(?=(?:{_NAMES})\b)")


class Answering:
    """Knows the desk, and every way in which Slack lets an answer be seen."""

    def __init__(
        self, desk: Desk, delivery: Delivery, surface: SlackSurface, *, store: Store, settings: SlackSettings
    ) -> None:
        self._desk, self._delivery, self._surface, self._store = desk, delivery, surface, store
        self._slash = f"/{settings.prefix}"

    async def answer(self, spot: Spot, key: str, line: str, about: str = "") -> Answer:
        """Do what the line says, ``about`` a message. Never raises: what goes wrong is an answer too."""
        return await carried_out(self._desk, self._store, order_at(spot, key, about), line)

    async def show(self, spot: Spot, answer: Answer, key: str, *, aloud: bool = False) -> None:
        """Post it: for all where the place looks different now, or ``aloud``; else for who asked."""
        for_all = aloud or answer.refresh
        view = self._spelt(answer.view, "!")
        try:
            await self._delivery.send(
                self._surface,
                spot.place if for_all else spot.aside,
                view if for_all else replace(view, private_to=spot.user),
                answer_key(key),
            )
        except PlatformError as error:
            log.warning("an answer could not be shown at %s: %s", spot.place, error)

    async def said(self, spot: Spot, answer: Answer, *, aloud: bool | None = None) -> JSON:
        """The answer in the form of acks and response URLs. ``aloud``: for all to see."""
        view = self._spelt(answer.view, self._slash)
        for_all = answer.refresh if aloud is None else aloud
        return {
            "text": fallback(view),
            "blocks": blocks(view, await self._surface.picture(spot.workspace, view)),
            "response_type": "in_channel" if for_all else "ephemeral",
        }

    def _spelt(self, view: View, mark: str) -> View:
        """Commands as they are written here: no slash command can be given in a thread."""
        return view if mark == "/" else replace(view, text=_COMMAND.sub(f"`{mark}", view.text))


def teller(url: str) -> Tell:
    """Speaks by a response URL, which takes five messages in half an hour."""
    client = AsyncWebhookClient(url)

    async def tell(said: JSON) -> None:
        try:
            answered = await client.send_dict({**said, "replace_original": False})
        except FAILURES as error:
            log.warning("a response URL failed: %s", type(error).__name__)
            return
        if answered.status_code != 200:
            log.warning("a response URL answered %s", answered.status_code)

    return tell


def sentence(text: str) -> JSON:
    """A few words for one person."""
    return {"text": text, "response_type": "ephemeral"}
