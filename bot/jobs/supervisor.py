"""Keeps a part of the program running: a failure is logged, shown in its health, and it starts again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

_FIRST, _LONGEST = 0.5, 60.0  # seconds between two starts
_STEADY = 120.0  # seconds of running after which a failure counts as the first again


@dataclass(slots=True)
class Health:
    """One status per part: "ok", "starting", or a sentence on what is wrong."""

    _parts: dict[str, str] = field(default_factory=dict)

    def say(self, part: str, status: str) -> None:
        """Set a part's status."""
        self._parts[part] = status

    def parts(self) -> Mapping[str, str]:
        """All statuses as they stand."""
        return dict(self._parts)


async def supervise(
    part: str, run: Callable[[], Awaitable[None]], health: Health, wake: asyncio.Event | None = None
) -> None:
    """Run ``run`` until it returns by itself; after an error start it again, later and later.

    ``wake`` says that what was wrong may be mended, so that the next start is now.
    """
    loop, wait = asyncio.get_running_loop(), _FIRST
    while True:
        started = loop.time()
        health.say(part, "ok")
        try:
            return await run()
        except Exception as error:
            log.exception("%s failed and starts again", part)
            health.say(
                part,
                str(getattr(error, "say", None) or f"failed with {type(error).__name__}; starting again"),
            )
        if loop.time() - started > _STEADY:
            wait = _FIRST
        await _pause(wait, wake)
        wait = min(wait * 2, _LONGEST)


async def _pause(seconds: float, wake: asyncio.Event | None) -> None:
    if wake is None:
        await asyncio.sleep(seconds)
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()
