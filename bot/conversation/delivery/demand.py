"""Who will want tokens of a budget: the messages growing on it, and those still to come."""

from __future__ import annotations

from bisect import insort
from collections import deque
from math import log1p

_TOGETHER = 1.5  # seconds within which arrivals at an idle budget count as one burst, not as a rate
_MEMORY = 60.0  # seconds over which arrivals are counted
_WEIGHT = 0.15  # of the newest stream in the expectation


class Expected:
    """How long a stream lasts, in seconds: an assumption that learns."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def learn(self, lasted: float) -> None:
        """A stream has ended. The mean is geometric, so that a few very long ones do not count for many."""
        self.seconds *= (max(lasted, 1.0) / self.seconds) ** _WEIGHT

    def remaining(self, age: float) -> float:
        """How much longer a stream of this age will last; one that has outlived expectation, as long again."""
        return max(self.seconds - age, age / 2, 0.5) if age <= self.seconds else age

    def served(self, age: float, within: float) -> float:
        """Seconds of streaming to serve ``within`` the next seconds, for a stream of this age."""
        return self.remaining(age) if age <= self.seconds else age * log1p(within / age)


class Demand:
    """The messages that want tokens of one budget.

    ``growing`` streams will each want a last text, ``pending`` texts are owed now, ``slots`` are open at all.
    """

    def __init__(self) -> None:
        self.growing = self.pending = self.slots = 0
        self._started = 0.0  # sum over the growing
        self._arrivals: deque[float] = deque()
        self._since = 0.0
        self._burst = 0

    def join(self, now: float) -> None:
        """A stream begins."""
        self._forget(now)
        self._arrived(now)
        self.growing += 1
        self._started += now

    def leave(self, started: float) -> None:
        """A stream that began then has ended."""
        self.growing -= 1
        self._started -= started

    def enter(self, started: float, now: float) -> None:
        """A stream that began then, on another budget, spends this one from now on."""
        self._forget(now)
        if started > now - _MEMORY:
            self._arrived(started)
        self.growing += 1
        self._started += started

    def retract(self, started: float) -> None:
        """A stream that began then spends another budget from now on, so it never was one to be expected here."""
        self.leave(started)
        if started in self._arrivals:
            self._arrivals.remove(started)
            self._burst -= started - self._since <= _TOGETHER

    def age(self, now: float) -> float:
        """Mean age of the growing streams."""
        return now - self._started / self.growing if self.growing else 0.0

    def rate(self, now: float) -> float:
        """Streams to be expected per second.

        The burst that wakes an idle budget says nothing about what follows it; steady arrivals do.
        """
        self._forget(now)
        passed = now - self._since
        if passed >= _MEMORY:
            return len(self._arrivals) / _MEMORY
        return (len(self._arrivals) - self._burst) / passed if passed > _TOGETHER else 0.0

    def _arrived(self, at: float) -> None:
        if not self._arrivals:
            self._since, self._burst = at, 0
        if at - self._since <= _TOGETHER:
            self._burst += 1
        insort(self._arrivals, at)

    def _forget(self, now: float) -> None:
        while self._arrivals and self._arrivals[0] <= now - _MEMORY:
            self._arrivals.popleft()
