"""Wakes the event streams of this process when something happens in a place."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Subscription:
    """One open event stream of a place. ``status`` is what the place says of an answer on its way."""

    def __init__(self, status: str) -> None:
        self.status = status
        self.ended = False
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Something may have changed."""
        self._changed.set()

    def end(self) -> None:
        """The stream is to finish."""
        self.ended = True
        self._changed.set()

    async def changed(self, seconds: float) -> None:
        """Wait for the next change, at most ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
        self._changed.clear()


class Hub:
    """Who listens to which place in this process, and each place's status line."""

    def __init__(self) -> None:
        self._listening: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._status: dict[str, str] = {}
        self._closed = False

    @contextmanager
    def listen(self, place: str) -> Iterator[Subscription]:
        """A subscription for as long as the block runs. It is ended at once where the hub is closed."""
        subscription = Subscription(self._status.get(place, ""))
        if self._closed:
            subscription.end()
        self._listening[place].add(subscription)
        try:
            yield subscription
        finally:
            self._listening[place].discard(subscription)
            if not self._listening[place]:
                del self._listening[place]

    def listeners(self, place: str) -> int:
        """How many streams of a place are open here."""
        return len(self._listening.get(place, ()))

    def listeners_within(self, home: str) -> int:
        """How many streams of every place within one are open here."""
        return sum(len(each) for place, each in self._listening.items() if place.startswith(f"{home}/"))

    def status(self, place: str) -> str:
        """A place's status line, "" for none."""
        return self._status.get(place, "")

    def wake(self, place: str) -> None:
        """Let the streams of a place look for news."""
        for subscription in self._listening.get(place, ()):
            subscription.wake()

    def say(self, place: str, status: str) -> None:
        """Set a place's status line; "" takes it back."""
        if status:
            self._status[place] = status
        else:
            self._status.pop(place, None)
        for subscription in self._listening.get(place, ()):
            subscription.status = status
            subscription.wake()

    def end(self, home: str) -> None:
        """End the streams of every place within one; whoever may still listen comes back at once."""
        for place, subscriptions in self._listening.items():
            if place.startswith(f"{home}/"):
                for subscription in subscriptions:
                    subscription.end()

    def close(self) -> None:
        """End every stream, those that come later too; for the shutdown."""
        self._closed = True
        for subscriptions in self._listening.values():
            for subscription in subscriptions:
                subscription.end()
