"""Looks at everything at once, within ten seconds, and says what it found."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType

import click

from bot.adapters.discord.setup import doctor as discord
from bot.adapters.slack.setup import doctor as slack
from bot.config import Config
from bot.core.check import Check, failed
from bot.doctor import house
from bot.doctor.report import as_json, as_text, healthy
from bot.logs import Redactor, setup
from bot.net.http import Http

_PATIENCE = 9.0  # seconds for any one look


def run(config: Config, *, machine: bool) -> int:
    """Print the report, for a ``machine`` as JSON. Returns the exit code: 0 where nothing failed, else 1."""
    redactor = Redactor(config.secrets())
    setup("error", redactor, config.log_format)
    checks = asyncio.run(examine(config))
    click.echo(redactor.clean(as_json(checks) if machine else as_text(checks)))
    return 0 if healthy(checks) else 1


async def examine(config: Config, *, patience: float = _PATIENCE) -> tuple[Check, ...]:
    """Every check, in the order of the report."""
    clock = house.Clock()
    found = await asyncio.gather(*(look(config, subject, patience=patience) for subject in SUBJECTS))
    return (
        *(check for checks in found[:4] for check in checks),
        clock.check(),
        *(check for checks in found[4:] for check in checks),
    )


async def look(config: Config, subject: str, *, patience: float = _PATIENCE) -> Sequence[Check]:
    """What one of SUBJECTS shows; nothing of a platform that is not connected. Never raises."""
    async with Http() as http:
        return await _within(patience, subject, _LOOKS[subject](config, http))


async def _slack(config: Config, http: Http) -> Sequence[Check]:
    found, _ = await house.platforms(config)
    return await slack.checks(found, config.public_url) if found.apps else ()


async def _discord(config: Config, http: Http) -> Sequence[Check]:
    _, found = await house.platforms(config)
    return await discord.checks(found, http) if found.tokens else ()


async def _within(patience: float, subject: str, look: Awaitable[Sequence[Check]]) -> Sequence[Check]:
    """What a look found, or a line that says it never came back. Whatever goes wrong in it is a finding too."""
    try:
        async with asyncio.timeout(patience):
            return await look
    except TimeoutError:
        return [failed(subject, f"no answer within {patience:g} seconds.", "try again; its log may say more")]
    except Exception as error:  # noqa: BLE001 - one look that breaks must not hide the others
        kind = type(error).__name__
        return [failed(subject, f"the look at it broke: {kind}.", "LOG_LEVEL=debug with `run` may show why")]


async def _database(config: Config, http: Http) -> Sequence[Check]:
    return [await house.database(config)]


async def _folder(config: Config, http: Http) -> Sequence[Check]:
    return [await asyncio.to_thread(house.folder, config)]


async def _secret_key(config: Config, http: Http) -> Sequence[Check]:
    return await house.secret_key(config, os.environ)


async def _port(config: Config, http: Http) -> Sequence[Check]:
    return await house.port(config, http)


async def _models(config: Config, http: Http) -> Sequence[Check]:
    return await house.models(config, http)


async def _reports(config: Config, http: Http) -> Sequence[Check]:
    return await house.reports(config)


_LOOKS: Mapping[str, Callable[[Config, Http], Awaitable[Sequence[Check]]]] = MappingProxyType(
    {
        "database": _database,
        "data folder": _folder,
        "secret key": _secret_key,
        "usage reports": _reports,
        "port": _port,
        "models": _models,
        "Slack": _slack,
        "Discord": _discord,
    }
)
SUBJECTS = tuple(_LOOKS)
"""What is looked at, in the order of the report."""
