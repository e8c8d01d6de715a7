"""Which processes live: leases hold as long as their owner's heartbeat moves.

A beat is a counter, and whoever watches judges it by a clock of its own that cannot be set: a jump of the
wall clock, or two machines whose clocks differ, kills nobody.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from storage.errors import StorageError
from storage.store import Store

log = logging.getLogger(__name__)

BEAT = 2.0  # seconds between two beats
DEAD_AFTER = 12.0  # seconds without a beat until others may take over


@dataclass(slots=True)
class _Seen:
    beat: int
    since: float
    slots: Mapping[str, int]


class Presence:
    """This process's heartbeat and its view of the others."""

    def __init__(
        self,
        store: Store,
        process: str,
        *,
        slots: Callable[[], Mapping[str, int]] = dict,
        alone: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """``alone``: a lock on the data folder says that no other process lives, so none is waited for."""
        self._store, self.process, self._slots, self._alone, self._now = store, process, slots, alone, now
        self._seen: dict[str, _Seen] = {}
        self._looked = now()

    async def join(self) -> None:
        """Enter this process and look around once."""
        await self._store.processes.join(self.process)
        await self.beat()

    async def beat(self) -> None:
        """Move our own beat and see whose have moved."""
        await self._store.processes.beat(self.process, dict(self._slots()))
        await self.look()

    async def look(self) -> None:
        """See whose beats have moved since our last look."""
        rows, now = await self._store.processes.all(), self._now()
        # Who was suspended, or had no database, heard nobody: that time says nothing about the others.
        deaf = max(0.0, now - self._looked - 2 * BEAT)
        self._looked = now
        for name, (beat, slots) in rows.items():
            seen = self._seen.get(name)
            if seen is None or seen.beat != beat:
                self._seen[name] = _Seen(beat, now, slots)
            else:
                seen.since += deaf
        for gone in self._seen.keys() - rows.keys():
            del self._seen[gone]

    async def run(self) -> None:
        """Beat until cancelled, as soon as the database is back where it was away."""
        while True:
            try:
                await self.beat()
            except StorageError as error:
                log.warning("no heartbeat: %s", error)
            await asyncio.sleep(BEAT)

    async def leave(self) -> None:
        """Take this process out; what it owned must be released before."""
        await self._store.processes.leave(self.process)

    def lives(self, process: str) -> bool:
        """Whether a process is there, as of our last look."""
        return process == self.process or (process in self._seen and process not in self.dead())

    def dead(self) -> frozenset[str]:
        """Processes whose leases may be taken over, as of our last look."""
        limit = self._looked - DEAD_AFTER
        return frozenset(
            name
            for name, seen in self._seen.items()
            if name != self.process and (self._alone or seen.since < limit)
        )

    async def bury(self, dead: frozenset[str]) -> None:
        """Forget processes whose work was taken over. One that comes back after all is a new one to us."""
        for name in dead:
            await self._store.processes.leave(name)
            self._seen.pop(name, None)

    def share(self, workspace: str) -> float:
        """This process's part of a budget that the living divide by the replies each has growing there."""
        dead = self.dead()
        others = sum(
            seen.slots.get(workspace, 0)
            for name, seen in self._seen.items()
            if name != self.process and name not in dead
        )
        mine = max(1, self._slots().get(workspace, 0))
        return mine / (mine + others)
