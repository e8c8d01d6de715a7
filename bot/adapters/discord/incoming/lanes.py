"""What happens in a channel is dealt with in its order, one thing after the other, until it is kept.

Discord takes no receipt: what it told once it does not tell again. So while the database or Discord is away the things
wait here, in memory; what a crash then takes is made up for by the next start, since marks never move past them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from bot.core.background import Background
from bot.core.errors import PlatformBusy, PlatformDown
from storage.errors import StorageError

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]

_FIRST, _LONGEST = 0.1, 5.0  # seconds between two tries
_MOST = 500  # things that wait in one lane


class Lanes:
    """One lane per channel, there while something waits in it."""

    def __init__(self, background: Background, most: int = _MOST) -> None:
        self._background, self._most = background, most
        self._waiting: dict[str, deque[Work]] = {}
        self._over: set[str] = set()
        self._closed = 0
        self._open = asyncio.Event()
        self._open.set()

    def shut(self) -> None:
        """Begin nothing more, until ``open`` was called as often."""
        self._closed += 1
        self._open.clear()

    def open(self) -> None:
        """Go on."""
        self._closed -= 1
        if not self._closed:
            self._open.set()

    def put(self, lane: str, work: Work, instead: Work) -> None:
        """To be done after all that waits there; where that is too much already, ``instead`` for all that follows."""
        if lane in self._over:
            return
        if len(self._waiting.get(lane, ())) >= self._most:
            log.warning("too much waits in channel %s; the rest is read again later", lane)
            self._over.add(lane)
            work = instead
        self._lane(lane).append(work)

    def put_first(self, lane: str, work: Work) -> None:
        """To be done before all that waits there."""
        self._lane(lane).appendleft(work)

    def idle(self) -> bool:
        """Whether nothing waits anywhere, nor is held up."""
        return not self._waiting and not self._closed

    def _lane(self, lane: str) -> deque[Work]:
        waiting = self._waiting.get(lane)
        if waiting is None:
            waiting = self._waiting[lane] = deque()
            self._background.start(self._run(lane, waiting), f"channel {lane}")
        return waiting

    async def _run(self, lane: str, waiting: deque[Work]) -> None:
        try:
            while waiting:
                await self._open.wait()
                work = waiting.popleft()
                if not waiting:
                    self._over.discard(lane)
                await _insist(lane, work)
        finally:
            del self._waiting[lane]
            self._over.discard(lane)


async def _insist(lane: str, work: Work) -> None:
    pause = _FIRST
    while True:
        try:
            return await work()
        except (StorageError, PlatformDown, PlatformBusy) as error:
            if pause == _FIRST:
                log.warning("channel %s waits, and tries again: %s", lane, error)
            await asyncio.sleep(max(pause, error.wait if isinstance(error, PlatformBusy) else 0.0))
            pause = min(2 * pause, _LONGEST)
        except Exception:
            log.exception("something in channel %s could not be dealt with", lane)
            return None
