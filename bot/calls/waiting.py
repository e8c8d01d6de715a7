"""Waiting that can be broken off, and waiting that must not be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Stopper:
    """Reads a stream until somebody, from any task of this loop, says that it is enough.

    It interrupts the wait as ``asyncio.timeout`` does, without making an object for each event.
    """

    def __init__(self) -> None:
        self.asked = False
        self._reader: asyncio.Task[Any] | None = None
        self._cancels = 0  # cancellations of the reader that are not ours
        self._sent = False

    def stop(self) -> None:
        """Let ``next`` return None, now if it is waiting and from now on. Closes nothing."""
        self.asked = True
        reader = self._reader
        if reader is not None and not self._sent and reader.cancelling() == self._cancels:
            self._sent = reader.cancel()

    async def next(self, stream: AsyncGenerator[T]) -> T | None:
        """The next event; None at the end of the stream or once stopped."""
        if self.asked:
            return None
        self._reader = reader = asyncio.current_task()
        assert reader is not None
        self._cancels = reader.cancelling()
        try:
            return await anext(stream, None)
        except asyncio.CancelledError:
            if self._sent and reader.cancelling() == self._cancels + 1:
                return None
            raise
        finally:
            self._reader = None
            if self._sent:
                self._sent = False
                reader.uncancel()


async def unbroken(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end even if cancelled meanwhile; the cancellation is raised afterwards, the result dropped.

    For short writes that nobody could tell from the outside how far they came. Never inside a transaction.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            try:
                await asyncio.wait((task,))
            except asyncio.CancelledError:
                continue
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not report it as lost
        raise
