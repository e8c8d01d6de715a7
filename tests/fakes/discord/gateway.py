"""The gateway: hello, identify, resume, heartbeats."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord.guilds import App
from tests.fakes.discord.members import chunk
from tests.fakes.discord.refusals import JSON
from tests.fakes.discord.sessions import PRIVILEGED, Intent, Session
from tests.fakes.discord.troubles import INVALID, Troubles
from tests.fakes.discord.wire import Connection
from tests.fakes.discord.world import World

BEAT, IDENTIFY, PRESENCE, VOICE, RESUME, ASK_MEMBERS, HELLO, ACK = 1, 2, 3, 4, 6, 8, 10, 11
KNOWN = (BEAT, IDENTIFY, PRESENCE, VOICE, RESUME, ASK_MEMBERS)
BYTES = 4096


class Closed(Exception):
    """The connection ends with this code."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(code, why)
        self.code, self.why = code, why


class Gateway(Troubles):
    """All connections and sessions. Its settings may be changed at any time."""

    def __init__(self, world: World, greet: Callable[[Session], None]) -> None:
        super().__init__(world)
        self._greet = greet
        self.heartbeat = 41.25  # seconds
        self.resume_seconds = 300.0
        self.starts, self.concurrency = 1000, 16  # identifies a day, and in five seconds
        self.away = False  # connections are refused
        self.replay_extra = 0  # so many events that a client knows are told again when it resumes
        self.identified = self.resumed = self.beats = 0
        self._recent: deque[float] = deque()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection, for as long as it lives."""
        if self.away:
            return web.Response(status=503, text="upstream connect error")
        ws = web.WebSocketResponse(max_msg_size=0)
        await ws.prepare(request)
        zipped = request.query.get("compress") == "zlib-stream"
        connection = Connection(ws, request.transport, self._world.changed, zipped=zipped)
        self.connections.append(connection)
        writer = asyncio.ensure_future(connection.write())
        try:
            if (request.query.get("v"), request.query.get("encoding")) != ("10", "json"):
                raise Closed(4012, "only v=10 and encoding=json are spoken here")
            hello = {"heartbeat_interval": int(self.heartbeat * 1000), "_trace": ["fake"]}
            connection.put({"op": HELLO, "t": None, "s": None, "d": hello})
            async for message in ws:
                self._heard(connection, message.type, message.data)
        except Closed as closed:
            self._world.book.add("gateway", str(closed.code), closed.why)
            await connection.close(closed.code)
        finally:
            writer.cancel()
            self.connections.remove(connection)
            self._left(connection)
        return ws

    def _left(self, connection: Connection) -> None:
        for session in self.sessions:
            if session.connection is connection:
                session.connection, session.left_at = None, self._world.clock.now()
                # Who says goodbye properly cannot come back.
                session.over = session.over or (
                    connection.ws.close_code in (1000, 1001) and not connection.leaving
                )
        self._world.changed()

    def _heard(self, connection: Connection, kind: WSMsgType, text: Any) -> None:
        if connection.silent:
            return
        if connection.too_many(self._world.clock.now()):
            raise Closed(4008, "more than 120 frames in 60 seconds")
        op, data = _frame(kind, text)
        session = next((one for one in self.sessions if one.connection is connection), None)
        if session is None and op not in (BEAT, IDENTIFY, RESUME):
            raise Closed(4003, f"opcode {op} before identify")
        if session is not None and op in (IDENTIFY, RESUME):
            raise Closed(4005, "identified twice")
        if op == BEAT:
            self.beats += 1
            connection.put({"op": ACK, "t": None, "s": None, "d": None})
        elif op == IDENTIFY:
            self._identify(connection, data)
        elif op == RESUME:
            self._resume(connection, data)
        elif op == ASK_MEMBERS and session is not None:
            session.tell("GUILD_MEMBERS_CHUNK", chunk(self._world, session, data))
        self._world.changed()

    def _identify(self, connection: Connection, data: JSON) -> None:
        app = self._app(data)
        intents = data.get("intents")
        if type(intents) is not int or intents & ~int(Intent.ALL):
            raise Closed(4013, f"intents {intents}")
        for switch, bit in PRIVILEGED.items():
            if intents & bit and switch not in app.switches:
                raise Closed(4014, f"the switch for {switch} is off")
        shard = data.get("shard", [0, 1])
        if not (isinstance(shard, list) and len(shard) == 2 and 0 <= shard[0] < shard[1]):
            raise Closed(4010, f"shard {shard}")
        if not isinstance(data.get("properties"), dict):
            raise Closed(4002, "properties are missing")
        if self._crowded():
            self._world.book.add("gateway", "identify", "more identifies in 5 seconds than max_concurrency")
            connection.put({"op": INVALID, "d": False})
            return
        self.identified += 1
        self.starts -= 1
        session = Session(secrets.token_hex(16), app, intents, (shard[0], shard[1]), connection)
        self.sessions.append(session)
        self._greet(session)

    def _crowded(self) -> bool:
        now = self._world.clock.now()
        while self._recent and self._recent[0] <= now - 5:
            self._recent.popleft()
        self._recent.append(now)
        return len(self._recent) > self.concurrency or self.starts < 1

    def _resume(self, connection: Connection, data: JSON) -> None:
        app = self._app(data)
        wanted = data.get("session_id")
        session = next((one for one in self.sessions if one.id == wanted and one.app is app), None)
        gone = session is None or session.over
        if session is None or gone or self._too_late(session):
            connection.put({"op": INVALID, "t": None, "s": None, "d": False})
            return
        seq = data.get("seq")
        if type(seq) is not int or not 0 <= seq <= session.seq:
            raise Closed(4007, f"seq {seq} of {session.seq}")
        if session.connection is not None:
            session.connection.cut()
        session.connection = connection
        self.resumed += 1
        for _, frame in session.said[max(0, seq - self.replay_extra) :]:
            connection.put(frame)
        session.tell("RESUMED", {"_trace": ["fake"]})

    def _too_late(self, session: Session) -> bool:
        away = session.connection is None and self._world.clock.now() - session.left_at
        return away is not False and away > self.resume_seconds

    def _app(self, data: Any) -> App:
        if not isinstance(data, dict) or not isinstance(data.get("token"), str):
            raise Closed(4002, "no token")
        app = self._world.apps.get(data["token"].removeprefix("Bot "))
        if app is None:
            raise Closed(4004, "no such token")
        return app


def _frame(kind: WSMsgType, text: Any) -> tuple[int, Any]:
    """What a client sent: its opcode and data."""
    if kind is not WSMsgType.TEXT or len(text.encode()) > BYTES:
        raise Closed(4002, "not text, or more than 4096 bytes")
    try:
        said = json.loads(text)
        op, data = said["op"], said.get("d")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Closed(4002, text[:200]) from None
    if op not in KNOWN:
        raise Closed(4001, f"opcode {op}")
    return op, data
