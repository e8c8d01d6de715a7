"""Tells Discord which commands there are, but only where that has changed: it takes 200 new ones a day."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.adapters.discord.bots import Bot
from bot.adapters.discord.commands.offering import fingerprint, offered
from bot.adapters.discord.outgoing.calls import DiscordRefusal, call
from bot.adapters.discord.outgoing.render import JSON
from bot.core.background import Background
from bot.core.errors import PlatformBusy, PlatformError
from storage.errors import StorageError
from storage.store import Store

log = logging.getLogger(__name__)

_SCOPE = "installation"
_FIRST, _LONGEST = 5.0, 3600.0  # seconds until it is tried again
_TOO_MANY = 30034


class Sync:
    """Does so in the background, until it is done, once at a time for each bot."""

    def __init__(
        self,
        store: Store,
        background: Background,
        *,
        offer: Callable[[], list[JSON]] = offered,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._store, self._background, self._offer, self._sleep = store, background, offer, sleep
        self._troubles: dict[str, str] = {}  # by application
        self._running: set[str] = set()

    def start(self, bot: Bot) -> asyncio.Task[None] | None:
        """Begin, after a login; None where it runs already. Returns at once."""
        if bot.application_id in self._running:
            return None
        self._running.add(bot.application_id)
        return self._background.start(self._run(bot), "the commands' synchronisation")

    @property
    def troubles(self) -> tuple[str, ...]:
        """A sentence for each bot whose commands are not as they should be, for the health."""
        return tuple(self._troubles.values())

    async def once(self, bot: Bot) -> bool:
        """Bring the commands up to date; whether anything was sent. Raises StorageDown and as ``calls.call`` does."""
        offer, key = self._offer(), key_of(bot.application_id)
        mark = fingerprint(offer)
        known = (await self._store.settings.get_many([_SCOPE], key)).get(_SCOPE)
        if known is not None and known.value == mark:
            return False
        path = f"/applications/{bot.application_id}/commands"
        await call(bot, "PUT", path, offer, what="put commands", budget="")
        await self._store.settings.set(_SCOPE, key, mark, None)
        log.info("%s has %d commands in Discord", bot.name, len(offer))
        return True

    async def _run(self, bot: Bot) -> None:
        wait = _FIRST
        try:
            while True:
                try:
                    await self.once(bot)
                except (PlatformError, StorageError) as error:
                    log.warning("the commands of %s are not in Discord yet: %s", bot.name, error)
                    self._troubles[bot.application_id] = _sentence(bot, error)
                    await self._sleep(_pause(error, wait))
                    wait = min(wait * 2, _LONGEST)
                else:
                    self._troubles.pop(bot.application_id, None)
                    return
        finally:
            self._running.discard(bot.application_id)


def key_of(application: str) -> str:
    """Under which setting of the installation it stands what Discord was told last."""
    return f"discord:commands:{application}"


def _pause(error: Exception, wait: float) -> float:
    if isinstance(error, PlatformBusy):
        return max(wait, error.wait)
    # What was refused will hardly be taken in a moment.
    return _LONGEST if isinstance(error, DiscordRefusal) else wait


def _sentence(bot: Bot, error: Exception) -> str:
    if isinstance(error, DiscordRefusal) and error.code == _TOO_MANY:
        why = "Discord takes no more new commands today"
    elif isinstance(error, DiscordRefusal):
        why = f"Discord refused them ({error.code or error.status})"
    elif isinstance(error, PlatformError):
        why = "Discord cannot be reached"
    else:
        why = "the database is away"
    return (
        f"The slash commands of {bot.name} in Discord may be out of date: {why}; it is tried again by itself."
    )
