"""The app's own page in Slack, its Home tab: which model answers this person and why, their usage and budgets."""

from __future__ import annotations

import logging
from typing import Any

from bot.adapters.slack.commands.spots import Spot, order_at
from bot.adapters.slack.incoming.addressed import PLATFORM
from bot.adapters.slack.outgoing.render import clipped, escaped
from bot.adapters.slack.workspaces import FAILURES, Workspace
from bot.commands.command import Desk
from bot.commands.orders import asked_of
from bot.commands.own import Own, budget, usage
from bot.core.place import Place
from storage.errors import StorageError
from storage.store import Store

log = logging.getLogger(__name__)

JSON = dict[str, Any]

CHOOSE, TAKE_BACK = "home:model", "home:default"  # the buttons' action ids
_TEXT = 3_000


class HomeTab:
    """Shows the page."""

    def __init__(self, desk: Desk, store: Store) -> None:
        self._desk, self._store = desk, store

    async def show(self, spot: Spot) -> None:
        """Publish the page of a person as things stand. Best effort."""
        try:
            found = await self._desk.own(await asked_of(self._store, order_at(spot, "home")))
            blocks = page(found)
        except StorageError as error:
            blocks = [_section(error.say)]
        try:
            await spot.workspace.client.views_publish(
                user_id=spot.user, view={"type": "home", "blocks": blocks}
            )
        except FAILURES as error:
            log.info("a home tab was not shown: %s", type(error).__name__)


def spot_at_home(workspace: Workspace, user: str) -> Spot:
    """Where somebody is on the app's page: in the workspace, alone with us."""
    place = Place(PLATFORM, workspace.team)
    return Spot(workspace, user, place, place, in_conversation=False, direct=True)


def page(found: Own) -> list[JSON]:
    """The blocks of the page."""
    choice = found.choice
    buttons = [_button("Choose my default model", CHOOSE)]
    if choice.level == "person":
        buttons.append(_button("Take it back", TAKE_BACK))
    lines = [f"• {escaped(budget(line))}" for line in found.budgets] or ["No budget binds you."]
    return [
        _header("Your model"),
        _section(
            f"*{escaped(str(choice.model))}* answers you here: {escaped(choice.reason)}."
            " A thread or a channel may have chosen another."
        ),
        {"type": "actions", "block_id": "choose", "elements": buttons},
        _header("This month"),
        _section(escaped(usage(found.used))),
        _header("Budgets"),
        _section("\n".join(lines)),
        {"type": "context", "elements": [_plain("Mention me in a channel, or write to me under Messages.")]},
    ]


def _button(label: str, action: str) -> JSON:
    return {"type": "button", "action_id": action, "text": _plain(label)}


def _header(text: str) -> JSON:
    return {"type": "header", "text": _plain(text)}


def _section(text: str) -> JSON:
    return {"type": "section", "text": {"type": "mrkdwn", "text": clipped(text, _TEXT)}}


def _plain(text: str) -> JSON:
    return {"type": "plain_text", "text": text}
