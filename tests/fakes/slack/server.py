"""The fake Slack on a real port: a strict stand-in that the real slack-bolt and slack-sdk speak to.

::

    async with FakeSlack() as slack:
        client = AsyncWebClient(token=slack.bot.token, base_url=slack.api_url)
        app = AsyncApp(client=client, signing_secret=slack.app.signing_secret)
        ...
        question = slack.mention("ada", "general", "what is a monad?")
        await slack.until(lambda: len(slack.thread("general", question.ts)) == 2)
        assert not slack.unexpected()

One workspace, one app, two people, a public and a private channel are there from the start; ``build`` has
verbs for more. Its rules come from Slack's own references.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.orders import Fault, Order, Orders
from tests.fakes.refused import Book, Refused
from tests.fakes.slack.api import Api
from tests.fakes.slack.building import Builder
from tests.fakes.slack.deliveries import Deliveries
from tests.fakes.slack.events import Events
from tests.fakes.slack.files import FileServer
from tests.fakes.slack.interactions import Interactions
from tests.fakes.slack.posts import Posts
from tests.fakes.slack.responses import Responses
from tests.fakes.slack.screens import Screens
from tests.fakes.slack.sockets import Sockets
from tests.fakes.slack.workspace import App
from tests.fakes.slack.world import World
from tests.fakes.times import Clock


class FakeSlack(Screens):
    """The server. What people do are its methods; ``world`` is the truth, ``book`` the refusals."""

    def __init__(self, *, clock: Clock | None = None, **app: Any) -> None:
        self.clock = clock or Clock()
        self.book, self.orders = Book(self.clock.now), Orders()
        self.world = World(self.clock, self.book)
        self.sockets, self._posts = Sockets(self.world), Posts(self.clock)
        self.deliveries = Deliveries(self.world, self.orders, self.sockets, self._posts)
        self.events = Events(self.world, self.deliveries.event)
        self.api = Api(self.world, self.events, self.orders, self.sockets)
        self.build = Builder(self.world)
        self.team = self.build.workspace("Acme")
        self.app = self.build.app("switchboard", **app)
        self.ada, self.grace = self.build.user("ada"), self.build.user("grace")
        self.bot = self.build.install(self.app, self.team)
        self.general = self.build.channel("general")
        self.private = self.build.channel("secret", kind="group")
        self._responses, self._files = Responses(self.world, self.events), FileServer(self.world)
        interactions = Interactions(self.world, self.deliveries, self._responses)
        super().__init__(self.world, self.events, interactions)

    @property
    def api_url(self) -> str:
        """What to give the client as its base URL."""
        return f"{self.world.url}/api/"

    def unexpected(self) -> list[Refused]:
        """Refusals, lost words and missing acks that no test ordered or expected."""
        return self.book.unexpected()

    def order(self, fault: Fault, method: str = "", **more: Any) -> Order:
        """Let the next calls of a method go wrong; ``deliver`` is the delivery of payloads to the app."""
        return self.orders.give(Order(fault, method, **more))

    def withdraw(self, order: Order) -> None:
        """End an order; an answer it holds back goes out."""
        self.orders.withdraw(order)
        self.world.changed()

    async def until(self, true: Callable[[], object], seconds: float = 60.0) -> None:
        """Wait until something is so, looked at after each change."""
        await self.world.until(true, seconds)

    async def connected(self, number: int = 1) -> None:
        """Wait until the app has so many sockets open."""
        await self.until(lambda: len(self.sockets.open()) >= number)

    async def quiet(self) -> None:
        """Wait until no payload is under way (one that waits for its next try is not)."""
        await self.until(lambda: self.deliveries.under_way == 0)

    async def deliver_to(self, url: str, *, options_url: str = "", app: App | None = None) -> None:
        """Switch an app from Socket Mode to signed HTTP, as its settings page does it."""
        app = app or self.app
        await self._posts.verify(app, url)
        app.request_url, app.options_url = url, options_url

    async def __aenter__(self) -> Self:
        server = web.Application(client_max_size=64 * 1024 * 1024)
        server.router.add_route("*", "/api/{method}", self.api.handle)
        server.router.add_get("/link/", self.sockets.handle)
        server.router.add_post("/actions/{id}", self._responses.handle)
        server.router.add_post("/upload/v1/{ticket}", self._files.take)
        server.router.add_get("/files-pri/{file}/{name}", self._files.give)
        server.router.add_get("/files-pri/download/{file}/{name}", self._files.give)
        self._runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.world.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.deliveries.close()
        await self._posts.close()
        await self.sockets.close()
        await self._runner.cleanup()
