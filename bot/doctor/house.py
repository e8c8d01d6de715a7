"""What can be looked at on this machine: database, folder, port, secret key, clock, models."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bot.adapters.discord.settings import DiscordSettings
from bot.adapters.slack.settings import SlackSettings
from bot.calls.keys import Keys
from bot.config import Config
from bot.conversation.settings import INSTALLATION, MODEL
from bot.core.check import Check, failed, ok, warning
from bot.core.errors import SwitchboardError
from bot.logs import redactor
from bot.net.errors import NetError
from bot.net.guard import Guard
from bot.net.http import Http
from bot.platforms import discord_with, slack_with, stored
from bot.providers.catalog import CATALOG
from bot.providers.checks import Checked, check_all
from bot.providers.customs import Customs
from bot.providers.models import Model
from bot.providers.registry import Registry
from bot.providers.retiring import retirement
from storage import schema
from storage.errors import SchemaTooNew, StorageDown, StorageError, VaultError
from storage.keyfile import VARIABLE
from storage.store import Store

_MB = 1_000_000
_LOW, _FULL = 1000 * _MB, 100 * _MB  # bytes free on the disk of the data folder
_ENOUGH = 1.0  # seconds that the clock may jump while it is looked at
_CHECKED = 7  # days of usage that are compared
_MEND_KEY = "`switchboard keys check` names every key that does not open"
_WHERE = "DATABASE_URL and SWITCHBOARD_DATA say where the data goes"


async def database(config: Config) -> Check:
    """It opens, its schema is this version's, and it takes a write. Nothing is made and nothing migrated."""
    url = urlsplit(config.database_url)
    file = Path("/", unquote(url.path).lstrip("/"))
    if url.scheme == "sqlite" and not await asyncio.to_thread(file.exists):
        return ok("database", f"{file} is not there yet; the first start makes it.")
    where = str(file) if url.scheme == "sqlite" else f"PostgreSQL at {url.hostname}"
    try:
        # Opening makes the folder it is given; so it gets one that is there.
        there = file.parent if url.scheme == "sqlite" else Path()
        store = await Store.open(config.database_url, there, migrate=False)
        try:
            await store.check_writable()
        finally:
            await store.close()
    except (SchemaTooNew, StorageDown) as error:
        return failed("database", f"{where}: {error.say}", _WHERE)
    except StorageError as error:
        return warning("database", f"{where}: {error.say}", "the next start does it too")
    return ok("database", f"{where} opens and takes writes; its schema is {schema.known()[-1]}.")


def folder(config: Config) -> Check:
    """Files can be made in it, and there is room."""
    path = config.data_dir
    if not path.exists():
        there = next(parent for parent in path.parents if parent.exists())
        if os.access(there, os.W_OK | os.X_OK):
            return ok("data folder", f"{path} is not there yet; the first start makes it.")
        return failed("data folder", f"{path} cannot be made: {there} is not writable.", _WHERE)
    try:
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"\0" * 4096)
        free = shutil.disk_usage(path).free
    except OSError as error:
        return failed("data folder", f"{path} cannot be written ({error.strerror}).", _WHERE)
    said = f"{path} is writable, with {free / 1000 / _MB:.1f} GB free."
    if free < _FULL:
        return failed("data folder", said, "make room: a full disk stops every answer")
    return warning("data folder", said, "make room soon") if free < _LOW else ok("data folder", said)


async def secret_key(config: Config, environment: Mapping[str, str]) -> list[Check]:
    """Whether it is there, where it comes from, and whether everything that is stored opens with it."""
    where = "the environment" if environment.get(VARIABLE) else ".env"
    given = f"{VARIABLE} is set in {where}" if config.secret_keys else f"{VARIABLE} is not set"
    if not await asyncio.to_thread(_is_there, config):
        return [ok("secret key", f"{given}; nothing is encrypted yet.")]
    try:
        async with _store(config) as store:
            return await _opens(store, given if config.secret_keys else "the key is in the data folder")
    except (SchemaTooNew, StorageDown) as error:
        return [
            warning(
                "secret key", f"{given}; stored keys could not be tried: {error.say}", "mend the database"
            )
        ]
    except StorageError:  # its schema lacks something; the line on the database says so
        return [ok("secret key", f"{given}; the database is older than the vault.")]


async def _opens(store: Store, given: str) -> list[Check]:
    try:
        found, used = await store.vault.check(), await store.vault.in_use()
    except VaultError as error:
        return [failed("secret key", error.say, _MEND_KEY)]
    if not used:
        return [ok("secret key", "nothing is encrypted yet.")]
    if found:
        # Many rows may lack the same key: one line for each reason.
        return [
            failed("secret key", said, _MEND_KEY) for said in dict.fromkeys(one.error.say for one in found)
        ]
    if trap := store.vault.file_trap:
        return [warning("secret key", f"every stored key opens. {trap}", f"set {VARIABLE} everywhere")]
    return [ok("secret key", f"every stored key opens; {given}.")]


