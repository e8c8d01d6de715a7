"""The growing reply: the only writer of one Reply row and of the messages that show it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.conversation.delivery import Delivery
from bot.core.place import Place
from bot.core.surface import Surface
from bot.core.view import Button, Tone


@dataclass(frozen=True, slots=True)
class Journal:
    """The Reply row, under its fence. Anything these raise ends the reply at once and comes out of ``finish``.

    ``write(text, shown)`` keeps all the text so far and how much of it is visible; it returns whether somebody
    asked to stop. ``intend_page(number, key, start, text, shown)`` does the same and in the same step notes that
    page ``number`` (from 1), which begins at ``start`` of the text, is about to be posted under ``key``.
    ``page_sent(key, message_id)`` notes the platform's id of a page, ``page_sealed(key)`` that it shows its last text.
    """

    write: Callable[[str, int], Awaitable[bool]]
    intend_page: Callable[[int, str, int, str, int], Awaitable[bool]]
    page_sent: Callable[[str, str], Awaitable[object]]
    page_sealed: Callable[[str], Awaitable[object]]


class SavedPage(Protocol):
    """A page as an earlier process left it: its row."""

    @property
    def number(self) -> int:
        """From 1."""
        ...

    @property
    def key(self) -> str:
        """Our own id, carried in the platform's message."""
        ...

    @property
    def message_id(self) -> str | None:
        """The platform's id, None where it is not known whether it was posted."""
        ...

    @property
    def state(self) -> str:
        """``intended``, ``sent`` or ``sealed``."""
        ...

    @property
    def start(self) -> int:
        """Where in the text it begins."""
        ...


def _ignore() -> None:
    """Nobody minds."""


class Reply:
    """One answer while it grows. Feed it, then ``finish`` it exactly once, or ``abandon`` it."""

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
        self._journal, self._delivery, self._surface, self._place = journal, delivery, surface, place
        self._new_key = new_key
        self._pages = pages
        self.on_stop: Callable[[], None] = _ignore
        """Called once, between two chunks, when no more text is wanted: somebody asked to stop, or nothing can be shown any more."""
        self.shown = shown

    @property
    def text(self) -> str:
        """All the text so far."""
        raise NotImplementedError

    def feed(self, text: str) -> None:
        """The next piece of the answer."""
        raise NotImplementedError

    def note(self, footer: str) -> None:
        """The running footer, shown with the next edit; never an edit of its own."""
        raise NotImplementedError

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
        raise NotImplementedError

    def abandon(self) -> None:
        """Make no further call; the row and its messages are left for whoever takes them up."""
        raise NotImplementedError
