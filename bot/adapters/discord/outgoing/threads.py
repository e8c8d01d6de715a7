"""Where a place is in Discord: a thread that may have to be opened first, or replies in a channel."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass, replace

from bot.adapters.discord.bots import Bot
from bot.adapters.discord.outgoing import calls
from bot.adapters.discord.outgoing.calls import DiscordRefusal, call
from bot.adapters.discord.pace import READING, THREADS
from bot.adapters.discord.recent import Recent
from bot.adapters.discord.settings import Answers
from bot.core.errors import PlatformBusy
from bot.core.place import Place

log = logging.getLogger(__name__)

_NAME = 90  # characters, of 100
_NAMELESS = "Conversation"
_PRIVATE, _WITH_MESSAGES = 12, (0, 5)  # kinds of channels: a private thread; text, announcements
_LINK = re.compile(r"\[([^\[\]\n]*)\]\([^()\s]*\)")
_MENTION = re.compile(r"<(?:@[!&]?|#|a?:\w+:|/[^:>]+:)\d+>")
_MARKS = re.compile(r"[*_~`|#>\\]+")
# No thread is to be had at the message: the answer stands beneath it instead.
_NO_THREAD = frozenset(
    {calls.MISSING_PERMISSIONS, calls.SYSTEM_MESSAGE, calls.WRONG_CHANNEL, calls.TOO_MANY_THREADS}
)
# The thread is there already, or at no message; or else the message is gone, and with it whoever asked.
_NOT_A_MESSAGE = frozenset({calls.UNKNOWN_MESSAGE, calls.UNKNOWN_CHANNEL, calls.WRONG_CHANNEL})
_THERE = frozenset({calls.HAS_THREAD, calls.UNKNOWN_MESSAGE})


@dataclass(frozen=True, slots=True)
class Spot:
    """The channel that messages of a place are written to; ``replies_to`` is the message they answer there."""

    channel: str
    replies_to: str = ""


class Spots:
    """Knows or finds out where places are. A thread is opened once, however many want it."""

    def __init__(self, answers: Answers) -> None:
        self._as_replies = answers is Answers.REPLY
        self._known: Recent[Place, str] = Recent()  # the channel
        self._asked: Recent[Place, str] = Recent()  # the message to be answered, in the place's channel
        self._names: Recent[Place, str] = Recent()
        self._opening: dict[Place, asyncio.Task[str]] = {}
        self._said: set[str] = set()

    def asked(self, place: Place, channel: str, message: str, text: str) -> None:
        """Somebody said this in a channel or thread, and is to be answered at the place."""
        if not place.thread:
            return
        if channel == place.thread:
            self._known.put(place, channel)
            return
        self._asked.put(place, message)
        self._names.put(place, name_of(text))
        if self._as_replies:
            self._known.put(place, place.channel)

    def learn(self, place: Place, channel: str) -> None:
        """Messages of the place were met there."""
        self._known.put(place, channel)

    def channel(self, place: Place) -> str:
        """Where it is, as far as that is known by now."""
        return self.channels(place)[0]

    def shown(self, place: Place) -> str:
        """Where people look who wait for it."""
        return self._known.get(place) or place.channel

    def channels(self, place: Place) -> tuple[str, ...]:
        """Where it may be, the likelier first."""
        if not place.thread:
            return (place.channel,)
        if known := self._known.get(place):
            return (known,)
        here, there = (place.channel, place.thread) if self._as_replies else (place.thread, place.channel)
        return here, there

    async def open(self, bot: Bot, place: Place, budget: str) -> Spot:
        """Where to write: the thread is there when this returns. Raises as ``calls.call`` does."""
        channel = place.channel if not place.thread else self._known.get(place)
        if channel is None:
            opening = self._opening.get(place)
            if opening is None:
                opening = self._opening[place] = asyncio.create_task(self._opened(bot, place, budget))
                opening.add_done_callback(lambda done: self._end(place, done))
            # Who waits may be cancelled; the call in flight goes on, and others wait for it too.
            channel = await asyncio.shield(opening)
        if channel != place.channel or not place.thread:
            return Spot(channel)
        return Spot(channel, self._asked.get(place) or place.thread)

    async def begin(self, bot: Bot, place: Place, budget: str) -> None:
        """Open the thread at a message of ours; where answers are replies, those to it are the conversation."""
        if self._as_replies:
            self._known.put(place, place.channel)
        await self.open(bot, place, budget)

    async def beside(self, bot: Bot, place: Place) -> Place:
        """The channel in which whoever reads this thread may begin another; the thread itself where there is none.

        A private thread's people are fewer than its channel's, and posts of a forum are no messages of a channel.
        """
        channel, kind = replace(place, thread=""), None
        if self._known.get(place) != place.channel:
            kind = await self._kind(bot, place.thread)
        if kind == _PRIVATE:
            return place
        return channel if await self._kind(bot, place.channel) in _WITH_MESSAGES else place

    async def _kind(self, bot: Bot, channel: str) -> int | None:
        try:
            told = await call(
                bot, "GET", f"/channels/{channel}", what="get channel", budget="", spare=READING
            )
        except PlatformBusy as busy:
            raise calls.unanswered(busy) from busy
        except DiscordRefusal as refusal:
            if refusal.code == calls.UNKNOWN_CHANNEL:
                return None
            raise
        return int(told.body.get("type", 0))

    async def close(self) -> None:
        """Open no more threads."""
        opening = list(self._opening.values())
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)

    def _end(self, place: Place, opening: asyncio.Task[str]) -> None:
        self._opening.pop(place, None)
        if not opening.cancelled():
            opening.exception()  # taken note of, even where nobody waits for it any more

    async def _opened(self, bot: Bot, place: Place, budget: str) -> str:
        channel = await self._found_or_made(bot, place, budget)
        self._known.put(place, channel)
        return channel

    async def _found_or_made(self, bot: Bot, place: Place, budget: str) -> str:
        if self._as_replies:
            there = await self._is_channel(bot, place, budget)
            return place.thread if there else place.channel
        name = self._names.get(place) or await self._read_name(bot, place, budget)
        if name is None:
            return place.thread
        path = f"/channels/{place.channel}/messages/{place.thread}/threads"
        try:
            await call(bot, "POST", path, {"name": name}, what="create thread", budget=budget, spare=THREADS)
        except DiscordRefusal as refusal:
            if refusal.code in _THERE:
                return place.thread
            if refusal.code not in _NO_THREAD:
                raise
            if await self._is_channel(bot, place, budget):
                return place.thread
            self._note_refused(place, refusal)
            return place.channel
        return place.thread

    def _note_refused(self, place: Place, refusal: DiscordRefusal) -> None:
        """Not said to people, who get their answer all the same; the doctor names what is missing."""
        level = logging.INFO if place.channel in self._said else logging.WARNING
        self._said.add(place.channel)
        log.log(
            level, "no thread can be opened in %s, so answers are replies there: %s", place.channel, refusal
        )

    async def _is_channel(self, bot: Bot, place: Place, budget: str) -> bool:
        try:
            await call(
                bot, "GET", f"/channels/{place.thread}", what="get channel", budget=budget, spare=READING
            )
        except DiscordRefusal as refusal:
            if refusal.code == calls.UNKNOWN_CHANNEL:
                return False
            raise
        return True

    async def _read_name(self, bot: Bot, place: Place, budget: str) -> str | None:
        """After a restart the message is still there to be read; None where the thread is at no message."""
        path = f"/channels/{place.channel}/messages/{place.thread}"
        try:
            message = (await call(bot, "GET", path, what="get message", budget=budget, spare=READING)).body
        except DiscordRefusal as refusal:
            log.info("a thread gets no name of its own: %s", refusal)
            return None if refusal.code in _NOT_A_MESSAGE else _NAMELESS
        return name_of(str(message.get("content", "")))


def name_of(text: str) -> str:
    """What a thread is called that begins with these words."""
    plain = " ".join(_MARKS.sub("", _MENTION.sub(" ", _LINK.sub(r"\1", text))).split())
    if len(plain) > _NAME:
        cut = plain[:_NAME]
        plain = f"{cut.rsplit(' ', 1)[0] if ' ' in cut[_NAME // 2 :] else cut}…"
    return plain or _NAMELESS
