"""The clock: one sweep a minute over what the database says is due. Missed ones are one, and none overlaps another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]

from storage.errors import StorageError

log = logging.getLogger(__name__)

EVERY = 60.0  # seconds


class Sweeps:
    """``run`` sweeps until it is cancelled. A sweep that fails is in the log, and is there again at the next."""

    def __init__(self, sweeps: Mapping[str, Callable[[], Awaitable[None]]], *, every: float = EVERY) -> None:
        self._sweeps, self._every = dict(sweeps), every

    async def run(self) -> None:
        """Sweep now, and then once a minute."""
        # In memory: two processes that share the library's job store run a job twice. Which of them does what is
        # due is decided by claims in the database.
        scheduler = AsyncIOScheduler(timezone=UTC, event_loop=asyncio.get_running_loop())
        for name in self._sweeps:
            scheduler.add_job(
                self._sweep,
                "interval",
                [name],
                seconds=self._every,
                id=name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
                next_run_time=datetime.now(UTC),
            )
        scheduler.start()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            scheduler.shutdown(wait=False)

    async def _sweep(self, name: str) -> None:
        try:
            await self._sweeps[name]()
        except asyncio.CancelledError:
            return  # we stop; the scheduler would take it for a failure and log it with its trace
        except StorageError as error:
            log.warning("%s wait: %s", name, error)
        except Exception:
            log.exception("%s failed", name)
