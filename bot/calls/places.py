"""Places for requests that run at once: so many for each credential, taken in the order of asking."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable


class Places:
    """One process's places. A limit is given with each asking, for it may change at any time."""

    def __init__(self) -> None:
        self._rows: dict[Hashable, _Row] = {}

    async def take(self, whose: Hashable, limit: int, patience: float) -> bool:
        """Take a place, waiting for at most ``patience`` seconds; false where none became free."""
        row = self._rows.setdefault(whose, _Row())
        try:
            return await row.take(limit, patience)
        finally:
            self._tidy(whose, row)

    def leave(self, whose: Hashable) -> None:
        """Give a place back, to whoever has waited longest."""
        row = self._rows[whose]
        row.leave()
        self._tidy(whose, row)

    def _tidy(self, whose: Hashable, row: _Row) -> None:
        if not row.taken and not row.waiting:
            self._rows.pop(whose, None)


class _Row:
    def __init__(self) -> None:
        self.taken, self._limit = 0, 0
        self.waiting: deque[asyncio.Future[None]] = deque()

    async def take(self, limit: int, patience: float) -> bool:
        self._limit = limit
        self._let_in()
        if self.taken < limit and not self.waiting:
            self.taken += 1
            return True
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        try:
            await asyncio.wait((turn,), timeout=patience)
        except asyncio.CancelledError:
            if turn.done():
                self.leave()
            raise
        finally:
            if not turn.done():
                self.waiting.remove(turn)
        return turn.done()

    def leave(self) -> None:
        self.taken -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self.waiting and self.taken < self._limit:
            self.taken += 1
            self.waiting.popleft().set_result(None)
