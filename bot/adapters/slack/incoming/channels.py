"""What public channels are called: asked behind a message in one, kept for the pages, asked again after hours."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from bot.adapters.slack.incoming.addressed import PLATFORM
from bot.adapters.slack.workspaces import FAILURES, Workspace
from bot.commands.orders import Recent
from bot.core.background import Background
from bot.core.place import Place
from storage.errors import StorageError
from storage.store import Store

log = logging.getLogger(__name__)

_FRESH = 6 * 3600.0  # seconds that a name is believed, or that nobody asks again where there was none
_MOST = 10_000


class Channels:
    """Takes care that channels have names. Private ones keep theirs: our scopes do not show them."""

    def __init__(
        self, store: Store, background: Background, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._background, self._clock = store, background, clock
        self._asked = Recent(_MOST)

    def used(self, workspace: Workspace, channel: str) -> None:
        """Something was said to us in a public channel."""
        if "channels:read" not in workspace.scopes:
            return
        if self._asked.is_new((workspace.team, channel), self._clock(), _FRESH):
            self._background.start(self._ask(workspace, channel), "a channel's name")

    async def _ask(self, workspace: Workspace, channel: str) -> None:
        try:
            answer = await workspace.client.conversations_info(channel=channel)
            name = str((answer.get("channel") or {}).get("name") or "")
            place = Place(PLATFORM, workspace.team, channel)
            await self._store.workspaces.note_names(str(place), name, workspace.name)
        except (*FAILURES, StorageError) as error:
            log.info("a channel has no name yet: %s", error)
