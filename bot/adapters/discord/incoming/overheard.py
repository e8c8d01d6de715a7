"""What had been said before it was said to us: in the thread, or in the message that is answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from bot.adapters.discord.bots import Bot
from bot.adapters.discord.incoming.addressed import (
    THREAD_STARTER,
    Heard,
    Us,
    heard,
    names_us,
    words_of,
)
from bot.adapters.discord.incoming.wording import Names, readable
from bot.adapters.discord.outgoing.calls import call
from bot.adapters.discord.recent import Recent
from bot.conversation.engine import Engine
from bot.core.errors import PlatformError
from bot.core.message import Overheard
from bot.core.overheard import newest
from bot.core.place import Place

log = logging.getLogger(__name__)

_WAIT = 1.5  # seconds for all of it
_PAGE = 50  # messages, the newest before the one that is for us
_TALK = frozenset({0, 19})
_US = "Switchboard"


Naming = Callable[[Heard], Names]


class Thread:
    """Reads threads. ``is_command`` tells lines that are commands to us from what people say."""

    def __init__(self, engine: Engine, is_command: Callable[[str], bool]) -> None:
        self._engine, self._is_command = engine, is_command
        self._last: Recent[str, int] = Recent()  # by place: what we received last
        self._passed: Recent[str, bool] = Recent()  # places where something was said to others since

    def received(self, place: Place, said: Heard) -> None:
        """From here on it is new."""
        self._passed.drop(str(place))
        self._last.put(str(place), max(int(said.id), self._last.get(str(place)) or 0))

    def passed(self, place: Place) -> None:
        """Something was said that was not for us."""
        self._passed.put(str(place), True)

    def has_passed(self, place: Place) -> bool:
        """Whether something was said to others since what we received last, for all that this process knows."""
        return self._passed.get(str(place)) is not None

    async def before(
        self, bot: Bot, us: Us, said: Heard, place: Place, name: Naming
    ) -> list[tuple[str, Overheard]]:
        """The lines since what we received last, each with its message's id. Raises StorageDown."""
        path, params = f"/channels/{said.channel}/messages", {"before": said.id, "limit": str(_PAGE)}
        try:
            async with asyncio.timeout(_WAIT):
                told = (await call(bot, "GET", path, params=params, what="get messages", budget="")).body
        except (PlatformError, TimeoutError) as error:
            log.info("what was said before at %s is not known: %s", place, error)
            return []
        lines = [_started(heard(one, said.guild)) for one in reversed(told)]
        known = await self._engine.known(place, [one.key for one in lines])
        since = max(
            [self._last.get(str(place)) or 0, *(int(one.id) for one in lines if one.key in known)],
        )
        counted = [one for one in lines if int(one.id) > since and self._counts(us, one)]
        return [(one.id, line(us, one, name)) for one in counted]

    def _counts(self, us: Us, said: Heard) -> bool:
        if said.author in us.users or said.kind not in _TALK:
            return False
        return not names_us(us, said) and not self._is_command(readable(said.text))


def handed_on(lines: list[tuple[str, Overheard]]) -> tuple[Overheard, ...]:
    """As many of them as a message takes along."""
    return newest([line for _, line in lines])


def line(us: Us, said: Heard, name: Naming) -> Overheard:
    """A message to others, as it is handed on."""
    by_us = said.author in us.users
    return Overheard(_US if by_us else said.name or said.author, words_of(us, said, name(said)))


def _started(said: Heard) -> Heard:
    """The message that a thread was made from, in place of what stands for it."""
    return said.replied if said.kind == THREAD_STARTER and said.replied is not None else said
