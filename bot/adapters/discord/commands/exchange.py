"""One interaction, and the ways in which Discord lets it be answered.

The first answer has three seconds, what follows a quarter of an hour, and whether the first is for one person alone
is settled with it. After that only the bot itself can speak, for all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from bot.adapters.discord.bots import Bot
from bot.adapters.discord.hooks import Event
from bot.adapters.discord.incoming.addressed import moment_of
from bot.adapters.discord.outgoing.calls import DiscordRefusal, call_exempt
from bot.adapters.discord.outgoing.render import (
    JSON,
    LIMITS,
    NO_PREVIEWS,
    NOBODY,
    attached,
    components,
    content,
)
from bot.conversation.pages.pager import Pager
from bot.core.errors import PlatformBusy, PlatformDown, PlatformError
from bot.core.view import Picture, Tone, View

log = logging.getLogger(__name__)

_SAY, _DEFER, _DEFER_UPDATE, _UPDATE, _CHOICES, _MODAL = 4, 5, 6, 7, 8, 9
COMMAND, COMPONENT, COMPLETION, SUBMISSION = range(2, 6)  # kinds of interactions
_EPHEMERAL = 1 << 6
_ANSWERED, _UNKNOWN, _NO_WEBHOOK, _TOO_LATE = 40060, 10062, 10015, 50027
_TRIES, _PAUSE = 3, 0.3  # seconds
_DONE = "Done. What changed is said below, for everybody."


class Expired(PlatformError):
    """The interaction takes no answer any more."""


class Exchange:
    """Answers an interaction.

    ``kind`` and ``data`` are what was done as Discord says it, ``source`` is the id of the message whose button or
    menu was used, ``at`` when that was, by Discord's clock, and ``began`` when we heard of it, by the loop's.
    ``key`` is what the answer's buttons carry. What another process with the same token answered first is its to
    answer: here all that follows shows nothing.
    """

    def __init__(self, bot: Bot, payload: Event) -> None:
        self.bot, self.payload = bot, payload
        self.id, self._token = str(payload["id"]), str(payload["token"])
        self.kind, self.data = int(payload["type"]), cast(Event, payload.get("data") or {})
        self.source = str((payload.get("message") or {}).get("id") or "")
        self.key, self.at = f"i{self.id}", moment_of(self.id).timestamp()
        self.began = asyncio.get_running_loop().time()
        self._acknowledged = self._owed = self._unsure = self._elsewhere = False

    async def promise(self) -> None:
        """Win a quarter of an hour. What a command is answered with is for its asker alone from now on."""
        if self._acknowledged:
            return
        kind = _DEFER_UPDATE if self.source else _DEFER
        await self._first(kind, {} if self.source else {"flags": _EPHEMERAL})
        self._owed = not self.source and not self._elsewhere

    async def say(self, bodies: Sequence[JSON], *, aloud: bool, picture: Picture | None = None) -> None:
        """Answer with messages, for all or for the asker alone. Raises Expired and what ``calls.call`` does.

        A ``picture`` goes with the last.
        """
        if self._owed and aloud:
            await self.say([plain(_DONE)], aloud=False)
        for number, said in enumerate(bodies, 1):
            with_it = picture if number == len(bodies) else None
            body = attached(said, with_it)
            flagged = {**body, "flags": NO_PREVIEWS | (0 if aloud else _EPHEMERAL)}
            if self._elsewhere:
                return
            if not self._acknowledged:
                await self._first(_SAY, flagged, with_it)
            elif self._owed:
                self._owed = False
                await self._edit(body, with_it)
            else:
                await self._call("POST", self._webhook, flagged, with_it, what="follow up", again=False)

    async def change(self, body: JSON) -> None:
        """Let the message that was used show something else. Raises as ``say`` does."""
        if self._elsewhere:
            return
        if self._acknowledged:
            await self._edit(body)
        else:
            await self._first(_UPDATE, body)

    async def offer(self, choices: Sequence[JSON]) -> None:
        """Ways to complete what is being typed."""
        await self._first(_CHOICES, {"choices": list(choices)})

    async def ask(self, form: JSON) -> None:
        """Open a form."""
        await self._first(_MODAL, form)

    @property
    def _webhook(self) -> str:
        return f"/webhooks/{self.payload['application_id']}/{self._token}"

    async def _first(self, kind: int, data: JSON, picture: Picture | None = None) -> None:
        path = f"/interactions/{self.id}/{self._token}/callback"
        try:
            body = {"type": kind, "data": data}
            await self._call("POST", path, body, picture, what="answer an interaction")
        except DiscordRefusal as refusal:
            if refusal.code != _ANSWERED:
                raise
            # By a try of ours that only seemed to fail, or else by somebody else.
            self._elsewhere = not self._unsure
        self._acknowledged = True

    async def _edit(self, body: JSON, picture: Picture | None = None) -> None:
        path = f"{self._webhook}/messages/@original"
        await self._call("PATCH", path, body, picture, what="edit an answer")

    async def _call(
        self, method: str, path: str, body: JSON, picture: Picture | None, *, what: str, again: bool = True
    ) -> None:
        """Try until it is clear. What was not heard of is repeated only where that shows nothing twice."""
        for left in reversed(range(_TRIES)):
            try:
                await call_exempt(self.bot, method, path, body, what=what, picture=picture)
            except DiscordRefusal as refusal:
                if refusal.code in (_UNKNOWN, _NO_WEBHOOK, _TOO_LATE):
                    raise Expired(str(refusal)) from refusal
                raise
            except PlatformBusy as busy:
                if not left:
                    raise
                await asyncio.sleep(min(busy.wait, 5.0))
            except PlatformDown:
                self._unsure = True
                if not left or not again:
                    raise
                await asyncio.sleep(_PAUSE)
            else:
                return


def plain(text: str) -> JSON:
    """A few words."""
    return {"content": text, "components": [], "allowed_mentions": NOBODY}


def bodies_of(view: View, key: str) -> list[JSON]:
    """A view as messages: as many as its text needs, what is beneath it under the last."""
    pager = Pager(LIMITS)
    pager.turn(view.text)
    pages = [pager.page(view.text, number).text for number in range(len(pager.starts))]
    texts = [page for page in pages if page] or [""]
    views = [View(text, tone=Tone.NOTICE) for text in texts]
    views[0] = replace(views[0], tone=view.tone)
    views[-1] = replace(views[-1], footer=view.footer, buttons=view.buttons)
    return [
        {"content": content(one), "components": components(one, key), "allowed_mentions": NOBODY}
        for one in views
    ]
