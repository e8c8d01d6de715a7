"""Small jobs of delivery: one whole message, and the tidying of one that was left behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from bot.conversation.delivery.slots import Rank, Slot
from bot.conversation.pages.pager import Pager, footer_room
from bot.core.errors import PlatformBusy
from bot.core.place import Place
from bot.core.surface import Posted, Surface, Verb
from bot.core.view import View

log = logging.getLogger(__name__)


class Posting:
    """A message that is to exist exactly once. ``message_id`` is the platform's, once it is known.

    ``unsure`` is true from before the first call until its answer: the message may be there without our
    knowing, so it is looked for before it is posted again.
    """

    __slots__ = ("key", "message_id", "unsure")

    def __init__(self, key: str, message_id: str | None = None, *, unsure: bool = False) -> None:
        self.key, self.message_id, self.unsure = key, message_id, unsure

    @property
    def id(self) -> str:
        """The platform's id of a message that is known to exist."""
        assert self.message_id is not None
        return self.message_id

    async def post(self, surface: Surface, place: Place, view: View) -> Posted | None:
        """Post it, unless it is found to be there already; then None, and it shows what was posted then."""
        if self.unsure:
            found = await surface.find(place, [self.key])
            if self.key in found:
                self.message_id, self.unsure = found[self.key], False
                return None
        self.unsure = True
        try:
            posted = await surface.post(place, view, self.key)
        except PlatformBusy:
            self.unsure = False
            raise
        self.message_id, self.unsure = posted.message_id, False
        return posted


class Errand:
    """One whole message, posted with the urgency of a last text; over several messages where it is long."""

    diverts = False

    def __init__(self, surface: Surface, place: Place, view: View, key: str, *, again: bool = False) -> None:
        self.surface, self.place = surface, place
        self.done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._views = _split(surface, view)
        before = [Posting(f"{key[:20]}p{number}", unsure=again) for number in range(1, len(self._views))]
        # The last carries the key itself: whoever finds it knows that all before it are there.
        self._postings = [*before, Posting(key, unsure=again)]
        self._at = 0

    def need(self) -> tuple[Verb, Rank] | None:
        return None if self.done.done() else (Verb.POST, Rank.LAST)

    async def act(self, verb: Verb) -> Posted | None:
        posting = self._postings[self._at]
        posted = await posting.post(self.surface, self.place, self._views[self._at])
        self._at += 1  # posted now, or found to be there
        if self._at == len(self._postings) and not self.done.done():
            self.done.set_result(posting.id)
        return posted

    def fail(self, error: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(error)


def _split(surface: Surface, view: View) -> list[View]:
    pager = Pager(surface.limits)
    pager.turn(view.text)
    texts = [pager.page(view.text, index).text for index in range(len(pager.starts))]
    texts = [text for text in texts if text] or [view.text]
    footer = footer_room(surface.limits).clip(view.footer)
    before = [replace(view, text=text, footer="", buttons=(), picture=None) for text in texts[:-1]]
    return [*before, replace(view, text=texts[-1], footer=footer)]


class Tidy:
    """Takes the mark of growing from a message whose text went on in the next one."""

    diverts = False
    slot: Slot

    def __init__(
        self, surface: Surface, place: Place, message_id: str, view: View, close: Callable[[Slot], None]
    ) -> None:
        self.surface, self.place = surface, place
        self._message_id, self._view, self._close = message_id, view, close
        self._shown = False

    def need(self) -> tuple[Verb, Rank] | None:
        return None if self._shown else (Verb.EDIT, Rank.TIDY)

    async def act(self, verb: Verb) -> Posted | None:
        posted = await self.surface.edit(self.place, self._message_id, self._view)
        self._shown = True
        self._close(self.slot)
        return posted

    def fail(self, error: Exception) -> None:
        log.info("message %s at %s keeps its mark of growing: %s", self._message_id, self.place, error)
