"""Buttons beneath answers. All that a click needs stands in the message, so those from before a restart work."""

from __future__ import annotations

from bot.adapters.slack.commands.answering import Answering, sentence, teller
from bot.adapters.slack.commands.choosing import Choosing
from bot.adapters.slack.commands.picker import Target
from bot.adapters.slack.commands.spots import STRANGER, Ack, Body, Spot, spot_of_click
from bot.adapters.slack.workspaces import Workspaces
from bot.commands.orders import IMPATIENCE, Recent, wish_key
from storage.store import Store

_MODEL = "model"


class Clicks:
    """Does what buttons say, once however often they are clicked in a moment."""

    def __init__(
        self, answering: Answering, choosing: Choosing, workspaces: Workspaces, store: Store
    ) -> None:
        self._answering, self._choosing, self._workspaces, self._store = (
            answering,
            choosing,
            workspaces,
            store,
        )
        self._recent = Recent()

    async def click(self, body: Body, ack: Ack) -> None:
        """A button whose value is a command."""
        await ack()
        action = body["actions"][0]
        workspace = self._workspaces.get(str(body["team"]["id"]))
        if workspace is None:
            await teller(str(body["response_url"]))(sentence(STRANGER))
            return
        spot, command = spot_of_click(workspace, body), str(action.get("value") or "")
        message = str(body["container"].get("message_ts") or "")
        if command == _MODEL:
            trigger = str(body["trigger_id"])
            await self._choosing.open(Target(spot), trigger, f"click:{trigger}")
        else:
            await self.order(spot, message, f"/{command}", str(action["action_ts"]))

    async def order(self, spot: Spot, message: str, line: str, at: str, about: str = "") -> None:
        """Do what the line says, once for all who want it of this message before something comes of it.

        ``at`` is when it was clicked, as Slack writes moments; ``about`` names the message, as in ``Asked``.
        """
        channel = f"{spot.workspace.team}/{spot.place.channel}"
        if not self._recent.is_new((channel, message, spot.user, line), float(at), IMPATIENCE):
            return
        key = await wish_key(self._store, spot.place, message, line)
        answer = await self._answering.answer(spot, key, line, about)
        await self._answering.show(spot, answer, f"{key}:{at}")
