"""The program: starts what ``house`` makes, says how to get in, and ends it within 25 seconds of a signal."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import click

from bot.config import Config
from bot.edges import DiscordConnection, SlackConnection
from bot.house import House, made, make_folder, open_store
from bot.jobs.models import refresh_models
from bot.jobs.prices import keep_prices
from bot.jobs.supervisor import supervise
from bot.logs import Redactor, setup
from bot.serving import listen

log = logging.getLogger(__name__)

_FINISHING = 18.0  # seconds that growing answers get to finish at a stop
_LINK_LIVES = timedelta(hours=1)


def run(config: Config) -> int:
    """Serve until SIGINT or SIGTERM. Returns the exit code; raises SwitchboardError where it cannot start."""
    _log(config)
    asyncio.run(_serve(config))
    return 0


def _log(config: Config) -> None:
    setup(config.log_level, Redactor(config.secrets()), config.log_format)


def migrate(config: Config) -> int:
    """Bring the database to this version's schema. Returns the exit code."""
    _log(config)

    async def once() -> None:
        make_folder(config)
        store = await open_store(config)
        await store.close()

    asyncio.run(once())
    click.echo("The database is up to date.")
    return 0


async def _serve(config: Config) -> None:
    listener = listen(config)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with made(config, listener) as house, asyncio.TaskGroup() as group:
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "site": partial(house.server.serve, sockets=[listener]),
            "heartbeat": house.presence.run,
            "delivery": house.delivery.run,
            "engine": house.engine.run,
            "tasks": house.tasks.run,
            "prices": partial(keep_prices, house.registry.prices, house.registry.calibration),
            "models": partial(refresh_models, house.registry, house.keys, house.customs),
            "providers": house.keeper.run,
            "clock": house.sweeps.run,
        }
        platforms: dict[str, SlackConnection | DiscordConnection]
        platforms = {"slack": house.slack, "discord": house.discord}
        tasks = [
            group.create_task(supervise(part, run, house.health), name=part) for part, run in parts.items()
        ]
        tasks += [
            group.create_task(supervise(part, one.run, house.health, one.changed), name=part)
            for part, one in platforms.items()
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
