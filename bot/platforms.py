"""Chat platforms, connected by tokens of the environment and of the site, which may change while we run.

What the site has stands in the vault like any key: one credential a connection, its text lines of ``name=value``
with the bot's own token last, so that its last four characters tell connections apart.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote

from bot.adapters.discord.settings import DiscordSettings
from bot.adapters.slack.settings import App, SlackSettings
from bot.core.errors import BadInput
from bot.core.place import Place
from bot.logs import redactor
from storage.credentials import NewCredential
from storage.errors import StorageDown, VaultError
from storage.store import Store

log = logging.getLogger(__name__)

S = TypeVar("S")
E = TypeVar("E", bound="Edge")
Fields = Mapping[str, str]

PLATFORMS = ("slack", "discord")
LOOK = 5.0  # seconds between two looks at what another process may have stored
BOT, APP, SIGNING = "bot", "app", "signing"


class Edge(Protocol):
    """A platform's edge."""

    async def run(self) -> None: ...

    def health(self) -> str: ...


def slack_with(settings: SlackSettings, stored: Sequence[Fields]) -> SlackSettings:
    """The settings with the site's apps behind those of the environment."""
    apps = tuple(App((each[BOT],), each.get(APP, ""), each.get(SIGNING, "")) for each in stored)
    known = {token for app in settings.apps for token in app.bot_tokens}
    return replace(
        settings, apps=settings.apps + tuple(app for app in apps if app.bot_tokens[0] not in known)
    )


def discord_with(settings: DiscordSettings, stored: Sequence[Fields]) -> DiscordSettings:
    """The settings with the site's bots behind those of the environment."""
    tokens = (*settings.tokens, *(each[BOT] for each in stored))
    return replace(settings, tokens=tuple(dict.fromkeys(tokens)))


async def stored(store: Store, platform: str) -> tuple[Fields, ...]:
    """The site's tokens of a platform, in the order in which they came, without what is disabled or does not open."""
    found = []
    for credential in sorted(await store.credentials.all(), key=lambda each: each.id):
        if credential.provider == platform and credential.disabled_at is None:
            try:
                opened = await store.credentials.open(credential)
            except VaultError as error:
                log.error("the tokens of %s “%s” do not open: %s", platform, credential.name, error.say)
                continue
            key = opened.api_key
            found.append(fields := _read(key.get_secret_value() if key is not None else ""))
            _hide(fields)
    return tuple(each for each in found if each.get(BOT))


async def slack_settings(store: Store, settings: SlackSettings) -> SlackSettings | None:
    """What to connect to Slack with; None where there is no token. Raises StorageDown."""
    found = slack_with(settings, await stored(store, "slack"))
    return found if found.apps else None


async def discord_settings(store: Store, settings: DiscordSettings) -> DiscordSettings | None:
    """What to connect to Discord with; None where there is no token. Raises StorageDown."""
    found = discord_with(settings, await stored(store, "discord"))
    return found if found.tokens else None


async def store_tokens(store: Store, platform: str, name: str, fields: Fields, by: int | None) -> None:
    """Keep a connection's tokens. Audited. Raises BadInput, and what ``Credentials.add`` raises."""
    told = {key: value.strip() for key, value in fields.items() if value.strip()}
    if any("\n" in value for value in told.values()):
        raise BadInput("a line break in a token", say="A token is one line; this one has a break in it.")
    if not told.get(BOT):
        raise BadInput("no bot token", say="The bot's token is missing.")
    _hide(told)
    order = sorted(told, key=lambda key: key == BOT)
    text = "\n".join(f"{key}={told[key]}" for key in order)
    await store.credentials.add(NewCredential(platform, name, text), by=by, via="the site")


class Connection(Generic[S, E]):
    """One platform of this process: its edge runs while there are tokens, and anew when they change.

    ``read`` gives the settings to run with, None where nothing is to be connected; ``make`` makes the edge at the
    first time, for its libraries take their time and memory; ``use`` lets it run with others from then on.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[S | None]],
        make: Callable[[S], E],
        use: Callable[[E, S], None],
    ) -> None:
        self._read, self._make, self._use = read, make, use
        self.changed = asyncio.Event()
        self.edge: E | None = None
        self.settings: S | None = None

    async def run(self) -> None:
        """Run under a supervisor. Raises what the edge raises, so that it is started again."""
        while True:
            self.changed.clear()
            self.settings = settings = await self._read()
            if settings is None:
                await self._news(None)
                continue
            if self.edge is None:
                self.edge = self._make(settings)
            else:
                self._use(self.edge, settings)
            await self._run_until_news(self.edge, settings)

    def health(self) -> str | None:
        """How its connections are; None where there is nothing to connect."""
        return None if self.edge is None or self.settings is None else self.edge.health()

    async def _run_until_news(self, edge: E, settings: S) -> None:
        running = asyncio.create_task(edge.run(), name=f"edge of {type(edge).__name__}")
        news = asyncio.create_task(self._news(settings))
        try:
            done, _ = await asyncio.wait({running, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            running.cancel()
            news.cancel()
            await asyncio.gather(running, news, return_exceptions=True)
        for task in done:
            task.result()

    async def _news(self, settings: S | None) -> None:
        """Wait until other tokens are to be used."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self.changed.wait()
            self.changed.clear()
            with suppress(StorageDown):  # nothing changes while nobody can look
                if await self._read() != settings:
                    return


def _hide(fields: Fields) -> None:
    """Keep each token out of the log; the vault told it only of all of them together."""
    for value in fields.values():
        redactor().add(value)


def _read(text: str) -> Fields:
    pairs = (line.partition("=") for line in text.splitlines())
    return {key: value for key, _, value in pairs}


def is_direct(place: Place) -> bool:
    """Whether one person is alone with us at a place."""
    match place.platform:
        case "slack":
            return place.channel.startswith("D")
        case "discord":
            return place.workspace == "@me"
        case _:
            return place.platform == "web"


def link(place: Place) -> str:
    """The address that opens a place in its platform's own program; "" where it has none that others may open."""
    channel, thread = quote(place.channel, safe=""), quote(place.thread, safe="")
    match place.platform:
        case "slack":
            address = f"https://app.slack.com/client/{quote(place.workspace, safe='')}/{channel}"
            return f"{address}/thread/{channel}-{thread}" if thread else address
        case "discord":
            # A thread has the id of the message that it began with.
            return f"https://discord.com/channels/{quote(place.workspace, safe='')}/{thread or channel}"
        case _:
            return ""
