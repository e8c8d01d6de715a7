"""Asks Discord about one bot, without its library and beside a Switchboard that runs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bot.adapters.discord.settings import AGENT, DiscordSettings
from bot.core.errors import PlatformError
from bot.net.errors import NetError, NetTimeout
from bot.net.http import Http

_GUILDS = 200  # in one answer, at most


class NotTold(PlatformError):
    """Discord did not answer as asked. ``say`` tells why; ``status`` is 0 where nothing came back at all."""

    def __init__(self, status: int, say: str) -> None:
        super().__init__(f"status {status}", say=say)
        self.status = status


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks in the name of a bot. Raises NotTold."""

    http: Http
    settings: DiscordSettings
    token: str = field(repr=False)

    async def ask(self, path: str) -> Any:
        """The JSON at a path of the API."""
        base = self.settings.api
        headers = {"Authorization": f"Bot {self.token}", "User-Agent": AGENT}
        host = urlsplit(base).netloc
        try:
            answer = await self.http.request("GET", f"{base}{path}", headers=headers)
        except (NetError, TimeoutError) as error:
            late = isinstance(error, NetTimeout | TimeoutError)
            what = "did not answer in time" if late else "cannot be reached"
            raise NotTold(0, f"{host} {what}.") from error
        if answer.status == 401:
            raise NotTold(401, "The token does not work: Discord does not know it.")
        if answer.status == 429:
            raise NotTold(429, "Discord asks for a pause.")
        try:
            told = json.loads(answer.body)
        except ValueError:
            told = None
        if answer.status != 200 or told is None:
            raise NotTold(answer.status, f"{host} answers with status {answer.status}.")
        return told

    async def application(self) -> dict[str, Any]:
        """The application that the bot belongs to."""
        return dict(await self.ask("/applications/@me"))

    async def servers(self) -> list[dict[str, Any]]:
        """Every server that the bot is in, with what it may do there."""
        found: list[dict[str, Any]] = []
        while True:
            after = f"&after={found[-1]['id']}" if found else ""
            page = await self.ask(f"/users/@me/guilds?limit={_GUILDS}{after}")
            found += page
            if len(page) < _GUILDS:
                return found
