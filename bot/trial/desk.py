"""The command: makes the free call of one provider, or has one of its models give a tiny answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click

from bot.calls.keys import Keys
from bot.config import Config
from bot.core.errors import NotConfigured
from bot.logs import Redactor, redactor, setup
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.checks import Checked, check
from bot.providers.health import HealthBoard
from bot.providers.registry import Registry
from bot.providers.remedies import Remedy
from bot.providers.status import Status
from bot.trial.live import answered
from bot.trial.report import Trial, as_json, as_text
from storage.errors import StorageError
from storage.store import Store


def run(config: Config, provider: str, *, live: bool, model: str | None, machine: bool) -> int:
    """Print what was found, for a ``machine`` as JSON. Returns the exit code: 0 where it works, else 1."""
    redact = Redactor(config.secrets())
    setup("error", redact, config.log_format)
    trial = asyncio.run(tried(config, provider.lower(), live=live or model is not None, model=model))
    click.echo(redact.clean(as_json(trial) if machine else as_text(trial)))
    return 0 if trial.works else 1


async def tried(config: Config, provider: str, *, live: bool, model: str | None) -> Trial:
    """What a provider does. A ``live`` answer is paid for, and stands in the ledger.

    Raises BadInput where there is no such model, and what opening the database raises.
    """
    async with Http() as http, _store(config, make=live) as store:
        registry = Registry(CATALOG, config.providers, http, default=config.default_model)
        if store is not None:
            await Keys(store.credentials, registry).sync()
        try:
            if live:
                assert store is not None
                return await answered(store, registry, provider, model)
            return await _checked(registry, provider, store)
        except NotConfigured as error:
            return Trial(provider, Status.NOT_CONFIGURED, Remedy(error.say))


async def _checked(registry: Registry, provider: str, store: Store | None) -> Trial:
    found = await check(registry, provider)
    row = registry.row(provider)
    name = provider if row is None else row.name
    if found.error is None and not found.asked:
        fix = f"`switchboard test {provider} --live` has a model answer, for less than a cent"
        return Trial(provider, Status.UNKNOWN, Remedy(f"{name} has no free call, so nothing was asked.", fix))
    if store is not None:
        await _tell(store, registry, found)
    if found.error is not None:
        return Trial(provider, Status.FAILING, found.remedy, found.credential)
    key = f" with {found.credential}" if found.credential else ""
    said = Remedy(f"{name} answers{key}, in {found.latency_ms} ms.")
    return Trial(provider, Status.AVAILABLE, said, found.credential, found.latency_ms)


async def _tell(store: Store, registry: Registry, found: Checked) -> None:
    """Let processes that run know at once: a key that was mended is used again without a wait."""
    board = HealthBoard(registry)
    board.take_over(await store.health.providers(), await store.health.models())
    board.checked(found)
    await store.health.write(*board.changed())


@asynccontextmanager
async def _store(config: Config, *, make: bool) -> AsyncIterator[Store | None]:
    """The database and its vault; where there is none yet, or it is older, only ``make`` brings it there."""
    store = None
    if make or await asyncio.to_thread(_is_there, config):
        with suppress(*(() if make else (StorageError,))):  # the doctor says what is wrong with it
            store = await Store.open(
                config.database_url,
                config.data_dir,
                migrate=make,
                secret_keys=config.secret_keys,
                learn=redactor().add,
            )
    try:
        yield store
    finally:
        if store is not None:
            await store.close()


def _is_there(config: Config) -> bool:
    url = urlsplit(config.database_url)
    return url.scheme != "sqlite" or Path("/", unquote(url.path).lstrip("/")).exists()
