"""The time as delivery sees it, so that a test can let an hour pass at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    """A callback that waits for its moment."""

    def cancel(self) -> None:
        """Forget it."""
        ...


class Clock(Protocol):
    """Where delivery reads the time, in seconds, and asks to be woken."""

    def now(self) -> float:
        """Monotonic seconds."""
        ...

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Call back once ``now()`` has reached ``when``."""
        ...


class LoopClock:
    """The running event loop's own clock."""

    def now(self) -> float:
        """Seconds by the running loop."""
        return asyncio.get_running_loop().time()

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """A timer of the running loop."""
        return asyncio.get_running_loop().call_at(when, callback)
