"""What keeps messages in their order and twins apart, in this process."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")

_MOST = 2_000  # of what is remembered


class Turns:
    """What is said at one place is taken in the order it came, though some of it needs a look at Slack first.

    Without this a quick second message would find no conversation yet, and not be meant for us.
    """

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def at(self, place: str) -> AsyncIterator[None]:
        """Wait for one's turn at a place."""
        lock = self._locks.setdefault(place, asyncio.Lock())
        self._waiting[place] += 1
        try:
            async with lock:
                yield
        finally:
            self._waiting[place] -= 1
            if not self._waiting[place]:
                del self._waiting[place], self._locks[place]


class Twins:
    """A mention in a channel comes twice: as ``message`` and as ``app_mention``, in no promised order.

    The first has the files, the second often has not; so it waits a moment for the first, where that is to be
    expected: where messages of that channel were told before, or none was ever looked for in vain.
    """

    def __init__(self, seconds: float = 1.0) -> None:
        self._seconds = seconds
        self._told: OrderedDict[str, bool] = OrderedDict()  # by channel: whether its messages come
        self._taken: OrderedDict[str, asyncio.Event] = OrderedDict()  # by message

    def told(self, channel: str) -> None:
        """A ``message`` event of this channel came."""
        _put(self._told, channel, value=True)

    def tells(self, channel: str) -> bool:
        """Whether messages of this channel come, for all we know."""
        return self._told.get(channel, False)

    def taken(self, message: str) -> None:
        """The ``message`` event of this message was dealt with."""
        self._event(message).set()

    async def has_come(self, channel: str, message: str) -> bool:
        """Whether the ``message`` event was or is dealt with, in a moment at the latest."""
        event = self._event(message)
        if not event.is_set() and self._told.get(channel, True):
            try:
                async with asyncio.timeout(self._seconds):
                    await event.wait()
            except TimeoutError:
                self._told.setdefault(channel, False)
        return event.is_set()

    def _event(self, message: str) -> asyncio.Event:
        event = self._taken.get(message)
        if event is None:
            event = asyncio.Event()
            _put(self._taken, message, value=event)
        return event


def _put(remembered: OrderedDict[str, T], key: str, value: T) -> None:
    remembered[key] = value
    remembered.move_to_end(key)
    if len(remembered) > _MOST:
        remembered.popitem(last=False)
