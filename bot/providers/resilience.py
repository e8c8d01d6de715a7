"""Deadlines and same-model retries around any wire, behind the interface of a provider.

No task and no timer per piece of text: one timer per attempt rings now and then, and cancels the reader when
it is late.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from random import SystemRandom
from typing import Protocol, Self

from bot.core.errors import ProviderError, TimedOut
from bot.core.provider import ChatRequest, Embedded, Listed, Provider, ProviderEvent

log = logging.getLogger(__name__)

BACKOFF = (0.4, 1.0)  # seconds before the first and the second retry, give or take a quarter
PATIENCE = 20.0  # seconds from the first failure within which a retry may start
PATIENCE_WITH_FALLBACK = 2.0  # seconds from the first failure to a retry's first event

Alive = Callable[[], None]
Clock = Callable[[], float]


class Wire(Provider, Protocol):
    """A provider that also tells when bytes arrived that were no event, and that can be checked for free."""

    def chat(self, request: ChatRequest, alive: Alive = ...) -> AsyncGenerator[ProviderEvent]: ...

    async def check(self) -> bool:
        """Make the free call that shows whether address and key work; False where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds: to the first event of an attempt, between any bytes after it, and of a whole answer."""

    first: float = 30.0
    idle: float = 60.0
    total: float = 900.0


class Resilient:
    """A wire with deadlines and retries. Nothing is retried once an event was passed on.

    With ``has_fallback`` another model stands ready, so an attempt that failed costs at most 2 s more.
    ``clock`` and ``sleep`` measure and spend the pauses; deadlines run on the event loop's clock.
    """

    def __init__(
        self,
        provider: str,
        wire: Wire,
        deadlines: Deadlines,
        *,
        has_fallback: bool = False,
        clock: Clock | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._provider, self._wire, self._deadlines = provider, wire, deadlines
        self._has_fallback, self._clock, self._sleep = has_fallback, clock, sleep

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ProviderEvent]:
        """Stream one answer. Raises the attempt's ProviderError; TimedOut where a deadline passed."""
        loop = asyncio.get_running_loop()
        patience = _Patience(self._has_fallback, self._clock or loop.time)
        ends = loop.time() + self._deadlines.total
        while True:
            watch = _Watch(self._deadlines, patience.first(self._deadlines.first), ends)
            try:
                async with aclosing(self._wire.chat(request, watch.alive)) as events:
                    with watch.over(events):
                        async for event in watch:
                            yield event
                return
            except (ProviderError, TimeoutError) as error:
                failure = self._told(error, watch, request.model)
            pause = None if watch.begun else patience.pause(failure)
            if pause is None:
                raise patience.verdict(failure)
            log.info("trying %s/%s again in %.1f s: %s", self._provider, request.model, pause, failure.kind)
            await self._sleep(pause)

    async def embed(self, model: str, texts: Sequence[str]) -> Embedded:
        """As the wire's, within the deadline of a first event."""
        async with self._soon(model):
            return await self._wire.embed(model, texts)

    async def models(self) -> tuple[Listed, ...]:
        """As the wire's, within the deadline of a first event."""
        async with self._soon(""):
            return await self._wire.models()

    @asynccontextmanager
    async def _soon(self, model: str) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._deadlines.first):
                yield
        except TimeoutError as error:
            detail = f"no answer within {self._deadlines.first:g} s"
            raise TimedOut(detail, provider=self._provider, model=model) from error

    def _told(self, error: ProviderError | TimeoutError, watch: _Watch, model: str) -> ProviderError:
        if isinstance(error, ProviderError):
            return error
        return TimedOut(watch.missed, provider=self._provider, model=model)


class _Patience:
    """How often, and for how long after its first failure, one answer is tried."""

    def __init__(self, has_fallback: bool, clock: Clock) -> None:
        self._has_fallback, self._clock = has_fallback, clock
        self._limit = PATIENCE_WITH_FALLBACK if has_fallback else PATIENCE
        self._backoff = [seconds * SystemRandom().uniform(0.75, 1.25) for seconds in BACKOFF]
        self._first_failure: ProviderError | None = None
        self._since = 0.0

    def first(self, usual: float) -> float:
        """Seconds that the next attempt has to its first event."""
        if self._first_failure is None or not self._has_fallback:
            return usual
        return min(usual, self._left())

    def pause(self, failure: ProviderError) -> float | None:
        """Seconds to wait before the next attempt, None where there is to be none."""
        if self._first_failure is None:
            self._first_failure, self._since = failure, self._clock()
        if not failure.recovery.retry_same or not self._backoff:
            return None
        pause = max(failure.wait or 0.0, self._backoff.pop(0))
        return pause if pause < self._left() else None

    def verdict(self, failure: ProviderError) -> ProviderError:
        """The failure to raise: a retry cut short for the fallback's sake says nothing, the first does."""
        if self._has_fallback and self._first_failure is not None and isinstance(failure, TimedOut):
            return self._first_failure
        return failure

    def _left(self) -> float:
        return self._limit - (self._clock() - self._since)


class _Watch:
    """The deadlines of one attempt: iterates over its events, and raises TimeoutError where one is late.

    Only waiting counts, not what is done with an event. As a context manager it ends its timer.
    """

    def __init__(self, deadlines: Deadlines, first: float, ends: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._idle, self._total, self._ends = deadlines.idle, deadlines.total, ends
        self._due = min(self._loop.time() + first, ends)
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[object] | None = None
        self._late = self.begun = False
        self.missed = f"no first token within {first:.3g} s"

    def over(self, events: AsyncIterator[ProviderEvent]) -> Self:
        """Take the events to watch."""
        self._events = events
        return self

    def alive(self) -> None:
        """Bytes came: a sign of life once the answer has begun, none before its first token."""
        if self.begun:
            self._due = min(self._loop.time() + self._idle, self._ends)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ProviderEvent:
        task = asyncio.current_task()
        assert task is not None
        cancelling = task.cancelling()
        self.alive()
        if self._timer is None:
            self._timer = self._loop.call_at(self._due, self._ring)
        self._waiting = task
        try:
            event = await anext(self._events)
        except asyncio.CancelledError:
            if self._late and task.uncancel() <= cancelling:
                raise TimeoutError from None
            raise
        finally:
            self._waiting = None
        if not self.begun:
            self._begin()
        return event

    def _begin(self) -> None:
        self.begun = True
        self.missed = f"silent for {self._idle:.3g} s"
        if self._timer is not None:  # set for the first token, perhaps later than the next piece is due
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        if self._waiting is None:
            return  # what is being waited for is not the provider
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._ring)
            return
        self._late = True
        if self._due >= self._ends:
            self.missed = f"not finished within {self._total:.3g} s"
        self._waiting.cancel()
