"""One message that says how something long stands: posted once, edited as that changes, its last words always shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.conversation.delivery.delivery import Delivery
from bot.conversation.delivery.errand import Posting
from bot.conversation.delivery.slots import Rank, Slot
from bot.core.errors import MessageFrozen
from bot.core.place import Place
from bot.core.surface import Posted, Surface, Verb
from bot.core.view import View

Journal = Callable[[str, str | None], Awaitable[None]]


class Bulletin:
    """Say what it is to show with ``show``, and once with ``close``.

    ``journal`` writes down the key before the message is posted, and the platform's id as soon as that is known;
    ``posting`` is the message as an earlier process wrote it down, or a new one.
    """

    diverts = False

    def __init__(
        self, delivery: Delivery, surface: Surface, place: Place, posting: Posting, journal: Journal
    ) -> None:
        self.surface, self.place = surface, place
        self._delivery, self._posting, self._journal = delivery, posting, journal
        self._wanted: View | None = None
        self._shown: View | None = None
        self._slot: Slot | None = None
        self._failure: Exception | None = None
        self._done: asyncio.Future[None] | None = None

    def show(self, view: View) -> None:
        """This from now on, as soon as a call may be spent on it."""
        if self._failure is not None or self._done is not None:
            return
        self._wanted = view
        self._delivery.touch(self._opened())

    async def close(self, view: View) -> None:
        """Show this at last, and return when it is visible. Raises PlaceGone or DeliveryGaveUp."""
        self._wanted, self._done = view, asyncio.get_running_loop().create_future()
        if self._failure is not None:
            raise self._failure
        slot = self._opened()
        self._delivery.touch(slot)
        self._end()
        try:
            await self._done
        finally:
            self._delivery.close(slot)

    def abandon(self) -> None:
        """Make no further call; another process goes on with the message."""
        if self._slot is not None:
            self._delivery.close(self._slot)

    def _opened(self) -> Slot:
        if self._slot is None:
            self._slot = self._delivery.open(self)
        return self._slot

    # For delivery

    def need(self) -> tuple[Verb, Rank] | None:
        """The call that makes it show what it is to show."""
        if self._wanted is None or self._wanted == self._shown:
            return None
        verb = Verb.POST if self._posting.message_id is None else Verb.EDIT
        if self._done is not None:
            return verb, Rank.LAST
        return verb, Rank.FIRST if verb is Verb.POST else Rank.INTERIM

    async def act(self, verb: Verb) -> Posted | None:
        """Post or edit. A message that takes no edits any more is followed by another one for the last words."""
        view = self._wanted
        assert view is not None
        posted = await (self._post(view) if verb is Verb.POST else self._edit(view))
        self._end()
        return posted

    def fail(self, error: Exception) -> None:
        """Nothing more can be shown."""
        self._failure = error
        if self._done is not None and not self._done.done():
            self._done.set_exception(error)

    async def _post(self, view: View) -> Posted | None:
        if not self._posting.unsure:
            await self._journal(self._posting.key, None)
        posted = await self._posting.post(self.surface, self.place, view)
        await self._journal(self._posting.key, self._posting.id)
        # One that is found shows what it was posted with, by whomever: an edit will say how it stands now.
        self._shown = None if posted is None else view
        return posted

    async def _edit(self, view: View) -> Posted | None:
        self._shown = None
        try:
            posted = await self.surface.edit(self.place, self._posting.id, view)
        except MessageFrozen:
            if self._done is None:
                self._shown = view  # what is new will stand in the last words
            else:
                self._posting = Posting(f"{self._posting.key[:24]}e")
            return None
        self._shown = view
        return posted

    def _end(self) -> None:
        if self._done is not None and not self._done.done() and self._wanted == self._shown:
            self._done.set_result(None)
