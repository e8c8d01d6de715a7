"""The growing reply: the only writer of one Reply row and of the messages that show it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.conversation.delivery.delivery import Delivery
from bot.conversation.delivery.errand import Posting
from bot.conversation.delivery.slots import Rank, Slot
from bot.conversation.journal import Journal, SavedPage, storable
from bot.conversation.pages.inline import unpinged
from bot.conversation.pages.pager import Page, Pager, footer_room, text_room
from bot.core.errors import MessageFrozen, PlatformBusy
from bot.core.place import Place
from bot.core.surface import Posted, Surface, Verb
from bot.core.view import Button, Tone, View

_INK = re.compile(r"\S")
_STOP = Button("Stop", "stop")  # while it grows

__all__ = ["Journal", "Reply", "SavedPage"]


@dataclass(frozen=True, slots=True)
class _Ending:
    """What the last page shows beside the text."""

    footer: str
    buttons: tuple[Button, ...]
    notice: str
    tone: Tone


class _Sheet(Posting):
    """The message of one page. ``end`` is how far into the text it shows, None where that is not certain.

    A ``frozen`` one stands as it is: the platform takes no edits of it any more.
    """

    __slots__ = ("end", "frozen", "view")

    def __init__(self, key: str, message_id: str | None = None, *, unsure: bool = False) -> None:
        super().__init__(key, message_id, unsure=unsure)
        self.end: int | None = None
        self.view: View | None = None
        self.frozen = False

    def shows(self, view: View) -> bool:
        """Whether a call would change nothing. While the text grows a new footer alone is not worth one."""
        old = self.view
        return old == view or (view.growing and old is not None and old.growing and old.text == view.text)


def _ignore() -> None:
    """Nobody minds."""


class Reply:
    """One answer while it grows. Feed it, then ``finish`` it exactly once, or ``abandon`` it.

    ``text``, ``shown`` and ``pages`` are where an earlier process left it, for one that is taken up again.
    """

    def __init__(
        self,
        journal: Journal,
        delivery: Delivery,
        surface: Surface,
        place: Place,
        *,
        new_key: Callable[[], str],
        text: str = "",
        shown: int = 0,
        pages: Sequence[SavedPage] = (),
    ) -> None:
        self.surface, self.place = surface, place
        # Called at most once, between two chunks, when no more text is wanted: somebody asked
        # to stop, or nothing can be shown any more and ``finish`` will say why.
        self.on_stop: Callable[[], None] = _ignore
        self.shown = shown
        self._journal, self._delivery, self._new_key = journal, delivery, new_key
        self._text, self._chunks, self._dirty = text, list[str](), False
        self._footer = ""
        saved = sorted(pages, key=lambda page: page.number)
        self._pager = Pager(surface.limits, text, [page.start for page in saved])
        self._sheets = [_Sheet(p.key, p.message_id, unsure=p.message_id is None) for p in saved]
        open_pages = (i for i, page in enumerate(saved) if page.state != "sealed")
        self._at = next(open_pages, max(0, len(saved) - 1))  # index of the page that is being shown
        self._ending: _Ending | None = None
        self._slot: Slot | None = None
        self._failure: Exception | None = None
        self._complete = self._stopped = False
        self._done: asyncio.Future[None] | None = None

    # For the engine

    @property
    def text(self) -> str:
        """All the text so far."""
        if self._chunks:
            clean, rest = storable("".join(self._chunks), keep_half=self._ending is None)
            self._text += clean
            self._chunks = [rest] if rest else []
        return self._text

    @property
    def failure(self) -> Exception | None:
        """Why nothing more can be shown or kept, None while it can."""
        return self._failure

    def feed(self, text: str) -> None:
        """The next piece of the answer."""
        self._chunks.append(text)
        if not self._dirty:
            self._dirty = True
            self._stir()

    def note(self, footer: str) -> None:
        """The running footer, shown with the next edit; never an edit of its own."""
        self._footer = footer_room(self.surface.limits).clip(footer)

    async def finish(
        self,
        *,
        footer: str = "",
        buttons: tuple[Button, ...] = (),
        notice: str = "",
        tone: Tone = Tone.REPLY,
    ) -> None:
        """The provider has ended: show all the text and the notice; returns when everything is visible.

        Raises PlaceGone, DeliveryGaveUp, or what the journal raised.
        """
        limits = self.surface.limits
        notice = text_room(limits).clip(unpinged(notice))
        self._ending = _Ending(footer_room(limits).clip(footer), buttons, notice, tone)
        self._done = asyncio.get_running_loop().create_future()
        if self._failure is not None:
            raise self._failure
        slot = self._slot = self._slot or self._delivery.open(self)
        self._delivery.ended(slot)
        self._delivery.touch(slot)
        try:
            await self._done
        finally:
            self._delivery.close(slot)

    def abandon(self) -> None:
        """Make no further call; the row and its messages are left for whoever takes them up."""
        if self._slot is not None:
            self._delivery.close(self._slot)

    def _stir(self) -> None:
        """There is something new to show."""
        if self._slot is None:
            self._slot = self._delivery.open(self)
            self._delivery.grow(self._slot)
        self._delivery.touch(self._slot)

    # For delivery

    def need(self) -> tuple[Verb, Rank] | None:
        """The call that brings the page in hand up to date."""
        if self._complete or not (self._dirty or self._ending):
            return None
        sheet = self._sheet()
        verb = Verb.EDIT if sheet is not None and sheet.message_id is not None else Verb.POST
        if sheet is not None and sheet.frozen:
            return (Verb.POST, Rank.LAST) if self._ending else None
        if self._ending is not None:
            return verb, Rank.LAST
        return verb, Rank.INTERIM if verb is Verb.EDIT else Rank.FIRST

    @property
    def diverts(self) -> bool:
        """Whether there is text that a new message could show, and no doubt about what the last one shows."""
        sheet = self._sheet()
        if sheet is None or sheet.message_id is None or sheet.end is None or self._ending is None:
            return False
        return _INK.search(self.text, sheet.end) is not None

    async def act(self, verb: Verb) -> Posted | None:
        """Show the page in hand as it is now; go on to the next where it is full."""
        text = self.text
        self._pager.turn(text)
        if verb is Verb.POST:
            self._leave(text)
        self._dirty = False
        view, end, more = self._render(text)
        sheet = self._sheet()
        posted = None
        if view.text and not (sheet is not None and sheet.shows(view)):
            self._dirty = True  # until it is known to be visible
            posted = await self._show(view, end, text)
            if posted is None:
                return None
            self._dirty = bool(self._chunks)
        if not view.growing:
            await self._next(more=more)
        return posted

    def fail(self, error: Exception) -> None:
        """Keep the error for ``finish``, and stop a stream that nobody will see."""
        self._failure = error
        if self._done is None:
            self._stop()
        elif not self._done.done():
            self._done.set_exception(error)

    # Showing one page

    def _leave(self, text: str) -> None:
        """Leave a page that finds no edit, or takes none, as it stands, and go on in a new message."""
        sheet = self._sheet()
        if sheet is None or sheet.message_id is None or (sheet.end is None and not sheet.frozen):
            return
        # Where nobody knows what a frozen message shows, its text is rather said twice than not at all.
        end = self._pager.starts[self._at] if sheet.end is None else sheet.end
        self._pager.recut(text, self._at, end)
        if not sheet.frozen:
            tidied = View(self._pager.page(text, self._at).text)
            self._delivery.tidy(self.surface, self.place, sheet.message_id, tidied)
        self._at += 1

    def _sheet(self) -> _Sheet | None:
        return self._sheets[self._at] if self._at < len(self._sheets) else None

    def _render(self, text: str) -> tuple[View, int, bool]:
        """What the page in hand is to show, how far into the text that is, whether a further page follows."""
        pages, ending = len(self._pager.starts), self._ending
        if ending is None:
            growing = self._at == pages - 1
            page = self._pager.page(text, self._at, growing=growing)
            if not growing:
                return View(page.text), page.end, True
            shown = View(page.text, self._footer, (_STOP,), growing=True, closing=page.closing)
            return shown, page.end, False
        page = self._pager.page(text, self._at) if self._at < pages else Page("", len(text))
        more = self._at + 1 < pages and self._pager.page(text, self._at + 1).text != ""
        joined = "\n\n".join(part for part in (page.text, ending.notice) if part)
        if more or (page.text and not text_room(self.surface.limits).holds(joined)):
            return View(page.text), page.end, True
        return View(joined, ending.footer, ending.buttons, tone=ending.tone), page.end, False

    async def _show(self, view: View, end: int, text: str) -> Posted | None:
        """Journal and call; None where an earlier post was found instead, so that an edit must follow."""
        sheet = self._sheet()
        if sheet is None:
            sheet = _Sheet(self._new_key())
            start = self._pager.starts[self._at] if self._at < len(self._pager.starts) else len(text)
            stop = await self._journal.intend_page(self._at + 1, sheet.key, start, text, self.shown)
            self._sheets.append(sheet)
        else:
            stop = await self._journal.write(text, self.shown)
        if stop:
            self._stop()
        posted = await self._call(sheet, view)
        if posted is not None:
            sheet.view, sheet.end = view, end
            self.shown = max(self.shown, end)
        return posted

    async def _call(self, sheet: _Sheet, view: View) -> Posted | None:
        if sheet.message_id is None:
            posted = await sheet.post(self.surface, self.place, view)
            await self._journal.page_sent(sheet.key, sheet.id)
            return posted
        before = sheet.view, sheet.end
        # Until the answer is here nobody knows which of the two texts is visible.
        sheet.view = sheet.end = None
        try:
            return await self.surface.edit(self.place, sheet.message_id, view)
        except PlatformBusy:
            sheet.view, sheet.end = before
            raise
        except MessageFrozen:
            sheet.view, sheet.end = before
            sheet.frozen = True
            return None

    async def _next(self, *, more: bool) -> None:
        """The page in hand shows its last text."""
        if (sheet := self._sheet()) is not None:
            await self._journal.page_sealed(sheet.key)
        self._at += 1
        self._dirty = True
        if self._ending is not None and not more:
            self._complete = True
            if self._done is not None and not self._done.done():
                self._done.set_result(None)

    def _stop(self) -> None:
        if not self._stopped and self._ending is None:
            self._stopped = True
            self.on_stop()
