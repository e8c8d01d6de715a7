"""A receiver of webhooks, as the page of the docs has one written: it checks the signature and its age itself."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from contextlib import suppress
from typing import Any, Self


class Receiver:
    """``told`` is what came with a good signature. ``answers`` are the statuses of the next ones, then 204."""

    def __init__(self) -> None:
        self.secret = ""
        self.told: list[dict[str, Any]] = []
        self.mistakes: list[str] = []
        self.answers: list[int] = []
        self.asked = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/alerts"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)
            }
            body = await reader.readexactly(int(headers["content-length"]))
            self.asked += 1
            status = self.answers.pop(0) if self.answers else 204
            if first != "POST /alerts HTTP/1.1" or headers.get("content-type") != "application/json":
                self.mistakes.append(first)
            if not self._is_signed(headers.get("x-switchboard-signature", ""), body):
                self.mistakes.append("a wrong signature")
                status = 401
            elif 200 <= status < 300:
                self.told.append(json.loads(body))
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()

    def _is_signed(self, header: str, body: bytes) -> bool:
        parts = dict(one.partition("=")[::2] for one in header.split(","))
        if abs(time.time() - int(parts.get("t", "0"))) > 300:
            return False
        signed = f"{parts['t']}.".encode() + body
        wanted = hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted, parts.get("v1", ""))
