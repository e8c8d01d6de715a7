"""Who listens at the gateway, and how that goes wrong on order."""

from __future__ import annotations

from tests.fakes.discord.guilds import App
from tests.fakes.discord.refusals import JSON
from tests.fakes.discord.sessions import Session
from tests.fakes.discord.wire import Connection
from tests.fakes.discord.world import World

RECONNECT, INVALID = 7, 9


class Troubles:
    """Sessions and connections, and what a test may do to them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sessions: list[Session] = []
        self.connections: list[Connection] = []
        self._repeats: dict[str, int] = {}

    def open(self, app: App | None = None) -> list[Session]:
        """The sessions that somebody listens to."""
        return [one for one in self.sessions if one.connection and not one.over and app in (None, one.app)]

    def tell(self, session: Session, name: str, data: JSON) -> None:
        session.tell(name, data)
        if self._repeats.get(name, 0) > 0:
            self._repeats[name] -= 1
            session.tell(name, data)

    def repeat(self, name: str, times: int = 1) -> None:
        """The next events of this name come twice."""
        self._repeats[name] = times

    async def reconnect(self) -> None:
        """Ask everybody to connect again (opcode 7); they can resume."""
        self._say({"op": RECONNECT, "t": None, "s": None, "d": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Tell everybody that their session is invalid (opcode 9); what follows until READY is lost."""
        for session in self.open():
            session.over = not resumable
        self._say({"op": INVALID, "t": None, "s": None, "d": resumable})

    def forget(self) -> None:
        """No session can be resumed any more; nobody is told before they try."""
        for session in self.sessions:
            session.over = True

    async def drop(self) -> None:
        """Break all connections without a word. The sessions can be resumed."""
        for connection in list(self.connections):
            connection.cut()

    async def close_with(self, code: int) -> None:
        """Close all connections with a code."""
        self._world.book.add("gateway", str(code), ordered=True)
        for connection in list(self.connections):
            await connection.close(code)

    def silence(self) -> None:
        """The connections that are open now stay so, but nothing comes any more: no ack, no event."""
        for connection in self.connections:
            connection.silent = True

    def under_way(self) -> int:
        """Frames that are not sent yet."""
        return sum(one.waiting for one in self.connections)

    def _say(self, frame: JSON) -> None:
        for connection in list(self.connections):
            connection.put(frame)

    async def close(self) -> None:
        """The end of the fake: nobody is kept waiting."""
        for connection in list(self.connections):
            connection.cut()
