"""What was said while nobody listened, read again: after a start, and after a session that could not be resumed.

Read is what is newer than a channel's mark: channels and open threads by what the server says of their newest message,
threads that were closed meanwhile and direct messages by asking, the last used first. A server that was never seen
before has nothing to be made up for, nor has what is older than a day.

Not made up for: direct messages of people who never wrote before, edits and deletions, and in one channel more than
the settings say.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.adapters.discord.bots import ELSEWHERE, Bot
from bot.adapters.discord.hooks import Event
from bot.adapters.discord.incoming.addressed import PLATFORM, Where, id_at
from bot.adapters.discord.incoming.lanes import Lanes
from bot.adapters.discord.incoming.marks import Marks
from bot.adapters.discord.outgoing.calls import DiscordRefusal, call
from bot.adapters.discord.settings import Answers, DiscordSettings
from bot.core.background import Background
from bot.core.errors import PlatformBusy, PlatformDown
from bot.core.place import Place

log = logging.getLogger(__name__)

Take = Callable[[Event, str], Awaitable[None]]

_AT_ONCE = 4  # channels read at the same time
_UNLISTED = 200  # closed threads of a server, and direct messages, that are asked for
_OLDEST = timedelta(days=1)
_ALL = 10_000  # messages of one channel, where we listened but could not keep up
_PAGE = 100  # messages, in one answer of Discord's
_FIRST, _LONGEST = 1.0, 60.0  # seconds before a channel that could not be read is tried again


class Map(Protocol):
    """What a bot's connection knows of a server's channels; see ``gateway.Gateway``."""

    def talk(self, guild: str) -> Iterator[tuple[Where, int]]: ...


class BackFill:
    """Of one bot. ``take`` is given every message that was missed, with the id of its server."""

    def __init__(
        self,
        bot: Bot,
        settings: DiscordSettings,
        *,
        marks: Marks,
        lanes: Lanes,
        background: Background,
        take: Take,
    ) -> None:
        self._bot, self._settings, self._marks, self._lanes = bot, settings, marks, lanes
        self._background, self._take = background, take
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def plan(self, atlas: Map, guilds: Iterable[str], *, direct: bool) -> None:
        """See what is to be read, and put it before all that is live. Raises StorageDown."""
        marks = await self._marks.all(PLATFORM)
        for guild in guilds:
            await self._plan(atlas, guild, marks)
        if direct:
            self._plan_direct(marks)
        await self._marks.write()  # or a server seen for the first time would be so again, after a crash

    async def read(self, where: Where) -> None:
        """Take all of a channel since its mark, as that is now. Raises StorageDown, PlatformDown and PlatformBusy."""
        await self._read(where, await self._marks.of(str(where.place)), _ALL)

    async def _plan(self, atlas: Map, guild: str, marks: Mapping[str, int]) -> None:
        home = Where(guild, "").home
        here = {place: mark for place, mark in marks.items() if place.startswith(f"{home}/")}
        channels = list(atlas.talk(guild))
        base = max([await self._marks.of(str(home)), *here.values()])
        if not base:
            # Seen for the first time: from here on.
            self._marks.seen(str(home), str(max([int(guild), *(newest for _, newest in channels)])))
            return
        for where, newest in channels:
            since = here.pop(str(where.place), None)
            since = base if since is None else since or int(where.channel)
            if newest > since:
                self._want(where, since)
        threads = [(Place.parse(place), mark) for place, mark in here.items()]
        unlisted = [(place, mark) for place, mark in threads if self._may_be_thread(place, mark)]
        for place, mark in unlisted[:_UNLISTED]:
            self._want(Where(guild, place.thread, place.channel), mark or int(place.thread))

    def _may_be_thread(self, place: Place, mark: int) -> bool:
        """A place with a mark is a channel or thread; one with a conversation alone may be a chain of replies."""
        return bool(place.thread) and (bool(mark) or self._settings.answers is Answers.THREAD)

    def _plan_direct(self, marks: Mapping[str, int]) -> None:
        base = max(marks.values(), default=0)
        places = [
            (place, mark)
            for place, mark in ((Place.parse(text), mark) for text, mark in marks.items())
            if place.workspace == ELSEWHERE and place.channel
        ]
        for place, mark in places[:_UNLISTED]:
            self._want(Where("", place.channel), mark or base)

    def _want(self, where: Where, since: int) -> None:
        self._marks.hold(str(where.place))
        self._lanes.put_first(where.channel, lambda: self._held(where, since, _FIRST))

    async def _held(self, where: Where, since: int, pause: float) -> None:
        """Read, and let the mark go on. Where Discord does not answer, what is live goes on and this comes later."""
        try:
            await self._read(where, since, self._settings.back_fill)
        except (PlatformDown, PlatformBusy) as error:
            log.warning("channel %s is read again later: %s", where.channel, error)
            wait = max(pause, error.wait if isinstance(error, PlatformBusy) else 0.0)
            self._background.start(self._later(where, since, wait), f"another look at {where.channel}")
        else:
            self._marks.release(str(where.place))

    async def _later(self, where: Where, since: int, wait: float) -> None:
        await asyncio.sleep(wait)
        self._lanes.put_first(where.channel, lambda: self._held(where, since, min(2 * wait, _LONGEST)))

    async def _read(self, where: Where, since: int, most: int) -> None:
        """Take the newest messages after ``since``, the oldest of them first."""
        since = max(since, id_at(datetime.now(UTC) - _OLDEST))
        try:
            async with self._slots:
                missed = await self._newer(where.channel, since, most)
        except DiscordRefusal as refusal:
            log.info("nothing is made up for in channel %s: %s", where.channel, refusal)
            return
        if missed:
            log.info("%d messages are made up for in channel %s", len(missed), where.channel)
        for one in reversed(missed):
            await self._take(one, where.guild)

    async def _newer(self, channel: str, since: int, room: int) -> list[Event]:
        """The newest messages after ``since``, so many at most, the newest first."""
        found: list[Event] = []
        path = f"/channels/{channel}/messages"
        before: dict[str, str] = {}
        while room > 0:
            params = {"limit": str(min(room, _PAGE)), **before}
            answer = await call(self._bot, "GET", path, params=params, what="get messages", budget="")
            page = sorted(answer.body, key=lambda one: int(one["id"]), reverse=True)
            new = [one for one in page if int(one["id"]) > since]
            found, room = [*found, *new], room - len(page)
            if len(page) < int(params["limit"]) or len(new) < len(page):
                break
            before = {"before": str(page[-1]["id"])}
        return found
