"""What a growing reply writes down, and what an earlier process wrote."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Journal:
    """The Reply row, under its fence. What these raise ends the reply at once and comes out of ``finish``.

    ``write(text, shown)`` keeps all the text so far and how much of it is visible; it returns whether
    somebody asked to stop. ``intend_page(number, key, start, text, shown)`` does the same and in the same
    step notes that page ``number`` (from 1), which begins at ``start`` of the text, is about to be posted
    under ``key``. ``page_sent(key, message_id)`` notes the platform's id of a page, ``page_sealed(key)``
    that it shows its last text.
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


def storable(text: str, *, keep_half: bool) -> tuple[str, str]:
    """The text as every database and platform takes it, and half a character whose rest has yet to come."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if text.isascii():
        return text, ""
    rest = text[-1] if keep_half and "\ud800" <= text[-1] <= "\udbff" else ""
    text = text[: len(text) - len(rest)]
    try:
        text.encode()
    except UnicodeEncodeError:
        # A provider may send the two halves of a character in two chunks.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text, rest
