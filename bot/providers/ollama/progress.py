"""How far a pull is, from the lines that Ollama says of it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

_RECENT = 10.0  # seconds over which the speed is taken


class Meter:
    """Fed every line of a pull. ``done`` and ``total`` are bytes over all layers that were named so far.

    ``expected`` is what the library says of all layers, 0 where it was not asked; Ollama names one after the other.
    ``now`` is a clock in seconds.
    """

    def __init__(self, expected: int = 0, now: Callable[[], float] = time.monotonic) -> None:
        self._expected, self._now = expected, now
        self._layers: dict[str, tuple[int, int]] = {}  # by digest: completed, total
        self._seen: deque[tuple[float, int]] = deque()

    @property
    def done(self) -> int:
        """Bytes that are there."""
        return sum(completed for completed, _ in self._layers.values())

    @property
    def total(self) -> int:
        """Bytes in all, as far as is known."""
        named = sum(total for _, total in self._layers.values())
        return max(named, self._expected) if named else 0

    def take(self, line: Mapping[str, Any]) -> None:
        """One line, of which those about a layer count: its digest, total and, unless nothing came yet, completed."""
        digest, total = line.get("digest"), line.get("total")
        if isinstance(digest, str) and isinstance(total, int) and total > 0:
            completed = line.get("completed")
            self._layers[digest] = (min(completed, total) if isinstance(completed, int) else 0, total)
            self._note()

    def again(self) -> None:
        """A new request begins: it will name every layer anew, with what is there already."""
        self._layers.clear()
        self._seen.clear()

    @property
    def speed(self) -> float | None:
        """Bytes a second of late; None while that cannot be said."""
        if len(self._seen) < 2:
            return None
        (began, before), (ended, after) = self._seen[0], self._seen[-1]
        return (after - before) / (ended - began) if ended > began and after > before else None

    @property
    def left(self) -> float | None:
        """Seconds until all is there, at this speed."""
        return None if self.speed is None else max(0.0, (self.total - self.done) / self.speed)

    def _note(self) -> None:
        """Remember how far it was when. What was there before the request began is no speed."""
        now, done = self._now(), self.done
        if self._seen and now - self._seen[-1][0] < 0.1:
            return
        self._seen.append((now, done))
        while self._seen[0][0] < now - _RECENT:
            self._seen.popleft()
