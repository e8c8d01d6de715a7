"""Sends what is due, once: claims it in the database, sends it, and writes down what it came to.

A sending runs in a task of its own: a platform that is away for a quarter of an hour holds up nobody else's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.conversation.delivery.delivery import Delivery
from bot.conversation.presence import Presence
from bot.core.errors import PlaceGone, PlatformError, SwitchboardError
from bot.core.place import Place
from bot.core.surface import Surface
from bot.core.view import View
from storage.errors import StorageError
from storage.sendings import Sending
from storage.store import Store

log = logging.getLogger(__name__)

AT_ONCE = 8  # sendings under way in one process
MOST = 8  # attempts at one sending
_WAITS = (1, 5, 15, 60, 180, 360, 720)  # minutes before the next attempt


@dataclass(frozen=True, slots=True)
class Told:
    """It is there: the platform's id of the message, and words for the log of what was answered."""

    message_id: str | None = None
    said: str = ""


class Untold(Exception):
    """It was not taken. ``str`` says why, for the log of sendings; ``final``: another attempt will not help."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


class NotHere(Exception):
    """This process does not reach the target; another may."""


Send = Callable[[Sending], Awaitable[Told]]


class Rooms:
    """Posts to places, once: after an attempt that was broken off it looks whether the message is there."""

    def __init__(self, delivery: Delivery, surfaces: Mapping[str, Surface]) -> None:
        self._delivery, self._surfaces = delivery, surfaces

    def reaches(self, place: Place) -> bool:
        """Whether this process is connected to the platform."""
        return place.platform in self._surfaces

    async def post(self, place: Place, made: Callable[[], Awaitable[View]], claimed: Sending) -> Told:
        """Post what ``made`` makes, unless it stands there already. Raises Untold, NotHere."""
        surface = self._surfaces.get(place.platform)
        if surface is None:
            raise NotHere(f"{place.platform} is not connected here")
        key = key_of(claimed)
        try:
            again = claimed.attempts > 1
            return Told(await self._delivery.send(surface, place, await made(), key, again=again))
        except PlaceGone as error:
            raise Untold(f"the place is gone: {error}", final=True) from error
        except PlatformError as error:
            raise Untold(str(error)) from error


def key_of(claimed: Sending) -> str:
    """Our key of a sending's message, the same in every attempt."""
    return f"send{claimed.id}"


class Sender:
    """Sends the due sendings of the kinds it knows. ``clock`` gives aware UTC datetimes."""

    def __init__(
        self,
        store: Store,
        presence: Presence,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._presence, self._clock = store, presence, clock
        self._ways: dict[str, Send] = {}
        self._under_way: dict[int, asyncio.Task[None]] = {}

    def learn(self, ways: Mapping[str, Send]) -> None:
        """How sendings of these kinds are sent."""
        self._ways |= ways

    async def sweep(self) -> None:
        """Begin what is due, as far as there is room. Raises StorageError."""
        sendings = self._store.sendings
        dead = (self._presence.dead() | await sendings.orphaned()) - {self._presence.process}
        for sending in await sendings.due(self._clock(), dead):
            if len(self._under_way) >= AT_ONCE:
                return
            if sending.kind in self._ways and sending.id not in self._under_way:
                task = asyncio.create_task(self._send(sending, dead), name=f"sending {sending.id}")
                self._under_way[sending.id] = task
                task.add_done_callback(partial(self._done, sending.id))

    def _done(self, sending_id: int, _: asyncio.Task[None]) -> None:
        self._under_way.pop(sending_id)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._under_way

    async def rest(self) -> None:
        """Wait until nothing is under way."""
        while self._under_way:
            await asyncio.wait(set(self._under_way.values()))

    async def close(self) -> None:
        """Break off what is under way; it is left to the next process."""
        for task in list(self._under_way.values()):
            task.cancel()
        await self.rest()

    async def _send(self, sending: Sending, dead: frozenset[str]) -> None:
        try:
            claimed = await self._store.sendings.claim(
                sending.id, self._presence.process, self._clock(), dead
            )
            if claimed is not None:
                await self._try(claimed)
        except StorageError as error:
            log.warning("sending %d: %s", sending.id, error)

    async def _try(self, claimed: Sending) -> None:
        sendings = self._store.sendings
        try:
            told = await self._ways[claimed.kind](claimed)
        except NotHere as error:
            await sendings.again(claimed, self._clock() + timedelta(minutes=1), str(error))
        except Untold as error:
            await self._untold(claimed, str(error), final=error.final)
        except StorageError:
            raise  # the lease runs out, and it is tried again
        except SwitchboardError as error:
            await self._untold(claimed, str(error), final=False)
        except Exception as error:
            log.exception("sending %d to %s failed", claimed.id, claimed.target)
            await self._untold(claimed, type(error).__name__, final=False)
        else:
            await sendings.sent(claimed, told.said, told.message_id)

    async def _untold(self, claimed: Sending, why: str, *, final: bool) -> None:
        log.info("sending %d to %s, attempt %d: %s", claimed.id, claimed.target, claimed.attempts, why)
        if final or claimed.attempts >= MOST:
            await self._store.sendings.failed(claimed, why)
            return
        wait = _WAITS[min(claimed.attempts, len(_WAITS)) - 1]
        await self._store.sendings.again(claimed, self._clock() + timedelta(minutes=wait), why)
