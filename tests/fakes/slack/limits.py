"""How often a method may be called: per method, workspace and app, by the reference's tiers."""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import Protocol


class Tier(Enum):
    """Calls a minute of one method by one app in one workspace. POST and STATUS are the special ones."""

    ONE = 1
    TWO = 20
    THREE = 50
    FOUR = 100
    POST = 300  # "several hundred messages per minute", and one a second and channel
    STATUS = 600
    NONE = 0


# "It is generally safe to allow one message a second and channel, with short bursts" (rate limits page).
POST_SECONDS, POST_BURST = 1.0, 4


class Meter(Protocol):
    """One budget."""

    def wait(self, now: float) -> float:
        """Seconds until there is room, 0 if there is."""
        ...

    def count(self, now: float) -> None: ...


class Window:
    """At most so many calls in any so many seconds."""

    def __init__(self, calls: int, seconds: float = 60.0) -> None:
        self._calls, self._seconds = calls, seconds
        self._log: deque[float] = deque()

    def wait(self, now: float) -> float:
        while self._log and self._log[0] <= now - self._seconds:
            self._log.popleft()
        return self._log[0] + self._seconds - now if len(self._log) >= self._calls else 0.0

    def count(self, now: float) -> None:
        self._log.append(now)


class Bucket:
    """One call per so many seconds, of which a few may be saved up."""

    def __init__(self, seconds: float, burst: int) -> None:
        self._seconds, self._burst = seconds, burst
        self._level, self._at = float(burst), 0.0

    def wait(self, now: float) -> float:
        self._level = min(self._burst, self._level + (now - self._at) / self._seconds)
        self._at = now
        return (1 - self._level) * self._seconds if self._level < 1 - 1e-9 else 0.0

    def count(self, now: float) -> None:
        self._level -= 1


class Meters:
    """Every budget that was ever touched. ``off`` lets everything through (for tests of other things)."""

    def __init__(self) -> None:
        self.off = False
        self._meters: dict[tuple[str, ...], Meter] = {}

    def spend(self, tier: Tier, key: tuple[str, str, str], channel: str, now: float) -> float:
        """Take one call from each budget it belongs to, or none: seconds to wait. ``key``: method, app, team."""
        if self.off or tier is Tier.NONE:
            return 0.0
        meters = [self._of(key, Window(tier.value))]
        if tier is Tier.POST:
            meters.append(self._of((*key, channel), Bucket(POST_SECONDS, POST_BURST)))
        wait = max(meter.wait(now) for meter in meters)
        if wait <= 0:
            for meter in meters:
                meter.count(now)
        return wait

    def _of(self, key: tuple[str, ...], fresh: Meter) -> Meter:
        return self._meters.setdefault(key, fresh)
