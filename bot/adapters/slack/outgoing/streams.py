"""Replies as native streams: text that Slack lets only grow, for a few minutes, and the ways back from that.

A stream shows what was appended to it. Where that and what is to be shown part ways, or Slack takes no more of
it, the stream is stopped and the message goes on by ``chat.update`` with its whole text: never less, never twice.
"""

from __future__ import annotations

import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot.adapters.slack.outgoing import budgets
from bot.adapters.slack.outgoing.calls import SlackRefusal, call
from bot.adapters.slack.outgoing.messages import Messages
from bot.adapters.slack.outgoing.render import JSON, beneath, key_of, metadata, words
from bot.adapters.slack.outgoing.windows import Window
from bot.adapters.slack.settings import SlackSettings, Streaming
from bot.adapters.slack.workspaces import Workspace
from bot.core.errors import PlaceGone, PlatformBusy, PlatformDown
from bot.core.place import Place
from bot.core.surface import Posted, Spend
from bot.core.view import View

K = TypeVar("K")
V = TypeVar("V")

log = logging.getLogger(__name__)

LACKING = "streams"  # in Workspace.lacks
CONFLICT = "streaming_state_conflict"
_NEVER = frozenset({"feature_not_enabled", "method_deprecated", "missing_scope", "unknown_method"})
_OVER = frozenset({"message_not_in_streaming_state", "stopped_by_user"})
_REMEMBERED = 2_000


@dataclass(slots=True, eq=False)
class Stream:
    """A message that is or was a native stream; ``sent`` is what it shows, unless that is ``doubtful``.

    ``released``: its end has told Slack that the agent's work is done.
    """

    place: Place
    ts: str
    key: str
    sent: str
    started: float
    open: bool = True
    doubtful: bool = False
    released: bool = False


