"""Messages of ours: made, changed and read again, each by one call and around what Discord minds."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

from bot.adapters.discord.bots import Bot
from bot.adapters.discord.outgoing import budgets, calls
from bot.adapters.discord.outgoing.calls import Answer, DiscordRefusal, call
from bot.adapters.discord.outgoing.memory import Memory, same
from bot.adapters.discord.outgoing.render import JSON, NO_PREVIEWS, NOBODY, attached, components, content
from bot.adapters.discord.outgoing.threads import Spot
from bot.adapters.discord.pace import READING
from bot.core.errors import MessageFrozen, PlatformBusy
from bot.core.view import Picture, View

log = logging.getLogger(__name__)

_PAGE, _MOST_PAGES = 100, 5
# The message stays as it is; what is missing can go into a new one.
_FROZEN = frozenset({calls.OLD_EDITS, calls.NOT_OURS})
# The words can do without what goes with them.
_NO_PICTURE = frozenset({calls.MISSING_PERMISSIONS, calls.TOO_LARGE})
_REFERENCE = "message_reference"


class Messages:
    """Raises as ``calls.call`` does, and MessageFrozen where a message takes no edit."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def create(self, bot: Bot, spot: Spot, view: View, key: str, budget: str) -> tuple[str, Answer]:
        """Show a new message; a repetition finds the one before. Returns its id."""
        said = content(view)
        body: JSON = {
            "content": said,
            "components": components(view, key),
            "allowed_mentions": NOBODY,
            "flags": NO_PREVIEWS,
            "nonce": key,
            "enforce_nonce": True,
        }
        if spot.replies_to:
            body[_REFERENCE] = {"message_id": spot.replies_to, "fail_if_not_exists": False}
        answer = await self._created(bot, spot, body, budget, view.picture)
        message = str(answer.body["id"])
        self._memory.put(spot.channel, message, key)
        if not same(str(answer.body.get("content", "")), said):
            # The nonce was known: this is the message of an earlier try, which shows what was due then.
            log.info("a message in %s was there already", spot.channel)
            await self._mended(bot, spot.channel, message, view)
        return message, answer

    async def edit(self, bot: Bot, channel: str, message: str, view: View, budget: str) -> Answer:
        """Let a message show this view."""
        try:
            return await self._edited(bot, channel, message, view, budget)
        except DiscordRefusal as refusal:
            if refusal.code in _FROZEN:
                raise MessageFrozen(str(refusal)) from refusal
            if refusal.code != calls.ARCHIVED:
                raise
        if not await self._reopened(bot, channel, budget):
            raise MessageFrozen(f"the thread {channel} is archived")
        return await self._edited(bot, channel, message, view, budget)

    async def ours(self, bot: Bot, channel: str, since: str) -> AsyncIterator[list[Mapping[str, Any]]]:
        """Our own messages in a channel, a page at a time; the newest first, or from ``since`` on."""
        at = {"after": since} if since else {}
        for _ in range(_MOST_PAGES):
            params = {"limit": str(_PAGE), **at}
            path, what = f"/channels/{channel}/messages", "get messages"
            got = (await call(bot, "GET", path, what=what, budget="", params=params, spare=READING)).body
            yield [one for one in got if one.get("author", {}).get("id") == bot.user_id]
            if len(got) < _PAGE:
                return
            ids = [int(one["id"]) for one in got]
            at = {"after": str(max(ids))} if since else {"before": str(min(ids))}

    async def _created(
        self, bot: Bot, spot: Spot, body: JSON, budget: str, picture: Picture | None
    ) -> Answer:
        path, what = f"/channels/{spot.channel}/messages", "create message"
        try:
            shown = attached(body, picture)
            return await call(bot, "POST", path, shown, what=what, budget=budget, picture=picture)
        except DiscordRefusal as refusal:
            if refusal.code == calls.ARCHIVED:
                if not await self._reopened(bot, spot.channel, budget):
                    raise
            elif picture is not None and refusal.code in _NO_PICTURE:
                picture = None
            elif not _left_out(body, refusal):
                raise
            log.warning("%s; tried another way", refusal)
        shown = attached(body, picture)
        return await call(bot, "POST", path, shown, what=what, budget=budget, picture=picture)

    async def _mended(self, bot: Bot, channel: str, message: str, view: View) -> None:
        """Bring a message that was found up to date, unless it takes no edits any more."""
        budget = budgets.edit(bot, channel)[0].name
        try:
            await self.edit(bot, channel, message, view, budget)
        except MessageFrozen as frozen:
            log.warning("message %s in %s stays as it was found: %s", message, channel, frozen)
        except PlatformBusy as busy:
            # A refusal of the edit must not be taken for one of the post.
            raise calls.unanswered(busy) from busy

    async def _edited(self, bot: Bot, channel: str, message: str, view: View, budget: str) -> Answer:
        body: JSON = {
            "content": content(view),
            "components": components(view, self._memory.key(message)),
            "allowed_mentions": NOBODY,
        }
        path, what = f"/channels/{channel}/messages/{message}", "edit message"
        try:
            return await call(bot, "PATCH", path, body, what=what, budget=budget)
        except DiscordRefusal as refusal:
            if not _left_out(body, refusal):
                raise
            log.warning("%s; tried another way", refusal)
        return await call(bot, "PATCH", path, body, what=what, budget=budget)

    async def _reopened(self, bot: Bot, thread: str, budget: str) -> bool:
        """Take a thread out of the archive, where we may."""
        what = "open thread again"
        try:
            await call(bot, "PATCH", f"/channels/{thread}", {"archived": False}, what=what, budget=budget)
        except DiscordRefusal as refusal:
            log.info("%s", refusal)
            return False
        return True


def _left_out(body: JSON, refusal: DiscordRefusal) -> bool:
    """Leave out of a message what Discord minds in it, where the text can do without; whether that was so."""
    if refusal.code == calls.UNREADABLE_REFERENCE or _REFERENCE in refusal.fields:
        return body.pop(_REFERENCE, None) is not None
    if refusal.code == calls.BAD_FORM and "components" in refusal.fields and body.get("components"):
        body["components"] = []
        return True
    return False
