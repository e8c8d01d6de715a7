"""Small work that nobody waits for: signs, names, titles. What fails is noted and forgotten."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Background:
    """Owns such work, so that it is neither collected before it is done nor left behind at a stop."""

    def __init__(self, of: str) -> None:
        """``of`` says in the log whose work it is ("slack")."""
        self._of = of
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T], what: str) -> asyncio.Task[T]:
        """Begin; ``what`` names it in the log, should it fail."""
        task = asyncio.create_task(work, name=f"{self._of}: {what}")
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def close(self) -> None:
        """End what has not ended yet."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("%s did not work: %s", task.get_name(), error)