class Streams:
    """The native streams of this process. ``share`` is its part of a workspace's budgets."""

    def __init__(
        self,
        settings: SlackSettings,
        messages: Messages,
        share: Callable[[str], float],
        now: Callable[[], float],
    ) -> None:
        self._settings, self._messages, self._share, self._now = settings, messages, share, now
        self._windows: dict[str, Window] = {}
        self._known: OrderedDict[tuple[str, str], Stream] = OrderedDict()
        self._askers: OrderedDict[Place, str] = OrderedDict()
        self._tried: OrderedDict[str, bool] = OrderedDict()  # by key: whether it was to be a stream
        self._starting: Counter[Place] = Counter()

    def note_asker(self, place: Place, user_id: str) -> None:
        _remember(self._askers, place, user_id)

    def of(self, place: Place, ts: str) -> Stream | None:
        """The stream that a message is or was, as far as this process knows."""
        return self._known.get((place.channel, ts))

    def possible(self, place: Place) -> bool:
        """Whether a message here may be a stream at all."""
        everywhere = self._settings.streaming is Streaming.EVERYWHERE
        return bool(place.thread) and (everywhere or _is_dm(place))

    def wanted(self, workspace: Workspace, place: Place, view: View) -> bool:
        """Whether a new message shall be a stream."""
        return (
            view.growing
            and view.private_to is None
            and self._settings.streaming is not Streaming.OFF
            and self.possible(place)
            and (_is_dm(place) or place in self._askers)
            and workspace.lacks.isdisjoint({LACKING, _lacking(place)})
            and self._window(place).may_start(self._share(str(place.home)))
        )

    def tries(self, key: str, *, native: bool) -> None:
        """The message with this key is now posted in this way."""
        _remember(self._tried, key, native)

    async def start(self, workspace: Workspace, place: Place, view: View, key: str) -> Posted | None:
        """Begin a stream; None where Slack takes none here, so that the message must be posted.

        Raises PlatformDown where that is uncertain.
        """
        text = _settled(view)
        if not text.strip():
            return None
        args: JSON = {"channel": place.channel, "thread_ts": place.thread, "markdown_text": text}
        if not _is_dm(place):
            args |= {"recipient_user_id": self._askers[place], "recipient_team_id": workspace.team}
        window = self._window(place)
        window.starting()
        self.tries(key, native=True)
        self._starting[place] += 1
        try:
            answer = await call(workspace, "chat.startStream", args)
        except PlatformBusy as busy:
            window.pause(busy.wait)
            return None
        except PlaceGone:
            return None  # posting will tell whether it is
        except SlackRefusal as refusal:
            self._latch(workspace, place, refusal.code)
            return None
        finally:
            self._starting[place] -= 1
            if not self._starting[place]:
                del self._starting[place]
        stream = self._know(Stream(place, str(answer["ts"]), key, text, self._now()))
        window.opened(stream.ts)
        return Posted(stream.ts, edits=self._edits(stream))

    async def edit(self, workspace: Workspace, stream: Stream, view: View) -> Posted:
        """Let a stream of ours show this view. Raises as ``Messages.update`` does."""
        if not stream.open or stream.doubtful:
            return await self.mend(workspace, stream, view)
        text = _settled(view)
        if not text.startswith(stream.sent):
            # While it grows, this may be half a mark that was taken back; the end mends what has to be.
            return Posted(stream.ts) if view.growing else await self.mend(workspace, stream, view)
        if len(text.encode()) > self._settings.stream_bytes or self._is_old(stream):
            return await self.mend(workspace, stream, view)
        added = text[len(stream.sent) :]
        try:
            if view.growing:
                await self._append(workspace, stream, added)
                return Posted(stream.ts)
            await self._stop(workspace, stream, view, added)
        except SlackRefusal as refusal:
            log.info("%s at %s; the message goes on by updates", refusal, stream.place)
            if refusal.code in _OVER:
                self._close(stream)
            return await self.mend(workspace, stream, view)
        return Posted(stream.ts)

    async def mend(self, workspace: Workspace, stream: Stream, view: View) -> Posted:
        """End the stream, if it is not, and let the message show its whole text from now on by updates."""
        if stream.open:
            stream.doubtful = True
            await self._end(workspace, stream, view)
        try:
            await self._messages.update(workspace, stream.place, stream.ts, view, stream.key)
        except SlackRefusal as refusal:
            if refusal.code != CONFLICT:
                raise
            await self._end(workspace, stream, view)
            await self._messages.update(workspace, stream.place, stream.ts, view, stream.key)
        return Posted(stream.ts, edits=self._messages.updates(stream.place))

    def adopt(self, place: Place, key: str, messages: Iterable[JSON]) -> str | None:
        """The newest message of ours here that nobody claims: a stream whose start was not answered.

        Raises PlatformDown while another start at this place may still be answered.
        """
        if not self.possible(place) or self._tried.get(key) is False:
            return None
        if self._starting[place]:
            raise PlatformDown("another stream is being started here")
        bare = (str(message["ts"]) for message in messages if key_of(message) is None)
        unclaimed = [ts for ts in bare if self.of(place, ts) is None and ts != place.thread]
        return self.claim(place, max(unclaimed, key=float), key).ts if unclaimed else None

    def claim(self, place: Place, ts: str, key: str) -> Stream:
        """Take over a stream of which nobody knows what it shows."""
        self._window(place).opened(ts)
        return self._know(Stream(place, ts, key, "", self._now(), doubtful=True))

    def settle(self, place: Place, ts: str, key: str = "") -> Stream:
        """Know a message of ours as one that is no stream any more, so that nobody takes it for unclaimed."""
        return self._know(Stream(place, ts, key, "", self._now(), open=False))

    def found(self, place: Place, keys: Iterable[str]) -> Mapping[str, str]:
        """Which of the keys belong to open streams of this process: until it ends, none of them shows its key."""
        mine = (one for one in self._known.values() if one.open and one.place == place)
        return {one.key: one.ts for one in mine if one.key in set(keys)}

    def stopped(self, place: Place) -> None:
        """Somebody ended the streams of this place."""
        for stream in self._known.values():
            if stream.open and stream.place == place:
                self._close(stream)

    async def _append(self, workspace: Workspace, stream: Stream, added: str) -> None:
        if not added.strip():
            return
        args = {"channel": stream.place.channel, "ts": stream.ts, "markdown_text": added}
        name = budgets.append(stream.place).name
        try:
            await call(workspace, "chat.appendStream", args, budget=name)
        except PlatformDown:
            stream.doubtful = True
            raise
        stream.sent += added

    async def _end(self, workspace: Workspace, stream: Stream, view: View) -> None:
        """Stop a stream that an update follows; it may be over already."""
        try:
            await self._stop(workspace, stream, view, "", bare=True)
        except SlackRefusal as refusal:
            log.info("%s at %s", refusal, stream.place)
            self._close(stream)

    async def _stop(
        self, workspace: Workspace, stream: Stream, view: View, added: str, *, bare: bool = False
    ) -> None:
        """Stop a stream with the rest of its text; ``bare``: an update follows, so nothing goes beneath it."""
        place = stream.place
        args: JSON = {"channel": place.channel, "ts": stream.ts, "markdown_text": added or None}
        args |= {"metadata": metadata(stream.key), "blocks": None if bare else beneath(view) or None}
        last = bool(view.buttons) and not view.growing
        if workspace.agent and _is_dm(place):
            args["session_status"] = "active" if last else "processing"
        self._window(place).stopping()
        try:
            await call(workspace, "chat.stopStream", args)
        except PlatformBusy as busy:
            own = budgets.message(place, stream.ts).name
            again = PlatformBusy(str(busy), wait=busy.wait, budget=own)
            again.edits = self._edits(stream)
            raise again from busy
        self._close(stream)
        stream.sent, stream.released = stream.sent + added, last

    def _edits(self, stream: Stream) -> tuple[Spend, ...]:
        return budgets.append(stream.place), budgets.message(stream.place, stream.ts)

    def _is_old(self, stream: Stream) -> bool:
        return self._now() - stream.started >= self._settings.stream_seconds

    def _close(self, stream: Stream) -> None:
        stream.open = stream.doubtful = False
        self._window(stream.place).closed(stream.ts)

    def _know(self, stream: Stream) -> Stream:
        _remember(self._known, (stream.place.channel, stream.ts), stream)
        return stream

    def _window(self, place: Place) -> Window:
        return self._windows.setdefault(place.workspace, Window(self._now))

    def _latch(self, workspace: Workspace, place: Place, code: str) -> None:
        log.info("no native stream at %s: %s", place, code)
        if code in _NEVER:
            workspace.lacks.add(LACKING)
        elif code == "channel_type_not_supported":
            workspace.lacks.add(_lacking(place))


def _is_dm(place: Place) -> bool:
    return place.channel.startswith("D")


def _lacking(place: Place) -> str:
    return f"{LACKING} {place.channel}"


def _settled(view: View) -> str:
    """What of a view's text will not be taken back."""
    text = words(view)
    return text[: len(text) - view.closing] if view.growing and view.closing else text


def _remember(memory: OrderedDict[K, V], key: K, value: V) -> None:
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > _REMEMBERED:
        memory.popitem(last=False)
