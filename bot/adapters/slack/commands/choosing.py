"""The window for models at work: opened by a trigger, searched, submitted."""

from __future__ import annotations

import asyncio
import logging

from bot.adapters.slack.commands import picker
from bot.adapters.slack.commands.answering import JSON, Answering, teller
from bot.adapters.slack.commands.home import HomeTab
from bot.adapters.slack.commands.picker import Target
from bot.adapters.slack.commands.spots import STRANGER, Ack, Body, order_at
from bot.adapters.slack.workspaces import FAILURES, Workspaces
from bot.commands.command import Answer, Desk
from bot.commands.orders import asked_of
from bot.core.background import Background
from bot.core.view import Tone
from storage.errors import StorageError
from storage.store import Store

log = logging.getLogger(__name__)


class Choosing:
    """Opens the window and does what is chosen there. ``quick``: seconds until the window closes unanswered."""

    def __init__(
        self,
        desk: Desk,
        answering: Answering,
        workspaces: Workspaces,
        *,
        store: Store,
        background: Background,
        home: HomeTab,
        quick: float,
    ) -> None:
        self._home = home
        self._desk, self._answering, self._workspaces, self._store = desk, answering, workspaces, store
        self._background, self._quick = background, quick

    async def open(self, target: Target, trigger: str, key: str) -> None:
        """Open the window; where that fails, say what answers and how else to choose."""
        try:
            choice = await self._desk.chosen(await asked_of(self._store, order_at(target.spot, key)))
            view = picker.window(target, choice)
            await target.spot.workspace.client.views_open(trigger_id=trigger, view=view)
        except (StorageError, ValueError, *FAILURES) as error:
            log.warning("the window for models did not open: %s", error)
            await self._tell(
                target, await self._answering.answer(target.spot, key, "/model"), f"{key}:{trigger}"
            )

    async def options(self, body: Body) -> list[JSON]:
        """What the select offers for the letters typed: what may be used there. Quick: Slack waits three seconds."""
        typed, metadata = str(body.get("value") or ""), str((body.get("view") or {}).get("private_metadata"))
        target = picker.unpacked(metadata, self._workspaces)
        if target is None:
            return []
        try:
            allowed = await self._desk.allowed(await asked_of(self._store, order_at(target.spot, "options")))
        except StorageError as error:
            log.warning("no models are offered: %s", error)
            return []
        return picker.offered(self._desk.offers(typed, allowed), typed)

    async def picked(self, body: Body, ack: Ack) -> None:
        """A model was chosen: what is wrong with it shows in the window, which closes otherwise."""
        view = body["view"]
        target = picker.unpacked(str(view["private_metadata"]), self._workspaces)
        if target is None:
            await ack(**picker.error(STRANGER))
            return
        key = f"window:{view['id']}:{view['hash']}"
        answering = self._answering.answer(target.spot, key, picker.chosen(view, target))
        running = self._background.start(answering, "a choice")
        done, _ = await asyncio.wait({running}, timeout=self._quick)
        if done and running.result().view.tone is Tone.ERROR:
            await ack(**picker.error(running.result().view.text))
            return
        await ack()
        await self._tell(target, await running, key)

    async def _tell(self, target: Target, answer: Answer, key: str) -> None:
        if target.home:
            await self._home.show(target.spot)
        elif target.url:
            aloud = answer.refresh and target.spot.direct
            await teller(target.url)(await self._answering.said(target.spot, answer, aloud=aloud))
        else:
            await self._answering.show(target.spot, answer, key)
