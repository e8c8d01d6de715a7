"""What Switchboard shows in Discord: messages in threads, replies in channels, direct messages, a sign of typing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from bot.adapters.discord.bots import ELSEWHERE, Bot, Bots
from bot.adapters.discord.outgoing import budgets, calls, files
from bot.adapters.discord.outgoing.calls import DiscordRefusal, call, unanswered
from bot.adapters.discord.outgoing.memory import Memory
from bot.adapters.discord.outgoing.messages import Messages
from bot.adapters.discord.outgoing.render import LIMITS, content
from bot.adapters.discord.outgoing.status import Statuses
from bot.adapters.discord.outgoing.threads import Spots
from bot.adapters.discord.pace import READING
from bot.adapters.discord.settings import DiscordSettings
from bot.core.errors import PlaceGone, PlatformBusy, PlatformDown, PlatformError
from bot.core.message import Promised
from bot.core.place import Place
from bot.core.surface import Limits, Posted, Spend, Verb
from bot.core.view import View

log = logging.getLogger(__name__)

_ADDRESS = "https://discord.com/channels"
_ELSEWHERE = frozenset({calls.UNKNOWN_CHANNEL, calls.UNKNOWN_MESSAGE, calls.WRONG_CHANNEL})


class DiscordSurface:
    """A ``bot.core.surface.Surface``.

    A view for one person is shown like any other: only the answer to an interaction can be for one person alone,
    and that does not pass here.
    """

    def __init__(
        self, bots: Bots, settings: DiscordSettings, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._bots, self._settings, self._now = bots, settings, now
        self._memory = Memory()
        self._messages = Messages(self._memory)
        self._spots = Spots(settings.answers)
        self._statuses = Statuses(self._bots.of, self._spots.shown, now)
        self._blind: dict[str, float] = {}  # by bot: until when nothing may be read

    @property
    def platform(self) -> str:
        return "discord"

    @property
    def limits(self) -> Limits:
        return LIMITS

    def note_asked(self, place: Place, bot: Bot, channel: str, message: str, text: str) -> None:
        """This message, said to this bot in a channel or thread, is to be answered at the place."""
        self._bots.note(place, bot)
        self._spots.asked(place, channel, message, text)

    async def prepare(self, place: Place) -> None:
        """Open the thread that an answer will want, before there is one. Never raises."""
        try:
            bot = await self._bot(place)
            await self._spots.open(bot, place, budgets.post(bot, self._spots.channel(place))[0].name)
        except PlatformError as error:
            log.info("no thread yet at %s: %s", place, error)

    def heard(self, channel: str, message: str, nonce: str) -> None:
        """The gateway told of a message of ours with this nonce."""
        self._memory.put(channel, message, nonce)

    def spends(self, verb: Verb, place: Place) -> Sequence[Spend]:
        spend = budgets.post if verb is Verb.POST else budgets.edit
        return spend(self._bots.of(place), self._spots.channel(place))

    async def post(self, place: Place, view: View, key: str) -> Posted:
        bot = await self._bot(place)
        expected = self._spots.channel(place)
        budget = budgets.post(bot, expected)[0].name
        with _final(place):
            spot = await self._spots.open(bot, place, budget)
            message = self._memory.claimed(key, content(view))
            moved = None if spot.channel == expected else budgets.edit(bot, spot.channel)
            if (message := self._memory.claimed(key, content(view))) is not None:
                self._memory.put(spot.channel, message, key)
                posted = Posted(message, edits=moved)
            else:
                message, answer = await self._messages.create(bot, spot, view, key, budget)
                posted = Posted(message, answer.observed(budget) if moved is None else (), moved)
        self._statuses.shown(place)
        return posted

    async def edit(self, place: Place, message_id: str, view: View) -> Posted:
        bot = await self._bot(place)
        channels = self._spots.channels(place)
        budget = budgets.edit(bot, channels[0])[0].name
        with _final(place):
            for channel in channels:
                try:
                    answer = await self._messages.edit(bot, channel, message_id, view, budget)
                except DiscordRefusal as refusal:
                    if channel == channels[-1] or refusal.code not in _ELSEWHERE:
                        raise
                    continue
                if len(channels) > 1:
                    self._spots.learn(place, channel)
                return Posted(message_id, answer.observed(budget) if channel == channels[0] else ())
        raise AssertionError("a place is somewhere")

    async def find(self, place: Place, keys: Collection[str]) -> Mapping[str, str]:
        """Which of our keys stand here: as this process knows, as the gateway told, or as the buttons tell."""
        bot = await self._bot(place)
        channels = self._spots.channels(place)
        found: dict[str, str] = {}
        looked = False
        with _final(place):
            for channel in channels:
                try:
                    found |= await self._read(bot, place, channel, set(keys) - found.keys())
                except DiscordRefusal as refusal:
                    if refusal.code not in _ELSEWHERE or (channel == channels[-1] and not looked):
                        raise
                    continue
                looked = True
                if found.keys() >= set(keys):
                    break
        return found

    async def _read(self, bot: Bot, place: Place, channel: str, keys: set[str]) -> dict[str, str]:
        """Look through our messages. No budget of delivery paces these calls, so their refusals freeze none."""
        if self._now() < self._blind.get(bot.user_id, 0.0):
            raise PlatformDown("Discord asked to wait before anything else is read")
        # In a channel nothing of ours stands before the message that it answers.
        since = place.thread if place.thread and channel == place.channel else ""
        read, found = [], dict[str, str]()
        try:
            async for page in self._messages.ours(bot, channel, since):
                read += page
                found = self._memory.found(keys, channel) | self._memory.read(channel, read, keys)
                if found.keys() >= keys:
                    break
        except PlatformBusy as busy:
            self._blind[bot.user_id] = self._now() + busy.wait
            raise unanswered(busy) from busy
        return found

    async def fetch(self, place: Place, file: Promised) -> bytes:
        """The bytes of a file. Raises BadInput with a sentence that names it, or PlatformDown."""
        return await files.fetch(await self._bot(place), self._settings, file)

    async def beginning(self, place: Place, key: str) -> Place:
        if not place.thread:
            return place
        bot = await self._bot(place)
        with _final(place):
            return await self._spots.beside(bot, place)

    async def begun(self, beginning: Place, message_id: str) -> Place:
        if beginning.thread or beginning.workspace == ELSEWHERE:
            return beginning
        place = replace(beginning, thread=message_id)
        bot = await self._bot(place)
        with _final(place):
            await self._spots.begin(bot, place, budgets.post(bot, beginning.channel)[0].name)
        return place

    def link(self, place: Place, message_id: str = "") -> str:
        channel = self._spots.channel(place)
        message = message_id or (place.thread if place.thread != channel else "")
        return "/".join(filter(None, [_ADDRESS, place.workspace, channel, message]))

    async def status(self, place: Place, text: str) -> None:
        self._statuses.say(place, wanted=bool(text))

    async def close(self) -> None:
        """End what still runs in the background; for the shutdown."""
        await self._statuses.close()
        await self._spots.close()

    async def _bot(self, place: Place) -> Bot:
        """Who speaks there. Of several bots outside of servers only Discord knows whose a channel is."""
        if (bot := self._bots.of(place)) is not None:
            return bot
        if not self._bots.known:
            raise PlatformDown("Discord is not connected yet")
        for possible in self._bots.candidates(place) if place.workspace == ELSEWHERE else ():
            try:
                await call(
                    possible,
                    "GET",
                    f"/channels/{place.channel}",
                    what="get channel",
                    budget="",
                    spare=READING,
                )
            except PlatformBusy as busy:
                raise unanswered(busy) from busy
            except DiscordRefusal:
                continue
            self._bots.note(place, possible)
            return possible
        raise PlaceGone(f"no bot of ours is at {place}")


@contextmanager
def _final(place: Place) -> Iterator[None]:
    """A refusal that nobody knows a way around will not change by trying again."""
    try:
        yield
    except DiscordRefusal as refusal:
        log.warning("%s, at %s", refusal, place)
        raise PlaceGone(str(refusal)) from refusal
