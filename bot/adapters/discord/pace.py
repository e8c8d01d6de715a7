"""The limit of all calls that a bot makes together, texts or not."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CALLS, SECONDS = 49, 1.0  # of fifty
# What a call leaves free for those that matter more: texts leave nothing, and threads little, since a first text
# waits for each, while delivery's own calls (45) leave room for no more than four others.
READING, THREADS, TYPING = 4, 2, 40
_LOOK_AGAIN = 0.02  # seconds, while every call is on its way


class Pace:
    """Lets a call wait for a moment where Discord would refuse it, and with it all that come after.

    Delivery keeps texts within this limit, but does not know of threads, typing and reading. A call counts from
    when it is made until a window after its answer, whenever Discord may have counted it.
    """

    def __init__(self, calls: int = CALLS, seconds: float = SECONDS) -> None:
        self._calls, self._seconds = calls, seconds
        self._flying = 0
        self._answered: deque[float] = deque()

    @asynccontextmanager
    async def turn(self, spare: int = 0) -> AsyncIterator[None]:
        """Room for one call, while so many more calls would still find some."""
        loop = asyncio.get_running_loop()
        while (wait := self._wait(loop.time(), spare)) > 0:  # noqa: ASYNC110 - time is all it waits for
            await asyncio.sleep(wait)
        self._flying += 1
        try:
            yield
        finally:
            self._flying -= 1
            self._answered.append(loop.time())

    def _wait(self, now: float, spare: int) -> float:
        """Seconds until it is worth to look again; 0 where there is room."""
        while self._answered and self._answered[0] + self._seconds <= now:
            self._answered.popleft()
        over = self._flying + len(self._answered) + spare + 1 - self._calls
        if over <= 0:
            return 0.0
        if over > len(self._answered):
            return _LOOK_AGAIN
        return self._answered[over - 1] + self._seconds - now
