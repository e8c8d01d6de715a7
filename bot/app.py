"""The composition root: makes every part, wires them, starts and stops them. It decides nothing."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import click
import uvicorn

import web.app
from bot.calls.call import Caller
from bot.commands.command import Desk
from bot.config import Config
from bot.conversation.answer import Parts
from bot.conversation.delivery import Delivery
from bot.conversation.engine import Engine
from bot.conversation.presence import Presence
from bot.conversation.settings import Settings
from bot.core.errors import SwitchboardError
from bot.jobs.models import refresh_models
from bot.jobs.supervisor import Health, supervise
from bot.logs import Redactor, setup
from bot.metrics import Metrics
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.registry import Registry
from storage.errors import StorageError
from storage.lock import FolderLock
from storage.store import Store
from web.chat import WebSurface

log = logging.getLogger(__name__)

_FINISHING = 18.0  # seconds that growing answers get to finish at a stop
_LINK_LIVES = timedelta(hours=1)


class NoFolder(SwitchboardError):
    """The data folder cannot be made."""


class PortTaken(SwitchboardError):
    """Somebody else listens where we should."""


@dataclass(frozen=True, slots=True)
class House:
    """Everything that was made, for the short time that the root needs to see it."""

    url: str
    store: Store
    delivery: Delivery
    engine: Engine
    presence: Presence
    registry: Registry
    surface: WebSurface
    health: Health
    server: uvicorn.Server


def run(config: Config) -> int:
    """Serve until SIGINT or SIGTERM. Returns the exit code; raises SwitchboardError where it cannot start."""
    _log(config)
    asyncio.run(_serve(config))
    return 0


def _log(config: Config) -> None:
    setup(config.log_level, Redactor(config.secrets()), config.log_format)


def _make_folder(config: Config) -> None:
    try:
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        say = f"Cannot make the folder {config.data_dir} ({error.strerror}); SWITCHBOARD_DATA names another."
        raise NoFolder(say=say) from None


def migrate(config: Config) -> int:
    """Bring the database to this version's schema. Returns the exit code."""
    _log(config)

    async def once() -> None:
        _make_folder(config)
        store = await Store.open(config.database_url, config.data_dir)
        await store.close()

    asyncio.run(once())
    click.echo("The database is up to date.")
    return 0


class _Server(uvicorn.Server):
    """The site's server inside our own loop: the root handles the signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them to the root."""
        yield


def _listen(config: Config) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # The protocol named: asyncio turns Nagle's delay off only where it sees TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
    except OSError as error:
        listener.close()
        where = f"{config.host}:{config.port}"
        say = f"Cannot listen on {where} ({error.strerror}). Is it in use? PORT chooses another."
        raise PortTaken(say=say) from None
    listener.listen(512)
    return listener


def _public_url(config: Config, listener: socket.socket) -> str:
    """The address people open; with PORT=0 the port is known only now."""
    if not config.public_url.endswith(":0"):
        return config.public_url
    return f"{config.public_url.removesuffix(':0')}:{listener.getsockname()[1]}"


@asynccontextmanager
async def _made(config: Config, listener: socket.socket) -> AsyncIterator[House]:
    """Make every part from the bottom up; unmake them from the top down."""
    async with AsyncExitStack() as stack:
        _make_folder(config)
        alone = config.database_url.startswith("sqlite:")
        if alone:
            stack.enter_context(FolderLock(config.data_dir))
        store = await Store.open(config.database_url, config.data_dir)
        stack.push_async_callback(store.close)
        http = await stack.enter_async_context(Http())
        registry = Registry(CATALOG, config.providers, http, default=config.default_model)
        process = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        delivery = Delivery(share=lambda workspace: presence.share(workspace))  # noqa: PLW0108 - made below
        presence = Presence(store, process, slots=delivery.open_slots, alone=alone)
        await presence.join()
        stack.push_async_callback(presence.leave)
        surface = WebSurface(store)
        settings = Settings(store, registry)
        caller = Caller(store, registry, process)
        parts = Parts(store, registry, caller, delivery, settings, presence, {surface.platform: surface})
        engine = Engine(parts)
        health = Health()
        url = _public_url(config, listener)
        services = web.app.Services(
            store=store,
            receive=engine.receive,
            commands=Desk(store=store, registry=registry, engine=engine, settings=settings),
            send=partial(delivery.send, surface),
            surface=surface,
            health=partial(_health, store, health),
            metrics=Metrics(engine).text,
            public_url=url,
        )
        server = _Server(
            uvicorn.Config(
                web.app.build(services),
                log_config=None,
                access_log=False,  # paths carry sign-in tokens
                proxy_headers=False,
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=2,
            )
        )
        yield House(url, store, delivery, engine, presence, registry, surface, health, server)


async def _health(store: Store, health: Health) -> dict[str, str]:
    """One status per part, "ok" where it works."""
    try:
        await store.ping()
        database = "ok"
    except StorageError as error:
        database = error.say
    return {"database": database, **health.parts()}


async def _serve(config: Config) -> None:
    listener = _listen(config)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with _made(config, listener) as house, asyncio.TaskGroup() as group:
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "site": partial(house.server.serve, sockets=[listener]),
            "heartbeat": house.presence.run,
            "delivery": house.delivery.run,
            "engine": house.engine.run,
            "models": partial(refresh_models, house.registry),
        }
        tasks = [
            group.create_task(supervise(part, run, house.health), name=part) for part, run in parts.items()
        ]
        await _announce(house)
        await stop.wait()
        await _stop(house)
        for task in tasks:
            task.cancel()


async def _announce(house: House) -> None:
    """Say where it is and how to get in, once people can."""
    while not house.server.started:  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.01)
    owner = await house.store.people.owner()
    link = await house.store.sessions.link(owner.id if owner else None, _LINK_LIVES)
    click.echo(f"Switchboard is ready at {house.url}/")
    click.echo(f"Sign in: {house.url}/sign-in/{link}")
    click.echo("The link works once, within the hour; the next start prints another. Ctrl-C stops.")


async def _stop(house: House) -> None:
    """Finish what grows, then close the site; within 25 s in all."""
    log.info("stopping: %d answers are still growing", house.engine.growing)
    await house.engine.close(_FINISHING)
    house.surface.close()
    house.server.should_exit = True
