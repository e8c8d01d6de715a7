"""Calls that come in pairs, where the second must never be refused: streams and sessions that begin and end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

_MINUTE = 60.0
_CALLS = 18  # of 20 a minute that Slack allows: one may have gone out without our knowing
_LIFE = 330.0  # seconds after which Slack has closed any stream


class Window:
    """The starts and stops of one workspace. Every open stream has its stop reserved."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._starts: deque[float] = deque()
        self._stops: deque[float] = deque()
        self._open: dict[str, float] = {}
        self._paused_until = 0.0

    def may_start(self, share: float) -> bool:
        """Whether this process's share has room for one more, its stop included."""
        now = self._now()
        for calls in (self._starts, self._stops):
            while calls and calls[0] <= now - _MINUTE:
                calls.popleft()
        self._open = {ts: at for ts, at in self._open.items() if at > now - _LIFE}
        room = max(1, int(_CALLS * share))
        return (
            now >= self._paused_until
            and len(self._starts) < room
            and len(self._stops) + len(self._open) < room
        )

    def pause(self, seconds: float) -> None:
        """Slack asked to wait."""
        self._paused_until = max(self._paused_until, self._now() + seconds)

    def starting(self) -> None:
        """A start goes out; it counts, whatever becomes of it."""
        self._starts.append(self._now())

    def opened(self, ts: str) -> None:
        """A stream is open and will want its stop."""
        self._open[ts] = self._now()

    def stopping(self) -> None:
        """A stop goes out."""
        self._stops.append(self._now())

    def closed(self, ts: str) -> None:
        """A stream is over, by whatever way."""
        self._open.pop(ts, None)


class Pairs:
    """Beginnings and endings that spend one limit of a minute. Every ending is reserved."""

    def __init__(self, now: Callable[[], float], calls: int) -> None:
        self._now, self._limit = now, calls
        self._calls: deque[float] = deque()
        self._open = 0

    def begin(self) -> bool:
        """Take a beginning and reserve its ending, where there is room for both."""
        now = self._now()
        while self._calls and self._calls[0] <= now - _MINUTE:
            self._calls.popleft()
        if len(self._calls) + self._open + 2 > self._limit:
            return False
        self._calls.append(now)
        self._open += 1
        return True

    def end(self) -> None:
        """The ending goes out, or is not needed."""
        self._calls.append(self._now())
        self._open -= 1
