"""What every command of the command line does that runs once, perhaps beside a Switchboard that runs.

It loads the settings, opens the store, and says in one sentence why it could not. Imports wait inside, so that
``--help`` answers at once.
"""

from __future__ import annotations

import asyncio
import getpass
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.config import Config
    from bot.providers.registry import Registry
    from storage.store import Store

INTERRUPTED = 130


def with_settings(act: Callable[[Config], int]) -> int:
    """Load the settings, do it, and return the exit code."""
    from bot.config import SettingError, load

    try:
        config = load()
    except SettingError as error:
        click.echo(error.say, err=True)
        return 2
    try:
        return act(config)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the outermost edge: whatever it is, a person gets a sentence
        explain(error, config)
        return 1


def explain(error: Exception, config: Config) -> None:
    """Say why it could not, with every secret taken out."""
    from bot.logs import redactor

    cleaner = redactor()  # it knows what was opened or entered meanwhile
    for secret in config.secrets():
        cleaner.add(secret)
    clean = cleaner.clean
    if config.log_level == "debug":
        click.echo(clean("".join(traceback.format_exception(error))), err=True)
    # A failure inside a task group comes wrapped, perhaps more than once.
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    hint = f"Switchboard stopped: an internal {type(error).__name__}. LOG_LEVEL=debug shows where."
    click.echo(clean(getattr(error, "say", hint)), err=True)


def with_store(config: Config, act: Callable[[Store], Awaitable[int]]) -> int:
    """Open the database and its vault, do it, close them, and return the exit code. Logs only errors."""
    from bot.logs import Redactor, redactor, setup
    from storage.store import Store

    setup("error", Redactor(config.secrets()), config.log_format)

    async def acted() -> int:
        store = await Store.open(
            config.database_url, config.data_dir, secret_keys=config.secret_keys, learn=redactor().add
        )
        try:
            return await act(store)
        finally:
            await store.close()

    return asyncio.run(acted())


@asynccontextmanager
async def registry(config: Config, store: Store) -> AsyncIterator[Registry]:
    """The models as a Switchboard that runs has them: with stored keys, kept lists, and what was entered.

    Nobody is asked for anything before ``refresh``, which keeps what comes.
    """
    from bot.calls.keys import Keys
    from bot.net.guard import Guard
    from bot.net.http import Http
    from bot.providers.catalog import CATALOG
    from bot.providers.customs import Customs
    from bot.providers.registry import Registry

    async with AsyncExitStack() as stack:
        guard = Guard()
        http, outside = [await stack.enter_async_context(each) for each in (Http(), Http(guard=guard))]
        made = Registry(
            CATALOG,
            config.providers,
            http,
            default=config.default_model,
            outside=outside,
            kept=store.known_models,
        )
        await Customs(store, made, guard).sync()
        await Keys(store.credentials, made).sync()
        await made.restore()
        yield made


def via() -> str:
    """Who it is, for the audit."""
    try:
        return f"command line, {getpass.getuser()}"
    except (KeyError, OSError):  # a container's user may have no name
        return "command line"
