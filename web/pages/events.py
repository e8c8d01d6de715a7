"""A thread's event stream: each post as it comes and grows, and what is on its way."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from storage.errors import StorageDown
from storage.posts import Posts
from web.hub import Hub, Subscription
from web.posts import PostRenderer

_log = logging.getLogger(__name__)

_LOOK = 1.0  # seconds until posts of other processes are looked for
_HEARTBEAT = 15.0  # seconds between signs of life, which also notice a session that was ended
_AT_ONCE = 200  # posts read by one look
_BYTES_PER_SECOND = 250_000  # long replies are sent less often, so that a slow line keeps up

_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    # Proxies such as nginx would otherwise collect the stream before passing it on.
    "x-accel-buffering": "no",
}


class ThreadEvents:
    """What happens at one place from a version on, as server-sent events."""

    def __init__(
        self,
        posts: Posts,
        renderer: PostRenderer,
        place: str,
        version: int,
        may_listen: Callable[[], Awaitable[bool]],
        *,
        look: float = _LOOK,
        heartbeat: float = _HEARTBEAT,
    ) -> None:
        self._posts, self._renderer = posts, renderer
        self._place, self._version = place, version
        self._may_listen = may_listen
        self._look, self._heartbeat = look, heartbeat

    async def stream(self, subscription: Subscription) -> AsyncIterator[bytes]:
        """Events until the subscription ends or the person may not listen any more."""
        status, beat = "", time.monotonic() + self._heartbeat
        async for event in self._news():
            yield event
        yield b"retry: 1000\nevent: ready\ndata: {}\n\n"
        while not subscription.ended:
            if subscription.status != status:
                status = subscription.status
                yield _event("status", json.dumps({"text": status}))
            await subscription.changed(self._look)
            async for event in self._news():
                yield event
                await asyncio.sleep(len(event) / _BYTES_PER_SECOND)
            if time.monotonic() >= beat:
                if not await self._may_listen():
                    return
                beat = time.monotonic() + self._heartbeat
                yield b": still here\n\n"

    async def _news(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            posts = await self._posts.since(self._place, self._version, _AT_ONCE)
            for post in posts:
                self._version = post.version
                yield _event("post", self._renderer.event(post), post.version)
            more = len(posts) == _AT_ONCE


def _event(name: str, data: str, version: int | None = None) -> bytes:
    number = "" if version is None else f"id: {version}\n"
    return f"{number}event: {name}\ndata: {data}\n\n".encode()


class EventStream(Response):
    """Sends ``events`` until they end or the browser goes away."""

    def __init__(self, events: ThreadEvents, hub: Hub, place: str) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._events, self._hub, self._place = events, hub, place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        with self._hub.listen(self._place) as subscription:
            # The stream is told to end, not cancelled: a cancelled query may take its connection along.
            watch = asyncio.create_task(_end_with(receive, subscription))
            try:
                async for chunk in self._events.stream(subscription):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            except StorageDown as error:
                # The page sees its stream end, says so, and keeps trying to come back.
                _log.warning("an event stream ended: storage is away: %s", error)
            finally:
                watch.cancel()
            await send({"type": "http.response.body", "body": b""})


async def _end_with(receive: Receive, subscription: Subscription) -> None:
    """End the subscription when the browser is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    subscription.end()
