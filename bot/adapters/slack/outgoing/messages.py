"""Messages that are posted whole and grow by ``chat.update``; and what can be read of our own."""

from __future__ import annotations

import logging

from bot.adapters.slack.outgoing import budgets
from bot.adapters.slack.outgoing.calls import SlackRefusal, call, read
from bot.adapters.slack.outgoing.pictures import Pictures
from bot.adapters.slack.outgoing.render import JSON, blocks, fallback, metadata
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.workspaces import Workspace
from bot.core.errors import MessageFrozen, PlatformBusy, PlatformError
from bot.core.place import Place
from bot.core.surface import Spend
from bot.core.view import View

log = logging.getLogger(__name__)

_BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_QUIET = {"parse": "none", "link_names": False}
_STILL = {"unfurl_links": False, "unfurl_media": False}
_PAGE, _MOST_PAGES = 500, 20


class Messages:
    """The plain way. Every call raises as ``calls.called`` does."""

    def __init__(self, settings: SlackSettings) -> None:
        self._per_minute = settings.updates_per_minute
        self.pictures = Pictures(settings)

    def updates(self, place: Place) -> tuple[Spend, ...]:
        """What an update spends."""
        return (budgets.update(place, self._per_minute),)

    async def post(self, workspace: Workspace, place: Place, view: View, key: str) -> str:
        """Show a new message that carries the key; returns its ts."""
        args = {**_STILL, "metadata": metadata(key), **_where(place)}
        picture = await self.pictures.block(workspace, view.picture)
        try:
            return str((await _shown(workspace, "chat.postMessage", args, view, picture))["ts"])
        except PlatformBusy as busy:
            busy.budget = budgets.of_refused_post(place, busy.wait)
            raise

    async def whisper(self, workspace: Workspace, place: Place, view: View) -> str:
        """Show a message to the one person it is for; it can neither be found nor changed afterwards."""
        args = {"user": view.private_to, **_where(place)}
        picture = await self.pictures.block(workspace, view.picture)
        try:
            answer = await _shown(workspace, "chat.postEphemeral", args, view, picture)
            return str(answer.get("message_ts", ""))
        except PlatformBusy as busy:
            busy.budget = budgets.of_refused_post(place, busy.wait)
            raise

    async def update(
        self, workspace: Workspace, place: Place, ts: str, view: View, key: str | None = None
    ) -> None:
        """Let a message show this view. Without a key the one it carries stays.

        A failure says that its edits are updates from now on. Raises MessageFrozen where it takes none.
        """
        carried = {} if key is None else {"metadata": metadata(key)}
        args = {"channel": place.channel, "ts": ts, **carried}
        try:
            await _shown(workspace, "chat.update", args, view)
        except SlackRefusal as refusal:
            if refusal.code == "edit_window_closed":
                raise MessageFrozen(refusal.code) from refusal
            raise
        except PlatformError as error:
            error.edits = self.updates(place)
            if isinstance(error, PlatformBusy):
                error.budget = self.updates(place)[0].name
            raise

    async def ours(self, workspace: Workspace, place: Place) -> list[JSON]:
        """Our own messages at a place with their metadata, in the order Slack gives them."""
        args: JSON = {"channel": place.channel, "limit": _PAGE, "include_all_metadata": True}
        method = "conversations.history"
        if place.thread:
            method, args = "conversations.replies", {**args, "ts": place.thread}
        found, cursor = list[JSON](), None
        for _ in range(_MOST_PAGES if place.thread else 2):
            answer = await read(workspace, method, {**args, "cursor": cursor})
            found += [message for message in answer.get("messages", []) if _is_ours(message, workspace)]
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return found


def _where(place: Place) -> JSON:
    return {"channel": place.channel, "thread_ts": place.thread or None}


def _is_ours(message: JSON, workspace: Workspace) -> bool:
    return message.get("bot_id") == workspace.bot or message.get("user") == workspace.bot_user


async def _shown(
    workspace: Workspace, method: str, args: JSON, view: View, picture: JSON | None = None
) -> JSON:
    """Make a call that shows the view. What Slack does not take is left out: the picture, then all blocks."""
    said = {**args, **_QUIET, "text": fallback(view)}
    try:
        return await call(workspace, method, {**said, "blocks": blocks(view, picture)})
    except SlackRefusal as refusal:
        if refusal.code not in _BAD_BLOCKS:
            raise
        if picture is not None:
            log.warning("%s at %s; shown without its picture", refusal, workspace.team)
            return await _shown(workspace, method, args, view)
        log.warning("%s at %s; shown without blocks", refusal, workspace.team)
        return await call(workspace, method, said)
