"""The site on a real loopback port, over a real store. What answers messages is not running here."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn

from bot.calls.call import Caller
from bot.calls.reach import Reach
from bot.commands.command import Desk
from bot.conversation.answer import Parts
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.engine import Engine
from bot.conversation.presence import Presence
from bot.conversation.settings import Settings
from bot.conversation.tasks import TaskDesk
from bot.core.place import Place
from bot.core.view import View
from bot.jobs.hooks import Hooks
from bot.net.guard import Guard
from bot.net.http import Http
from bot.platforms import is_direct
from bot.providers.catalog import CATALOG
from bot.providers.customs import Customs
from bot.providers.ollama.managed import Managed, Reached
from bot.providers.prices import PriceBook
from bot.providers.registry import Registry
from bot.providers.rows.own import OLLAMA
from storage.people import Person
from storage.store import Store
from tests.databases import MigratedFile
from web.app import AlertDesk, ModelDesk, Services, build
from web.chat import WebSurface, place_of


@dataclass
class Site:
    """A running site, and what stands behind it."""

    url: str
    store: Store
    surface: WebSurface
    services: Services
    health: dict[str, str] = field(default_factory=lambda: {"database": "ok"})

    @asynccontextmanager
    async def visitor(self, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        """Somebody's browser, as far as headers and cookies go."""
        sent = {"Sec-Fetch-Site": "same-origin", **{name.replace("_", "-"): v for name, v in headers.items()}}
        async with httpx.AsyncClient(base_url=self.url, headers=sent, timeout=30) as client:
            yield client

    async def sign_in(self, client: httpx.AsyncClient, person_id: int | None = None) -> Person:
        """Sign a visitor in, as the owner unless another person is named."""
        token = await self.store.sessions.link(person_id, timedelta(hours=1))
        assert (await client.post(f"/sign-in/{token}")).status_code == 303
        person = await self.store.sessions.person(client.cookies["switchboard"])
        assert person is not None
        return person

    async def someone_else(self) -> Person:
        """A person who is not the owner."""
        return await self.store.people.identify("web", "web:main", "someone else", "Someone Else")

    async def post(self, person: Person, thread: str, view: View, key: str) -> str:
        """Let the bot say something in a thread."""
        return (await self.surface.post(place_of(person.id, thread), view, key)).message_id


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> MigratedFile:
    """What a first start makes, in a file."""
    return MigratedFile(tmp_path_factory.mktemp("schema"))


@pytest.fixture
def address(schema: MigratedFile, tmp_path: Path) -> str:
    """The database of a test. Those that lean on the database itself take ``database_url`` in its place."""
    return schema.url(tmp_path)


@pytest.fixture
async def store(address: str, tmp_path: Path) -> AsyncIterator[Store]:
    """An open store of the test's own."""
    opened = await Store.open(address, tmp_path)
    yield opened
    await opened.close()


class Quiet(uvicorn.Server):
    """A server that leaves the test's signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(services: Services, listener: socket.socket) -> AsyncIterator[None]:
    """Serve until the block ends; streams end first, as they do in the program."""
    config = uvicorn.Config(build(services), lifespan="off", log_config=None, timeout_graceful_shutdown=5)
    server = Quiet(config)
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield
    finally:
        services.surface.close()
        server.should_exit = True
        await task


def listen() -> socket.socket:
    """A free port of this machine."""
    # TCP by name: else asyncio leaves Nagle's algorithm on, and every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener


def parts(store: Store, surface: WebSurface, http: Http) -> Parts:
    """The heart's parts, not running."""
    registry = Registry(CATALOG, {}, http, prices=PriceBook(store.price_overrides))
    settings = Settings(store, registry)
    delivery = Delivery()
    presence = Presence(store, "test", slots=delivery.open_slots, alone=True)
    caller = Caller(store, registry, "test")
    return Parts(store, registry, caller, delivery, settings, presence, {surface.platform: surface})


def desk(made: Parts, http: Http) -> ModelDesk:
    """What the pages on providers and models work with."""
    registry, guard = made.registry, Guard()
    customs = Customs(made.store, registry, guard)

    async def sync() -> None:
        await customs.sync()
        await made.caller.keys.sync()
        await registry.prices.sync()

    async def reach(place: Place, person_id: int | None) -> Reached:
        return await Reach(OLLAMA, made.caller.keys, None)(place, person_id)

    return ModelDesk(
        registry,
        made.caller.board,
        sync,
        TaskDesk(made.store.tasks),
        Managed(http, reach, registry="http://127.0.0.1:9"),
    )


@pytest.fixture
async def site(store: Store) -> AsyncIterator[Site]:
    """The site, running."""
    surface, listener = WebSurface(store), listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with Http() as http, Http(guard=Guard()) as outside:
        made = parts(store, surface, http)
        engine = Engine(made)

        async def send(place: Place, view: View, key: str) -> str:
            return (await surface.post(place, view, key)).message_id

        async def health() -> dict[str, str]:
            return running.health

        async def sweep() -> None:
            """What is to be sent stays there: nobody sends here."""

        async def forget(conversation_id: int, person_id: int) -> bool:
            return await engine.forget(conversation_id, person_id, "Gone.") is not None

        services = Services(
            store=store,
            receive=engine.receive,
            commands=Desk(store, made.registry, engine, made.settings),
            send=send,
            surface=surface,
            health=health,
            metrics=lambda: b"switchboard_up 1\n",
            public_url=url,
            http=http,
            forget=forget,
            models=desk(made, http),
            alerts=AlertDesk(is_direct, Hooks(store, http, outside).test, sweep),
            wake=engine.wake,
        )
        running = Site(url, store, surface, services)
        delivering = asyncio.create_task(made.delivery.run())
        try:
            async with serving(services, listener):
                yield running
        finally:
            delivering.cancel()
