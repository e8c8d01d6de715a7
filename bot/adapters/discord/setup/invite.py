"""The links by which a bot comes into a server, or along with a person."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

from bot.adapters.discord.settings import DiscordSettings
from bot.adapters.discord.setup.asking import Asker
from bot.adapters.discord.setup.permissions import bits
from bot.core.errors import SwitchboardError
from bot.net.http import Http

_AUTHORIZE = "https://discord.com/oauth2/authorize"
_TO_SERVERS, _TO_PEOPLE = "0", "1"
_UNSET = (
    "DISCORD_BOT_TOKEN is not set: docs/discord.md leads to a token, and .env.example says where it goes."
)


def to_server(application: str) -> str:
    """For who may manage a server: the bot with exactly the permissions it needs, and its commands."""
    return _link(application, _TO_SERVERS, "bot applications.commands", permissions=str(bits()))


def to_person(application: str) -> str:
    """For anybody: the commands, wherever that person writes."""
    return _link(application, _TO_PEOPLE, "applications.commands")


def _link(application: str, kind: str, scope: str, **more: str) -> str:
    query = {"client_id": application, "integration_type": kind, "scope": scope, **more}
    return f"{_AUTHORIZE}?{urlencode(query)}"


def text(settings: DiscordSettings) -> str:
    """The links of every bot of the settings. Raises SwitchboardError with a sentence."""
    if not settings.tokens:
        raise SwitchboardError("no token", say=_UNSET)
    return asyncio.run(links(settings))


async def to_servers(settings: DiscordSettings, http: Http) -> list[tuple[str, str]]:
    """The name of every bot of the settings, with the link by which it comes into a server. Raises NotTold."""
    found = await asyncio.gather(*(Asker(http, settings, token).application() for token in settings.tokens))
    return [(str(each.get("name") or each["id"]), to_server(str(each["id"]))) for each in found]


async def links(settings: DiscordSettings) -> str:
    """The same, on a loop that runs."""
    async with Http() as http:
        askers = [Asker(http, settings, token) for token in settings.tokens]
        found = await asyncio.gather(*(asker.application() for asker in askers))
    return "\n\n".join(_of(str(each["id"]), str(each.get("name") or each["id"])) for each in found)


def _of(application: str, name: str) -> str:
    return "\n".join(
        (
            f"{name} ({application})",
            "  into a server that you manage:",
            f"    {to_server(application)}",
            "  for yourself, its commands wherever you write:",
            f"    {to_person(application)}",
        )
    )
