"""Entries in a message's menu: in a thread, where no slash command can be given, they are the way to a window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.adapters.slack.commands.answering import sentence, teller
from bot.adapters.slack.commands.choosing import Choosing
from bot.adapters.slack.commands.clicks import Clicks
from bot.adapters.slack.commands.picker import Target
from bot.adapters.slack.commands.spots import STRANGER, Ack, Body, Spot, name_of, spot_of_shortcut
from bot.adapters.slack.workspaces import Workspaces
from bot.commands.orders import NO_CONVERSATION, again
from storage.errors import StorageError
from storage.store import Store

# The callback ids, as the manifest has them.
SWITCH = "switch_model"
RETRY = "retry_message"
FORK = "fork_message"


class Shortcuts:
    """What can be done with the conversation that a message belongs to."""

    def __init__(self, clicks: Clicks, choosing: Choosing, workspaces: Workspaces, store: Store) -> None:
        self._clicks, self._choosing, self._workspaces, self._store = clicks, choosing, workspaces, store

    async def switch(self, body: Body, ack: Ack) -> None:
        """Choose its model."""
        await ack()
        if (spot := await self._spot(body)) is not None:
            trigger = str(body["trigger_id"])
            await self._choosing.open(Target(spot), trigger, f"shortcut:{trigger}")

    async def retry(self, body: Body, ack: Ack) -> None:
        """Answer again: the message itself where it is an answer of ours, else the last question."""
        await ack()
        if (spot := await self._spot(body)) is not None:
            message = body["message"]
            await self._clicks.order(
                spot, str(message["ts"]), again(_values(message)), str(body["action_ts"])
            )

    async def fork(self, body: Body, ack: Ack) -> None:
        """Go on elsewhere from the message, whoever wrote it."""
        await ack()
        if (spot := await self._spot(body)) is not None:
            message = body["message"]
            about = name_of(spot, message)
            await self._clicks.order(spot, str(message["ts"]), "/fork", str(body["action_ts"]), about)

    async def _spot(self, body: Body) -> Spot | None:
        """None where there is no conversation, which the person is told then."""
        tell, workspace = teller(str(body["response_url"])), self._workspaces.get(str(body["team"]["id"]))
        if workspace is None:
            await tell(sentence(STRANGER))
            return None
        spot = spot_of_shortcut(workspace, body)
        try:
            if await self._store.conversations.current(str(spot.place)) is not None:
                return spot
            await tell(sentence(NO_CONVERSATION))
        except StorageError as error:
            await tell(sentence(error.say))
        return None


def _values(message: Mapping[str, Any]) -> Iterator[str]:
    for block in message.get("blocks") or ():
        for element in block.get("elements") or ():
            if isinstance(element, Mapping):
                yield str(element.get("value") or "")
