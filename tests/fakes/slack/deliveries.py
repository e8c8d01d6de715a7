"""Payloads on their way to an app, over its sockets or to its URL, and tried again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from tests.fakes.orders import Fault, Orders
from tests.fakes.slack.acks import Ack, Sent
from tests.fakes.slack.posts import Posts
from tests.fakes.slack.refusals import JSON
from tests.fakes.slack.sockets import Sockets
from tests.fakes.slack.workspace import App, Installation
from tests.fakes.slack.world import World

# Seconds before each further try of an event: nearly at once, after a minute, after five.
RETRIES = (0.0, 60.0, 300.0)


@dataclass(frozen=True, slots=True)
class Delivered:
    """One try and how it went. ``name`` is the event's type, the command's or the interaction's."""

    at: float
    app: str
    name: str
    sent: Sent
    ack: Ack


class Deliveries:
    """Events are tried up to four times, what a person waits for once."""

    def __init__(self, world: World, orders: Orders, sockets: Sockets, posts: Posts) -> None:
        self._world, self._orders, self._sockets, self._posts = world, orders, sockets, posts
        self._tasks: set[asyncio.Task[None]] = set()
        self.log: list[Delivered] = []
        self.tries = self.under_way = 0
        self.retries: tuple[float, ...] = RETRIES

    def event(self, installation: Installation, body: JSON) -> None:
        """Send an event, in the background."""
        self.under_way += 1
        task = asyncio.ensure_future(self._event(installation.app, body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ask(self, app: App, kind: str, payload: JSON, name: str) -> Ack:
        """Send what a person waits for."""
        self.under_way += 1
        return await self._try(app, Sent(kind, payload), name)

    async def _event(self, app: App, body: JSON) -> None:
        name = body["event"]["type"]
        sent = Sent("events_api", body)
        ack = await self._try(app, sent, name)
        for attempt, wait in enumerate(self.retries, 1):
            if ack.ok or ack.final:
                return
            self.under_way += wait <= 0
            await self._world.clock.sleep(wait)
            self.under_way += wait > 0
            sent = replace(sent, attempt=attempt, reason=ack.error)
            ack = await self._try(app, sent, name)

    async def _try(self, app: App, sent: Sent, name: str) -> Ack:
        ordered = False
        self.tries += 1
        self._world.changed()
        try:
            order = self._orders.next("deliver", "")
            if order is not None and order.fault is Fault.CUT:
                ordered, ack = True, Ack(ok=False, error="connection_failed")
            else:
                ack = await (self._posts if app.request_url else self._sockets).send(app, sent)
                if order is not None:
                    ordered, ack = True, Ack(ok=False, error="timeout")
        finally:
            self.under_way -= 1
        now = self._world.clock.now()
        self.log.append(Delivered(now, app.id, name, sent, ack))
        if not ack.ok:
            self._world.book.add("deliver", ack.error, name, ordered=ordered)
        self._world.changed()
        return ack
