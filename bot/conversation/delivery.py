"""Every call that puts text before people passes through the one ``Delivery`` of the process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

from bot.core.errors import PlatformError
from bot.core.place import Place
from bot.core.surface import Surface
from bot.core.view import View


class DeliveryGaveUp(PlatformError):  # noqa: N818 - says what happened, as its siblings do
    """The platform failed for 15 minutes without a break; the text is kept, but people may not see all of it."""

    say = "The chat platform did not take the answer for fifteen minutes. The text is kept; ask for it with `/retry`."


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


def whole(workspace: str) -> float:
    """The share of a workspace's budgets where this process is the only one."""
    return 1.0


class Delivery:
    """Grants platform calls from their budgets: last texts first, then first texts, then interim ones, the stalest first."""

    def __init__(self, clock: Clock | None = None, share: Callable[[str], float] = whole) -> None:
        self._clock = clock or LoopClock()
        self._share = share

    async def run(self) -> None:
        """Grant until cancelled."""
        raise NotImplementedError

    async def send(self, surface: Surface, place: Place, view: View, key: str) -> str:
        """Show one whole message; returns the platform's id. Raises PlaceGone or DeliveryGaveUp."""
        raise NotImplementedError

    def open_slots(self) -> Mapping[str, int]:
        """How many messages are open in each workspace whose budgets are shared."""
        raise NotImplementedError
