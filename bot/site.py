"""What the site is given of the edges beside it, and of the doctor: values and callables.

Slack's and Discord's libraries take their time and memory, so what needs them is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from bot.adapters.discord.settings import DiscordSettings
from bot.adapters.slack.settings import App, SlackSettings
from bot.config import Config
from bot.core.check import Check
from bot.net.http import Http
from bot.platforms import APP, BOT, SIGNING, Connection, store_tokens
from storage.store import Store
from web.services import PlatformDesk

SUBJECTS = ("database", "data folder", "secret key", "models", "Slack", "Discord")
"""What a Switchboard that runs can look at: its port is its own."""

# The edges themselves are no business of the site.
SlackConnection = Connection[SlackSettings, Any]
DiscordConnection = Connection[DiscordSettings, Any]


def slack_desk(store: Store, config: Config, url: str, connection: SlackConnection) -> PlatformDesk:
    """Slack, as the site sets it up; ``url`` is where people reach the site."""

    async def check(fields: Mapping[str, str]) -> Sequence[Check]:
        from bot.adapters.slack.setup import doctor  # noqa: PLC0415

        app = App((fields[BOT],), fields.get(APP, ""), fields.get(SIGNING, ""))
        return await doctor.checks(replace(config.slack, apps=(app,)), url)

    def paste(posted: bool) -> str:
        from bot.adapters.slack.setup.manifest import manifest, text  # noqa: PLC0415

        return text(manifest(prefix=config.slack.prefix, url=url if posted else ""))

    return PlatformDesk(
        connection.health,
        check,
        _adding(store, "slack", connection),
        connection.changed.set,
        paste,
        _nobody,
    )


def discord_desk(store: Store, config: Config, http: Http, connection: DiscordConnection) -> PlatformDesk:
    """Discord, as the site sets it up."""

    async def check(fields: Mapping[str, str]) -> Sequence[Check]:
        from bot.adapters.discord.setup import doctor  # noqa: PLC0415

        return await doctor.checks(replace(config.discord, tokens=(fields[BOT],)), http)

    async def invites() -> Sequence[tuple[str, str]]:
        from bot.adapters.discord.setup import invite  # noqa: PLC0415

        settings = connection.settings
        return () if settings is None else await invite.to_servers(settings, http)

    return PlatformDesk(
        connection.health,
        check,
        _adding(store, "discord", connection),
        connection.changed.set,
        lambda _: "",
        invites,
    )


def looks(config: Config) -> Mapping[str, Callable[[], Awaitable[Sequence[Check]]]]:
    """What ``switchboard doctor`` looks at, each by its name."""

    async def look(subject: str) -> Sequence[Check]:
        from bot.doctor import examine  # noqa: PLC0415

        return await examine.look(config, subject)

    return {subject: partial(look, subject) for subject in SUBJECTS}


def _adding(
    store: Store, platform: str, connection: Connection[Any, Any]
) -> Callable[[str, Mapping[str, str], int], Awaitable[None]]:
    """Keeps tokens, and connects at once."""

    async def add(name: str, fields: Mapping[str, str], by: int) -> None:
        await store_tokens(store, platform, name, fields, by)
        connection.changed.set()

    return add


async def _nobody() -> Sequence[tuple[str, str]]:
    """Slack has no such links."""
    return ()
