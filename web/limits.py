"""How much a request may carry, and how often something may be tried."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.answers import refusal

TEXT_BYTES = 1_000_000
UPLOAD_BYTES = 20_000_000
# A little more than the refused size is read and thrown away, so that the browser shows our answer
# in place of a broken connection.
_DRAIN_BYTES = 64_000_000
_TOO_LARGE = "That is more than one request may carry ({limit:.0f} MB). Send less, or in several messages."


class _TooLargeError(Exception):
    """The body went over its limit while it was read."""


class BodyLimit:
    """ASGI middleware: refuses (413) forms with files over ``UPLOAD_BYTES``, others over ``TEXT_BYTES``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        multipart = headers.get("content-type", "").startswith("multipart/form-data")
        limit = UPLOAD_BYTES if multipart else TEXT_BYTES
        refuse = refusal(scope, 413, _TOO_LARGE.format(limit=limit / 1_000_000))
        if _declared(headers) > limit:
            await _drain(receive, _declared(headers))
            await refuse(scope, receive, send)
            return
        counting = _Counting(receive, send, limit)
        try:
            await self._app(scope, counting.receive, counting.send)
        except _TooLargeError:
            if not counting.answered:
                await refuse(scope, receive, send)


class _Counting:
    """Counts what is received and remembers whether an answer has begun."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._room = receive, send, limit
        self.answered = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._room -= len(message.get("body", b""))
        if self._room < 0:
            raise _TooLargeError
        return message

    async def send(self, message: Message) -> None:
        self.answered = True
        await self._send(message)


def _declared(headers: Headers) -> int:
    """The declared length of the body, 0 where none is declared or it is not a number."""
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


async def _drain(receive: Receive, declared: int) -> None:
    """Read and forget a body that will be refused, unless it is larger than patience."""
    if declared > _DRAIN_BYTES:
        return
    more = True
    while more:
        message = await receive()
        more = message["type"] == "http.request" and bool(message.get("more_body"))


class Attempts:
    """Counts what failed, or was tried, by key (a peer's address): at most ``most`` in any ``seconds``."""

    def __init__(
        self, most: int = 10, seconds: float = 600.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._counted: OrderedDict[str, list[float]] = OrderedDict()

    def blocked(self, key: str) -> bool:
        """Whether that happened too often to this key just now."""
        since = self._clock() - self._seconds
        return sum(at > since for at in self._counted.get(key, ())) >= self._most

    def count(self, key: str) -> None:
        """Note one. Only the latest of the latest thousand keys are kept."""
        times = self._counted.pop(key, [])
        self._counted[key] = [*times[1 - self._most :], self._clock()]
        while len(self._counted) > 1000:
            self._counted.popitem(last=False)
