"""How far every channel was looked at, written now and then: what came after that is made up for at the next start."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from storage.errors import StorageError
from storage.store import Store

log = logging.getLogger(__name__)

_EVERY = 3.0  # seconds between two times of writing


class Marks:
    """The newest message of each place that was dealt with: kept here at once, in the database a little later.

    Written only after the message is in the inbox, and never while something before it is still to be made up for.
    """

    def __init__(self, store: Store, every: float = _EVERY) -> None:
        self._store, self._every = store, every
        self._new: dict[str, int] = {}
        self._held: Counter[str] = Counter()

    def seen(self, place: str, message: str) -> None:
        """A message was dealt with, and all before it that were not held."""
        self._new[place] = max(int(message), self._new.get(place, 0))

    def hold(self, place: str) -> None:
        """What is seen there from now on is not written, until ``release`` was called as often."""
        self._held[place] += 1

    def release(self, place: str) -> None:
        """What was to be made up for there is dealt with."""
        self._held[place] -= 1
        if self._held[place] < 1:
            del self._held[place]

    async def all(self, within: str = "discord") -> dict[str, int]:
        """Places with a conversation or a mark, the last used first; 0 where there is no mark. Raises StorageDown."""
        written = await self._store.places.watermarks(within)
        return {place: max(int(mark or 0), self._new.get(place, 0)) for place, mark in written.items()} | {
            place: mark for place, mark in self._new.items() if place not in written
        }

    async def of(self, place: str) -> int:
        """The mark of one place, 0 where there is none. Raises StorageDown."""
        written = await self._store.places.watermark(place)
        return max(int(written or 0), self._new.get(place, 0))

    async def run(self) -> None:
        """Write, until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            await self.write()

    async def write(self) -> None:
        """Write what is new and not held. What cannot be written now is written the next time."""
        writing = {place: mark for place, mark in self._new.items() if place not in self._held}
        try:
            await self._store.places.set_watermarks({place: str(mark) for place, mark in writing.items()})
        except StorageError as error:
            log.warning("how far channels were read could not be written: %s", error)
            return
        for place, mark in writing.items():
            if self._new.get(place) == mark:
                del self._new[place]
