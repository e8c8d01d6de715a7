"""Socket Mode: tickets, connections, envelopes and their acks."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from aiohttp import WSMsgType, web

from tests.fakes.slack.acks import ACK_SECONDS, Ack, Sent
from tests.fakes.slack.refusals import JSON
from tests.fakes.slack.workspace import App
from tests.fakes.slack.world import World

MOST = 10  # open connections of one app


@dataclass(eq=False)
class Socket:
    """One open connection. A ``leaving`` one was told to go and gets nothing more."""

    app: App
    ws: web.WebSocketResponse
    transport: asyncio.Transport | None
    leaving: bool = False
    waiting: dict[str, asyncio.Future[JSON]] = field(default_factory=dict)
    issued: dict[str, bool] = field(default_factory=dict)  # envelope: whether its ack may carry a payload


class Sockets:
    """All connections of all apps. Each payload goes to one of them, in turn."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tickets: dict[str, App] = {}
        self._open: list[Socket] = []
        self._turn = 0

    def ticket(self, app: App) -> str:
        ticket = secrets.token_hex(8)
        self._tickets[ticket] = app
        return ticket

    def open(self, app: App | None = None) -> list[Socket]:
        """The connections that get payloads."""
        return [one for one in self._open if not one.leaving and app in (None, one.app)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection, for as long as it lives."""
        app = self._tickets.pop(request.query.get("ticket", ""), None)
        if app is None:
            return web.Response(status=403, text="invalid or used ticket")
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        if len(self.open(app)) >= MOST:
            self._world.book.add("socket", "too_many_websockets")
            await ws.send_json({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}})
            await ws.close()
            return ws
        socket = Socket(app, ws, request.transport)
        self._open.append(socket)
        await ws.send_json(
            {
                "type": "hello",
                "num_connections": len(self.open(app)),
                "debug_info": {"host": "applink-fake", "approximate_connection_time": 18060},
                "connection_info": {"app_id": app.id},
            }
        )
        self._world.changed()
        try:
            async for message in ws:
                if message.type is WSMsgType.TEXT:
                    self._acked(socket, message.data)
        finally:
            self._open.remove(socket)
            for answer in socket.waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionResetError())
            self._world.changed()
        return ws

    def _acked(self, socket: Socket, text: str) -> None:
        try:
            said = json.loads(text)
            envelope = str(said["envelope_id"])
        except (ValueError, KeyError, TypeError):
            self._complain("not an ack", text)
            return
        if envelope not in socket.issued:
            self._complain("ack of an unknown envelope", text)
        elif set(said) - {"envelope_id", "payload"}:
            self._complain("ack with unknown fields", text)
        elif said.get("payload") and not socket.issued[envelope]:
            self._complain("payload in an ack that takes none", text)
        elif (answer := socket.waiting.get(envelope)) is not None and not answer.done():
            answer.set_result(said.get("payload") or {})

    def _complain(self, error: str, text: str) -> None:
        self._world.book.add("socket", error, text[:200])

    async def send(self, app: App, sent: Sent) -> Ack:
        """Hand a payload to one connection and wait for its ack."""
        sockets = self.open(app)
        if not sockets:
            return Ack(ok=False, error="connection_failed")
        self._turn += 1
        socket = sockets[self._turn % len(sockets)]
        envelope = str(uuid4())
        body: JSON = {
            "envelope_id": envelope,
            "type": sent.kind,
            "payload": sent.payload,
            "accepts_response_payload": sent.kind != "events_api",
        }
        if sent.kind == "events_api":
            body |= {"retry_attempt": sent.attempt, "retry_reason": sent.reason}
        answer: asyncio.Future[JSON] = asyncio.get_running_loop().create_future()
        socket.waiting[envelope] = answer
        socket.issued[envelope] = sent.kind != "events_api"
        try:
            await socket.ws.send_json(body)
            return await self._answer(answer)
        except ConnectionResetError:
            return Ack(ok=False, error="connection_failed")
        finally:
            del socket.waiting[envelope]

    async def _answer(self, answer: asyncio.Future[JSON]) -> Ack:
        late: asyncio.Future[None] = asyncio.ensure_future(self._world.clock.sleep(ACK_SECONDS))
        try:
            await asyncio.wait((answer, late), return_when=asyncio.FIRST_COMPLETED)
            return Ack(ok=True, payload=answer.result()) if answer.done() else Ack(ok=False, error="timeout")
        finally:
            late.cancel()

    async def warn(self, sockets: Iterable[Socket] | None = None) -> None:
        """Ten seconds before the end of a connection: it still gets payloads."""
        for socket in list(sockets or self._open):
            await socket.ws.send_json({"type": "disconnect", "reason": "warning", "debug_info": {}})

    async def refresh(self, sockets: Iterable[Socket] | None = None) -> None:
        """Ask connections to go; they get nothing more."""
        for socket in list(sockets or self._open):
            socket.leaving = True
            await socket.ws.send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}})

    async def drop(self, sockets: Iterable[Socket] | None = None) -> None:
        """Break connections without a word."""
        for socket in list(sockets or self._open):
            socket.leaving = True
            if socket.transport is not None:
                socket.transport.abort()

    async def close(self) -> None:
        """The end of the fake: nobody is kept waiting."""
        for socket in list(self._open):
            await socket.ws.close()
