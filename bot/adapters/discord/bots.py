"""The bots that our tokens are, each with the session that speaks for it: REST without any waiting.

discord.py waits out every limit by itself, before a call, after it, and on a refusal, and tries failures again;
what delivery paces goes past that, by one plain request that succeeds or says at once why not.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import aiohttp

from bot.adapters.discord.pace import READING, Pace
from bot.adapters.discord.recent import Recent
from bot.adapters.discord.settings import AGENT, DiscordSettings
from bot.core.errors import PlatformDown, SwitchboardError
from bot.core.place import Place
from bot.core.view import Picture

log = logging.getLogger(__name__)

# Of a session; RuntimeError where it is closed.
CONNECTION_ERRORS = (aiohttp.ClientError, TimeoutError, OSError, RuntimeError)
Session: TypeAlias = aiohttp.ClientSession
FILE_TIMEOUT = aiohttp.ClientTimeout(total=40.0, connect=5.0)  # for a file's bytes
_TIMEOUT = aiohttp.ClientTimeout(total=10.0, connect=5.0)
_GUILDS = 200  # in one answer, at most
ELSEWHERE = "@me"  # the workspace of places that are in no server


class TokenRefused(SwitchboardError):
    """Discord does not know this token; ``say`` tells which, by its end, and where to get another."""


@dataclass(frozen=True, slots=True)
class Got:
    """What came back. ``body`` is read JSON, None where it was none."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(slots=True, eq=False)
class Bot:
    """One bot as Discord describes it. ``guilds`` are the ids of the servers that it is in."""

    token: str = field(repr=False)
    user_id: str
    application_id: str
    name: str
    api_url: str
    session: Session = field(repr=False)
    guilds: set[str] = field(default_factory=set)
    pace: Pace = field(default_factory=Pace, repr=False)

    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        picture: Picture | None = None,
    ) -> Got:
        """One request, made once. Raises only CONNECTION_ERRORS; ``calls.call`` knows what answers mean."""
        headers = {"Authorization": f"Bot {self.token}", "User-Agent": AGENT}
        sent: dict[str, Any] = {"json": body} if picture is None else {"data": _form(body, picture)}
        async with self.session.request(
            method, f"{self.api_url}{path}", params=params, headers=headers, **sent
        ) as answer:
            return Got(answer.status, answer.headers, _read(await answer.text()))


class Bots:
    """Every bot that is connected, in the order of the settings; and which of them speaks where."""

    def __init__(self) -> None:
        self._all: list[Bot] = []
        self._noted: Recent[Place, Bot] = Recent()
        self.known = False  # whether every token was asked at least once

    def __iter__(self) -> Iterator[Bot]:
        return iter(self._all)

    def add(self, bot: Bot) -> None:
        """Connect a bot, or renew it."""
        here = next((n for n, one in enumerate(self._all) if one.user_id == bot.user_id), None)
        if here is None:
            self._all.append(bot)
        else:
            self._all[here] = bot

    def drop(self, bot: Bot) -> None:
        """Its token opens nothing any more."""
        self._all = [one for one in self._all if one is not bot]

    def note(self, place: Place, bot: Bot) -> None:
        """This bot was spoken to there, so it is the one that answers."""
        self._noted.put(place, bot)

    def of(self, place: Place) -> Bot | None:
        """The bot that speaks there; None where there is none, or it is to be found out (``candidates``)."""
        noted, possible = self._noted.get(place), self.candidates(place)
        if noted is not None and noted in possible:
            return noted
        return possible[0] if possible and (place.workspace != ELSEWHERE or len(possible) == 1) else None

    def candidates(self, place: Place) -> list[Bot]:
        """The bots that may be there: those of the server; outside of servers any."""
        if place.workspace == ELSEWHERE:
            return list(self._all)
        return [bot for bot in self._all if place.workspace in bot.guilds]


def session() -> Session:
    """The one session of the edge. Its deadlines hold for every call."""
    return aiohttp.ClientSession(timeout=_TIMEOUT, connector=aiohttp.TCPConnector(limit=0))


async def meet(settings: DiscordSettings, speaking: Session, token: str) -> Bot:
    """Ask Discord whose token this is. Raises TokenRefused, or PlatformDown where Discord cannot be reached."""
    bot = Bot(token, "", "", "", settings.api, speaking)
    me = await _told(bot, "/users/@me")
    bot.user_id, bot.name = str(me["id"]), str(me.get("global_name") or me.get("username") or me["id"])
    bot.application_id = str((await _told(bot, "/applications/@me"))["id"])
    after = "0"
    while True:
        page = await _told(bot, "/users/@me/guilds", {"limit": str(_GUILDS), "after": after})
        bot.guilds.update(str(guild["id"]) for guild in page)
        if len(page) < _GUILDS:
            return bot
        after = str(page[-1]["id"])


async def connect(settings: DiscordSettings, speaking: Session, bots: Bots) -> tuple[str, ...]:
    """Ask about every token. Returns sentences on those that are nobody's.

    Raises PlatformDown where Discord cannot be reached.
    """
    troubles = []
    for token in settings.tokens:
        try:
            bots.add(await meet(settings, speaking, token))
        except TokenRefused as refused:
            troubles.append(refused.say)
    bots.known = True
    return tuple(troubles)


async def _told(bot: Bot, path: str, params: Mapping[str, str] | None = None) -> Any:
    try:
        async with bot.pace.turn(READING):
            got = await bot.request("GET", path, params=params)
    except CONNECTION_ERRORS as error:
        raise _away(f"{type(error).__name__} at {path}") from error
    if got.status == 401:
        # The last letters tell tokens apart without giving them away.
        say = (
            f"Discord does not know the bot token that ends in {bot.token[-4:]}. Reset it on the page “Bot” of"
            " your application at discord.com/developers and put the new one into DISCORD_BOT_TOKEN."
        )
        raise TokenRefused(f"401 at {path}", say=say)
    if got.status != 200 or got.body is None:
        raise _away(f"{got.status} at {path}")
    return got.body


def _away(detail: str) -> PlatformDown:
    return PlatformDown(detail, say="Discord cannot be reached just now; it is tried again by itself.")


def _form(body: Any, picture: Picture) -> aiohttp.FormData:
    """A body with a file, as its attachment 0."""
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps(body), content_type="application/json")
    form.add_field("files[0]", picture.png, filename=picture.name, content_type="image/png")
    return form


def _read(text: str) -> Any:
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return None
