"""What people see while they wait: that somebody is typing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from bot.adapters.discord.bots import Bot
from bot.adapters.discord.outgoing.calls import DiscordRefusal, call
from bot.adapters.discord.pace import TYPING
from bot.adapters.discord.recent import Recent
from bot.core.errors import PlatformBusy, PlatformDown
from bot.core.place import Place

log = logging.getLogger(__name__)

_AGAIN = 8.0  # seconds: Discord shows it for ten
_LONGEST = 10 * 60.0


class Statuses:
    """One small task for each place that is waited in; nobody waits for it, and it never fails.

    ``speaks`` is the bot of a place, ``looked`` the channel where those who wait for it look.
    """

    def __init__(
        self,
        speaks: Callable[[Place], Bot | None],
        looked: Callable[[Place], str],
        now: Callable[[], float],
    ) -> None:
        self._speaks, self._looked, self._now = speaks, looked, now
        self._tasks: dict[Place, asyncio.Task[None]] = {}
        self._shown_at: Recent[str, float] = Recent()  # by channel; one sign does for all who wait there
        self._paused = 0.0  # until when no call is made

    def say(self, place: Place, *, wanted: bool) -> None:
        """Show it there from now on, or let it end."""
        if not wanted:
            self.shown(place)
        elif place not in self._tasks:
            task = self._tasks[place] = asyncio.get_running_loop().create_task(self._type(place))
            task.add_done_callback(lambda done: self._end(place, done))

    def shown(self, place: Place) -> None:
        """A message came, and Discord has taken it away."""
        if (task := self._tasks.pop(place, None)) is not None:
            task.cancel()

    async def close(self) -> None:
        """Let all end."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self, place: Place, task: asyncio.Task[None]) -> None:
        if self._tasks.get(place) is task:
            del self._tasks[place]

    async def _type(self, place: Place) -> None:
        until = self._now() + _LONGEST
        while self._now() < until and (bot := self._speaks(place)) is not None:
            channel = self._looked(place)
            shown = self._shown_at.get(channel)
            again = 0.0 if shown is None else shown + _AGAIN
            wait = max(self._paused, again) - self._now()
            if wait > 0:
                await asyncio.sleep(wait)
                continue
            self._shown_at.put(channel, self._now())
            try:
                path = f"/channels/{channel}/typing"
                await call(bot, "POST", path, what="typing", budget="", spare=TYPING)
            except PlatformBusy as busy:
                self._paused = self._now() + busy.wait
            except PlatformDown as down:
                log.info("%s", down)
            except DiscordRefusal as refusal:
                log.info("%s", refusal)
                return
