"""What Switchboard shows in Slack: plain messages, native streams, private words, a status while people wait."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from bot.adapters.slack.outgoing import budgets, files
from bot.adapters.slack.outgoing.calls import SlackRefusal
from bot.adapters.slack.outgoing.messages import Messages
from bot.adapters.slack.outgoing.render import JSON, key_of
from bot.adapters.slack.outgoing.status import Statuses
from bot.adapters.slack.outgoing.streams import CONFLICT, Streams
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.workspaces import Workspace, Workspaces
from bot.core.errors import MessageFrozen, PlaceGone, PlatformBusy, PlatformDown
from bot.core.message import Promised
from bot.core.place import Place
from bot.core.surface import Limits, Posted, Spend, Verb
from bot.core.view import View

log = logging.getLogger(__name__)

# What chat.update's text, one markdown block and one native stream all hold.
_LIMITS = Limits(page_chars=4_000, page_bytes=9_000, expected_stream=6.0, round_trip=0.1)


class SlackSurface:
    """A ``bot.core.surface.Surface``. ``share`` is this process's part of a workspace's budgets, 0 to 1.

    ``refresh``: seconds after which a status is said again, as Slack drops it after two minutes.
    """

    def __init__(
        self,
        workspaces: Workspaces,
        settings: SlackSettings,
        share: Callable[[str], float],
        now: Callable[[], float] = time.monotonic,
        *,
        refresh: float = 100.0,
    ) -> None:
        self._workspaces, self._settings = workspaces, settings
        self._messages = Messages(settings)
        self._streams = Streams(settings, self._messages, share, now)
        self._statuses = Statuses(workspaces, now, refresh)
        self._blind: dict[str, float] = {}  # by team: until when nothing may be read
        self._now = now

    @property
    def platform(self) -> str:
        return "slack"

    @property
    def limits(self) -> Limits:
        return _LIMITS

    def note_asker(self, place: Place, user_id: str) -> None:
        """Whose message is answered at this place: in a channel a native stream flows for that person only."""
        self._streams.note_asker(place, user_id)

    def stopped(self, place: Place) -> None:
        """Somebody pressed Slack's own stop button: the streams of this place have ended."""
        self._streams.stopped(place)

    def spends(self, verb: Verb, place: Place) -> Sequence[Spend]:
        return budgets.post(place) if verb is Verb.POST else self._messages.updates(place)

    async def post(self, place: Place, view: View, key: str) -> Posted:
        workspace = self._workspace(place)
        with _final(place):
            if view.private_to is not None:
                return Posted(await self._messages.whisper(workspace, place, view))
            posted = await self._begun(workspace, place, view, key)
        self._statuses.shown(place, streams=posted.edits is not None)
        return posted

    async def _begun(self, workspace: Workspace, place: Place, view: View, key: str) -> Posted:
        if self._streams.wanted(workspace, place, view):
            started = await self._streams.start(workspace, place, view, key)
            if started is not None:
                return started
        self._streams.tries(key, native=False)
        ts = await self._messages.post(workspace, place, view, key)
        if self._streams.possible(place):
            self._streams.settle(place, ts, key)
        return Posted(ts)

    async def edit(self, place: Place, message_id: str, view: View) -> Posted:
        workspace = self._workspace(place)
        with _final(place):
            stream = self._streams.of(place, message_id)
            if stream is None and self._streams.possible(place):
                # From before a restart: it may be a stream that is still open, and nobody else may claim it.
                stream = self._streams.settle(place, message_id)
            if stream is not None:
                edited = await self._streams.edit(workspace, stream, view)
                if stream.released:
                    self._statuses.ended(place)
                return edited
            await self._messages.update(workspace, place, message_id, view)
            return Posted(message_id)

    async def find(self, place: Place, keys: Collection[str]) -> Mapping[str, str]:
        """Which of our keys stand here; one that stands nowhere may be a native stream that shows none."""
        workspace = self._workspace(place)
        found = dict(self._streams.found(place, keys))
        if found.keys() >= set(keys):
            return found
        with _final(place):
            messages = await self._read(workspace, place)
        for message in messages:
            key = key_of(message)
            if key and key in keys:
                found[key] = str(message["ts"])
                if self._streams.possible(place):
                    self._streams.settle(place, found[key], key)
        missing = sorted(set(keys) - found.keys())
        if len(missing) == 1 and (adopted := self._streams.adopt(place, missing[0], messages)):
            found[missing[0]] = adopted
        return found

    async def _read(self, workspace: Workspace, place: Place) -> list[dict[str, object]]:
        """Our messages here. No budget of delivery paces this call, so its refusals freeze none."""
        if self._now() < self._blind.get(workspace.team, 0.0):
            raise PlatformDown("Slack asked to wait before anything else is read")
        try:
            return await self._messages.ours(workspace, place)
        except PlatformBusy as busy:
            self._blind[workspace.team] = self._now() + busy.wait
            raise PlatformDown(str(busy)) from busy

    async def fetch(self, place: Place, file: Promised) -> bytes:
        """The bytes of a file. Raises BadInput with a sentence that names it, or PlatformDown."""
        return await files.fetch(self._workspace(place), self._settings, file)

    async def beginning(self, place: Place, key: str) -> Place:
        return replace(place, thread="")

    async def begun(self, beginning: Place, message_id: str) -> Place:
        return replace(beginning, thread=message_id)

    def link(self, place: Place, message_id: str = "") -> str:
        workspace = self._workspaces.get(place.workspace)
        if workspace is None or not workspace.url:
            return ""
        channel, ts = f"{workspace.url.rstrip('/')}/archives/{place.channel}", message_id or place.thread
        if not ts:
            return channel
        within = f"?thread_ts={place.thread}&cid={place.channel}" if place.thread not in ("", ts) else ""
        return f"{channel}/p{ts.replace('.', '')}{within}"

    async def picture(self, workspace: Workspace, view: View) -> JSON | None:
        """The block of a view's picture, for what is not posted here but said in an ack; None where there is none."""
        return await self._messages.pictures.block(workspace, view.picture)

    async def status(self, place: Place, text: str) -> None:
        self._statuses.say(place, text)

    async def close(self) -> None:
        """End what still runs in the background; for the shutdown."""
        await self._statuses.close()

    def _workspace(self, place: Place) -> Workspace:
        workspace = self._workspaces.get(place.workspace)
        if workspace is not None:
            return workspace
        if self._workspaces.known:
            raise PlaceGone(f"no token opens {place.workspace}")
        raise PlatformDown(f"{place.workspace} is not connected yet")


@contextmanager
def _final(place: Place) -> Iterator[None]:
    """A refusal that nobody knows a way around will not change by trying again."""
    try:
        yield
    except SlackRefusal as refusal:
        if refusal.code == CONFLICT:
            raise MessageFrozen(str(refusal)) from refusal
        log.warning("%s at %s", refusal, place)
        raise PlaceGone(str(refusal)) from refusal