async def reports(config: Config) -> list[Check]:
    """Whether what reports read of the last days is what the ledger says."""
    if not await asyncio.to_thread(_is_there, config):
        return [ok("usage reports", "nothing was used yet.")]
    today = datetime.now(UTC).date()
    # A day more at the end: somewhere it is tomorrow already.
    days = [(today + timedelta(days=number)).isoformat() for number in (-_CHECKED, 1)]
    try:
        async with _store(config) as store:
            found = await store.ledger.unequal(*days)
    except StorageError:  # away, or its schema lacks something; the line on the database says so
        return [ok("usage reports", "could not be compared with the ledger; see the database.")]
    if found:
        where = "; ".join(f"{one.table} ({one.where})" for one in found[:3])
        fix = "the ledger itself is whole; please report this line, with the version"
        return [failed("usage reports", f"differ from the ledger in {where}.", fix)]
    return [ok("usage reports", f"of the last {_CHECKED} days say what the ledger says.")]


@asynccontextmanager
async def _store(config: Config) -> AsyncIterator[Store]:
    """The database and its vault as they stand; nothing is made and nothing migrated."""
    store = await Store.open(
        config.database_url,
        config.data_dir,
        migrate=False,
        secret_keys=config.secret_keys,
        learn=redactor().add,
    )
    try:
        yield store
    finally:
        await store.close()


def _is_there(config: Config) -> bool:
    """Whether there is a database to look into."""
    url = urlsplit(config.database_url)
    return url.scheme != "sqlite" or Path("/", unquote(url.path).lstrip("/")).exists()


async def platforms(config: Config) -> tuple[SlackSettings, DiscordSettings]:
    """The chat platforms to look at: what the environment names, and what the site has where that can be read."""
    slack, discord = config.slack, config.discord
    if await asyncio.to_thread(_is_there, config):
        with suppress(StorageError):  # another line says what is wrong with the database
            async with _store(config) as store:
                slack = slack_with(slack, await stored(store, "slack"))
                discord = discord_with(discord, await stored(store, "discord"))
    return slack, discord


class Clock:
    """Whether the clock stood back while everything else was looked at."""

    def __init__(self) -> None:
        self._started = time.time(), time.monotonic()

    def check(self) -> Check:
        """To be asked at the end."""
        shown, passed = time.time() - self._started[0], time.monotonic() - self._started[1]
        if abs(shown - passed) > _ENOUGH:
            found = f"it jumped by {shown - passed:+.1f} seconds within {passed:.1f} seconds."
            return warning("clock", found, "let the machine keep its time by NTP: timedatectl set-ntp true")
        return ok("clock", "it runs evenly.")


async def port(config: Config, http: Http) -> list[Check]:
    """Free for us, or our own site that answers there, and then how its parts are."""
    where = f"{config.host}:{config.port}"
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((config.host, config.port))
        except OSError as error:
            reason = error.strerror
        else:
            return [ok("port", f"{where} is free." if config.port else "any free one is taken at the start.")]
    parts = await _parts(config, http)
    if parts is None:
        return [failed("port", f"cannot listen on {where} ({reason}).", "PORT and HOST choose another")]
    ill = {part: said for part, said in parts.items() if said != "ok"}
    found = [ok("port", f"Switchboard runs at {where} already.")]
    return found + [warning(f"its {part}", said, "its log says more") for part, said in ill.items()]


async def _parts(config: Config, http: Http) -> Mapping[str, str] | None:
    """What a Switchboard that runs says of its parts, None where none answers."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)  # noqa: S104 - recognised
    try:
        answer = await http.request(
            "GET", f"http://{f'[{host}]' if ':' in host else host}:{config.port}/readyz"
        )
        parts = json.loads(answer.body)["parts"]
        return {str(part): str(said) for part, said in parts.items()}
    except (NetError, ValueError, KeyError, TypeError, AttributeError):
        return None


async def models(config: Config, http: Http) -> list[Check]:
    """Whether providers answer their free calls, and list the model that answers where nobody chose."""
    guard, chosen = Guard(), ""
    async with Http(guard=guard) as outside:
        registry = Registry(CATALOG, config.providers, http, default=config.default_model, outside=outside)
        if await asyncio.to_thread(_is_there, config):
            with suppress(StorageError):  # another line says what is wrong with the database
                async with _store(config) as store:
                    await Customs(store, registry, guard).sync()
                    await Keys(store.credentials, registry).sync()
                    chosen = await _chosen(store)
        names = [row.id for row in registry.configured()]
        checks, _ = await asyncio.gather(check_all(registry, names), registry.refresh())
    found = [_told(one) for one in checks if one.error is not None]
    another = "choose another on the site, under Defaults" if chosen else "DEFAULT_MODEL names another"
    try:
        model = registry.find(chosen or str(registry.default()))
    except SwitchboardError as error:
        return [*found, failed("default model", error.say, another)]
    known = registry.model(model)
    if end := retirement(known, datetime.now(UTC).date()):
        return [*found, warning("default model", f"{model} {end.say}.", another)]
    why = "it was chosen for all workspaces" if chosen else _why(known)
    if config.default_model and not chosen:
        why = "DEFAULT_MODEL says so"
    return [*found, ok("default model", f"{model} answers where nobody chose: {why}.")]


async def _chosen(store: Store) -> str:
    """The model that was chosen for all workspaces, "" where none was."""
    found = await store.settings.get_many([INSTALLATION], MODEL)
    return str(found[INSTALLATION].value) if found else ""


def _why(model: Model) -> str:
    """Why a model stands in where nobody chose."""
    if model.id.provider == "demo":
        return "no provider is set up"
    return "it runs on your own machines" if model.local else "it is the cheapest of those that are set up"


def _told(one: Checked) -> Check:
    fix = one.remedy.fix or f"try again later: `switchboard test {one.provider}`"
    return warning(f"provider {one.provider}", one.remedy.found, fix)
