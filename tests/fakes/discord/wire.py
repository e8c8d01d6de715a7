"""One connection to the gateway: frames out in their order, compressed if the client asks."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections import deque
from collections.abc import Callable

from aiohttp import web

from tests.fakes.discord.refusals import JSON

SENDS, SENDS_SECONDS = 120, 60.0


class Connection:
    """A socket with its writer. A ``silent`` one answers nothing and tells nothing, but stays open."""

    def __init__(
        self,
        ws: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        sent: Callable[[], None],
        *,
        zipped: bool,
    ) -> None:
        self.ws, self._transport, self._sent = ws, transport, sent
        self._zip = zlib.compressobj() if zipped else None
        self._frames: asyncio.Queue[str] = asyncio.Queue()
        self._sends: deque[float] = deque()
        self.silent = False
        self.leaving = False
        self.waiting = 0

    def put(self, frame: str | JSON) -> None:
        """Send a frame, after those before it."""
        if not self.silent and not self.leaving:
            self.waiting += 1
            self._frames.put_nowait(frame if isinstance(frame, str) else json.dumps(frame))

    async def write(self) -> None:
        """Sends what is put, for as long as the connection lives."""
        while True:
            frame = await self._frames.get()
            try:
                if self._zip is None:
                    await self.ws.send_str(frame)
                else:
                    data = self._zip.compress(frame.encode()) + self._zip.flush(zlib.Z_SYNC_FLUSH)
                    await self.ws.send_bytes(data)
            except ConnectionError:
                self.leaving = True
            finally:
                self.waiting -= 1
                self._sent()

    def too_many(self, now: float) -> bool:
        """Count what the client sends: 120 a minute."""
        while self._sends and self._sends[0] <= now - SENDS_SECONDS:
            self._sends.popleft()
        self._sends.append(now)
        return len(self._sends) > SENDS

    def cut(self) -> None:
        """Break it without a word."""
        self.leaving = True
        if self._transport is not None:
            self._transport.abort()

    async def close(self, code: int) -> None:
        self.leaving = True
        await self.ws.close(code=code)
