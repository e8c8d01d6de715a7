"""The fake Discord on a real port: a strict stand-in that the real discord.py speaks to.

::

    async with FakeDiscord() as fake:
        with pointed_at(fake):
            client = MyClient(intents=..., guild_ready_timeout=0.01)
            task = asyncio.create_task(client.start(fake.app.token))
            await fake.connected()
            question = fake.mention("ada", "general", "what is a monad?")
            await fake.until(lambda: question.thread and fake.thread(question))
            assert fake.unexpected() == []

One server, one app, two people (``ada`` owns it all), a channel for everybody and one that the bot does not see are
there from the start; ``build`` has verbs for more. Its rules come from Discord's documentation, its limits from what
clients observe. On a clock that stands still no bucket fills up again: move it, or switch the meters off. It runs in
the virtual time of ``tests.fakes.loopback`` too, with discord.py and its gateway.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.discord.api import PREFIX, Api
from tests.fakes.discord.building import SWITCHES, Builder
from tests.fakes.discord.cdn import Cdn
from tests.fakes.discord.events import Events
from tests.fakes.discord.screens import Screens
from tests.fakes.discord.world import World
from tests.fakes.orders import Fault, Order, Orders
from tests.fakes.refused import Book, Refused
from tests.fakes.times import Clock


class FakeDiscord(Screens):
    """The server. What people do are its methods; ``world`` is the truth, ``book`` the refusals."""

    def __init__(self, *, clock: Clock | None = None, switches: Collection[str] = SWITCHES) -> None:
        self.clock = clock or Clock()
        self.book, self.orders = Book(self.clock.now), Orders()
        self.world = World(self.clock, self.book)
        self.events = Events(self.world)
        self.gateway = self.events.gateway
        self.api, self.cdn = Api(self.world, self.events, self.orders), Cdn(self.world)
        self.build = Builder(self.world, self.events)
        super().__init__(self.world, self.events)
        self._switches = switches

    @property
    def meters_off(self) -> bool:
        """Whether nothing is limited, for tests of other things."""
        return self.api.meters.off

    @meters_off.setter
    def meters_off(self, off: bool) -> None:
        self.api.meters.off = off

    def unexpected(self) -> list[Refused]:
        """Refusals and missing answers that no test ordered or expected."""
        return self.book.unexpected()

    def order(self, fault: Fault, endpoint: str = "", **more: Any) -> Order:
        """Let the next calls of an endpoint (its name in ``routes``) go wrong.

        ``error`` of a REFUSED one is a code or a status; of a BUSY one it may be "global", and ``wait`` is how long.
        """
        return self.orders.give(Order(fault, endpoint, **more))

    def withdraw(self, order: Order) -> None:
        """End an order; an answer it holds back goes out."""
        self.orders.withdraw(order)
        self.world.changed()

    async def until(self, true: Callable[[], object], seconds: float = 60.0) -> None:
        """Wait until something is so, looked at after each change."""
        await self.world.until(true, seconds)

    async def connected(self, number: int = 1) -> None:
        """Wait until so many sessions are listened to."""
        await self.until(lambda: len(self.gateway.open()) >= number)

    async def quiet(self) -> None:
        """Wait until every event is sent."""
        await self.until(lambda: self.gateway.under_way() == 0)

    async def __aenter__(self) -> Self:
        self._found()
        server = web.Application(client_max_size=64 << 20)
        server.router.add_route("*", f"{PREFIX}/{{path:.*}}", self.api.handle)
        server.router.add_get("/gw{path:.*}", self.gateway.handle)
        server.router.add_get("/cdn/attachments/{channel}/{file}/{name}", self.cdn.handle)
        self._runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.world.url = self.world.signed.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    def _found(self) -> None:
        """What is there from the start."""
        self.ada = self.build.user("ada", member=False)
        self.guild = self.build.guild("Acme", self.ada)
        self.grace = self.build.user("grace")
        self.app = self.build.app("switchboard", self.ada, switches=self._switches)
        self.bot = self.app.user
        self.build.invite(self.app)
        self.general = self.build.channel("general")
        self.private = self.build.channel("secret", members=[self.ada])

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.close()
        await self._runner.cleanup()
