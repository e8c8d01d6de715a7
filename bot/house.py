"""Makes every part of the program and wires them; unmakes them at the end. It decides nothing."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import web.app
from bot.adapters.slack.settings import POST_PATH
from bot.calls.call import Caller
from bot.calls.keys import Keys
from bot.calls.reach import Reach
from bot.commands.command import Desk
from bot.commands.digest import NOW
from bot.config import Config
from bot.conversation.answer import Parts
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.engine import Engine
from bot.conversation.presence import Presence
from bot.conversation.settings import Settings
from bot.conversation.tasks import TaskDesk
from bot.core.errors import SwitchboardError
from bot.core.surface import Surface
from bot.edges import DiscordConnection, Heart, SlackConnection, discord_connection, posted, slack_connection
from bot.jobs.alerts import Alerts
from bot.jobs.clock import Sweeps
from bot.jobs.digests import DIGEST, OFFERED, Digests
from bot.jobs.health import HealthKeeper
from bot.jobs.hooks import Hooks
from bot.jobs.pulls import Pulls
from bot.jobs.sender import Rooms, Sender
from bot.jobs.supervisor import Health
from bot.jobs.tasks import TaskRunner
from bot.jobs.watch import Watch
from bot.logs import redactor
from bot.metrics import Metrics
from bot.net.guard import Guard
from bot.net.http import Http
from bot.net.mail import Mailer
from bot.platforms import is_direct, link
from bot.providers.calibration import Calibration
from bot.providers.catalog import CATALOG
from bot.providers.customs import Customs
from bot.providers.ollama.disk import Disk
from bot.providers.ollama.managed import Managed
from bot.providers.ollama.orders import PULL
from bot.providers.prices import PriceBook
from bot.providers.registry import Registry
from bot.providers.rows.own import OLLAMA
from bot.serving import Server, public_url, server
from bot.site import discord_desk, looks, slack_desk
from bot.workbench.alerting import ALERT
from bot.workbench.digest import Atlas
from bot.workbench.digester import Digester
from storage.errors import StorageError, VaultError
from storage.lock import FolderLock
from storage.store import Store
from web.chat import WebSurface

log = logging.getLogger(__name__)

_FORGOTTEN = "Fork of a conversation that was forgotten."


class NoFolder(SwitchboardError):
    """The data folder cannot be made."""


@dataclass(frozen=True, slots=True)
class House:
    """Everything that was made, for the short time that the root needs to see it."""

    url: str
    store: Store
    delivery: Delivery
    engine: Engine
    tasks: TaskRunner
    presence: Presence
    registry: Registry
    keys: Keys
    customs: Customs
    keeper: HealthKeeper
    sweeps: Sweeps
    surface: WebSurface
    health: Health
    server: Server
    slack: SlackConnection
    discord: DiscordConnection


def make_folder(config: Config) -> None:
    """The data folder, for this user alone. Raises NoFolder."""
    try:
        config.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        say = f"Cannot make the folder {config.data_dir} ({error.strerror}); SWITCHBOARD_DATA names another."
        raise NoFolder(say=say) from None


async def open_store(config: Config) -> Store:
    """The database with its vault. A secret key that is missing stops nothing but what needs it."""
    store = await Store.open(
        config.database_url, config.data_dir, secret_keys=config.secret_keys, learn=redactor().add
    )
    try:
        await store.vault.note()
    except VaultError as error:
        log.error("stored keys do not open: %s", error.say)
    except BaseException:
        await store.close()
        raise
    return store


@asynccontextmanager
async def made(config: Config, listener: socket.socket) -> AsyncIterator[House]:
    """Make every part from the bottom up; unmake them from the top down."""
    async with AsyncExitStack() as stack:
        make_folder(config)
        alone = config.database_url.startswith("sqlite:")
        if alone:
            stack.enter_context(FolderLock(config.data_dir))
        store = await open_store(config)
        stack.push_async_callback(store.close)
        http = await stack.enter_async_context(Http())
        prices, calibration = PriceBook(store.price_overrides), Calibration(store.estimates)
        await prices.sync()
        await calibration.sync()
        stack.push_async_callback(calibration.sync)
        guard = Guard()
        outside = await stack.enter_async_context(Http(guard=guard))
        registry = Registry(
            CATALOG,
            config.providers,
            http,
            default=config.default_model,
            prices=prices,
            calibration=calibration,
            outside=outside,
            kept=store.known_models,
        )
        customs = Customs(store, registry, guard)
        process = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        delivery = Delivery(share=lambda workspace: presence.share(workspace))  # noqa: PLW0108 - made below
        presence = Presence(store, process, slots=delivery.open_slots, alone=alone)
        await presence.join()
        stack.push_async_callback(presence.leave)
        surface = WebSurface(store)
        settings = Settings(store, registry)
        caller = Caller(store, registry, process)
        await customs.sync()
        await caller.keys.sync()
        await registry.restore()
        surfaces: dict[str, Surface] = {surface.platform: surface}
        parts = Parts(store, registry, caller, delivery, settings, presence, surfaces)
        engine = Engine(parts)
        url = public_url(config, listener)
        managed = _managed(config, http, outside, caller.keys)
        tasks = TaskDesk(store.tasks)
        digester = Digester(store, registry.models, Atlas(link, is_direct))
        mailer = None if config.mail is None else Mailer(config.mail)
        sender, rooms, hooks = (
            Sender(store, presence),
            Rooms(delivery, surfaces),
            Hooks(store, http, outside),
        )
        alerts = Alerts(store, rooms, hooks, is_direct, mailer)
        digests = Digests(store, rooms, digester, sender.sweep)
        sweeps = _sweeps(sender, alerts, digests, Watch(store, registry.models))
        stack.push_async_callback(sender.close)
        kinds = {PULL: Pulls(managed, registry.refresh).kind, NOW: digests.at_once}
        runner = TaskRunner(store.tasks, tasks, presence, delivery, surfaces, kinds)
        desk = Desk(
            store=store,
            registry=registry,
            engine=engine,
            settings=settings,
            tasks=tasks,
            ollama=managed,
            status=caller.board.of,
            site=url,
            digests=digester,
            mails=mailer is not None,
        )
        heart = Heart(parts, surfaces, engine, desk)
        slack, discord = slack_connection(config, heart), discord_connection(config, heart)
        health = Health()
        services = web.app.Services(
            store=store,
            receive=engine.receive,
            commands=desk,
            send=partial(delivery.send, surface),
            surface=surface,
            health=partial(_health, store, health, {"slack": slack, "discord": discord}),
            metrics=Metrics(engine, delivery).text,
            public_url=url,
            http=http,
            forget=partial(_forgotten, engine),
            models=web.app.ModelDesk(
                registry,
                caller.board,
                partial(_sync, caller.keys, customs, prices),
                tasks,
                managed,
            ),
            platforms={
                "slack": slack_desk(store, config, url, slack),
                "discord": discord_desk(store, config, http, discord),
            },
            looks=looks(config),
            alerts=web.app.AlertDesk(is_direct, hooks.test, sender.sweep),
            wake=engine.wake,
            inlets={POST_PATH: partial(posted, slack)},
            sign_in=config.sign_in,
        )
        yield House(
            url,
            store,
            delivery,
            engine,
            runner,
            presence,
            registry,
            caller.keys,
            customs,
            HealthKeeper(store, registry, caller.board),
            sweeps,
            surface,
            health,
            server(web.app.build(services), config),
            slack,
            discord,
        )


async def _sync(keys: Keys, customs: Customs, prices: PriceBook) -> None:
    """Take over what was stored, at once."""
    await customs.sync()
    await keys.sync()
    await prices.sync()


def _sweeps(sender: Sender, alerts: Alerts, digests: Digests, watch: Watch) -> Sweeps:
    """The clock, and what it has looked at: what is to be told, when digests are due, what is to be sent."""
    sender.learn({ALERT: alerts.send, DIGEST: digests.send, OFFERED: digests.offer})
    looks = {"watch": watch.look, "digests": digests.enter, "alerts": alerts.enter, "sendings": sender.sweep}
    return Sweeps(looks)


def _managed(config: Config, http: Http, outside: Http, keys: Keys) -> Managed:
    """Whoever looks after Ollama's models."""
    reach = Reach(OLLAMA, keys, config.providers.get(OLLAMA.id))
    settings = config.ollama
    return Managed(
        http,
        reach,
        registry=settings.registry,
        catalogue=settings.catalogue,
        disk=Disk(settings.models),
        outside=outside,
    )


async def _forgotten(engine: Engine, conversation_id: int, person_id: int) -> bool:
    return await engine.forget(conversation_id, person_id, _FORGOTTEN) is not None


async def _health(
    store: Store,
    health: Health,
    platforms: Mapping[str, SlackConnection | DiscordConnection],
) -> dict[str, str]:
    """One status per part, "ok" where it works."""
    try:
        await store.ping()
        database = "ok"
    except StorageError as error:
        database = error.say
    parts = dict(health.parts())
    for name, platform in platforms.items():
        if parts.get(name) == "ok":
            if (said := platform.health()) is None:
                del parts[name]  # there is nothing to connect
            else:
                parts[name] = said
    return {"database": database, **parts}
