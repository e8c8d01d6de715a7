"""Writes that a short absence of the database must not cost an answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from storage.errors import StorageDown

T = TypeVar("T")

log = logging.getLogger(__name__)

PATIENCE = 25.0  # seconds
_FIRST, _LONGEST = 0.1, 2.0  # seconds between two tries


async def insist(write: Callable[[], Awaitable[T]], patience: float = PATIENCE) -> T:
    """Make a write under a claim, again and again while the database is away for at most ``patience`` seconds.

    Only for writes that may be applied twice: an answer that was lost is not told from a write that was. Raises
    the last StorageDown. Who is away for long is taken for dead by others, and then their fence refuses the write.
    """
    loop, pause = asyncio.get_running_loop(), _FIRST
    until = loop.time() + patience
    while True:
        try:
            return await write()
        except StorageDown as error:
            if loop.time() + pause > until:
                raise
            log.warning("a write is tried again in %.1f s: %s", pause, error)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST)
