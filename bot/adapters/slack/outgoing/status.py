"""What people see while they wait: a status in the thread, and the session of an agent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.adapters.slack.outgoing.calls import SlackRefusal, call
from bot.adapters.slack.outgoing.render import clipped
from bot.adapters.slack.outgoing.windows import Pairs
from bot.adapters.slack.workspaces import Workspace, Workspaces
from bot.core.errors import PlaceGone, PlatformBusy, PlatformDown
from bot.core.place import Place

log = logging.getLogger(__name__)

TEXT, SESSION = "status", "sessions"  # in Workspace.lacks
_ACTIVE, _PROCESSING = "active", "processing"
_NEVER = frozenset(
    {
        "feature_disabled",
        "feature_not_enabled",
        "method_deprecated",
        "missing_scope",
        "not_allowed_token_type",
        "not_authorized",
        "unknown_method",
    }
)
_CHARS = 150
_AGAIN, _TRIES = 3.0, 4  # seconds after a failure, and how often in a row
_SESSIONS = 46  # calls a minute, of fifty that Slack allows
_LONGEST = 20 * 60.0  # seconds: no answer takes longer, so whoever asked for the status is gone


@dataclass(slots=True, eq=False)
class _Line:
    """One thread: what shall be seen there, and what is."""

    since: float
    text: str = ""
    busy: bool = False
    shown: str = ""
    shown_at: float = 0.0
    session: str = ""
    paired: bool = False  # whether the end of its session has a call reserved
    tries: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Statuses:
    """One small task for each thread that is waited in; nobody waits for it, and it never fails."""

    def __init__(self, workspaces: Workspaces, now: Callable[[], float], refresh: float) -> None:
        self._workspaces, self._now, self._refresh = workspaces, now, refresh
        self._lines: dict[Place, _Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._pairs: dict[str, Pairs] = {}
        self._paused: dict[tuple[str, str], float] = {}  # by team and method: until when

    def say(self, place: Place, text: str) -> None:
        """Let this be seen there; "" takes it back."""
        line = self._lines.get(place)
        if not place.thread or (line is None and not text):
            return
        if line is None:
            line = self._lines[place] = _Line(self._now())
            task = asyncio.get_running_loop().create_task(self._keep(place, line))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        line.text, line.busy, line.tries = clipped(text, _CHARS), bool(text), 0
        line.changed.set()

    def shown(self, place: Place, *, streams: bool) -> None:
        """A message of ours came, and Slack has dropped the status; a stream says itself that it is at work."""
        if (line := self._lines.get(place)) is None:
            return
        line.text = line.shown = ""
        if streams:
            line.session = _PROCESSING
        line.changed.set()

    def ended(self, place: Place) -> None:
        """A stream was the last of an answer, and has told Slack that the work is done."""
        if (line := self._lines.get(place)) is not None:
            line.session, line.busy, line.text = _ACTIVE, False, ""
            line.changed.set()

    async def close(self) -> None:
        """Leave everything as it is seen now."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _keep(self, place: Place, line: _Line) -> None:
        try:
            while True:
                line.changed.clear()
                again = await self._bring(place, line)
                if line.changed.is_set():
                    continue
                over = self._now() - line.since > _LONGEST
                if over or (again is None and not line.busy):
                    return
                await _changed(line, again)
        finally:
            self._lines.pop(place, None)
            self._unpair(place, line)

    async def _bring(self, place: Place, line: _Line) -> float | None:
        """Bring about what shall be seen; returns the seconds after which to look again, None for never."""
        workspace = self._workspaces.get(place.workspace)
        if workspace is None:
            return None
        # The text first: both have one place on the screen, and the session brings Slack's stop button.
        wait = await self._text(workspace, place, line)
        if wait is None and workspace.agent and place.channel.startswith("D"):
            wait = await self._session(workspace, place, line)
        if wait is None and line.shown:
            return self._refresh
        return wait

    async def _text(self, workspace: Workspace, place: Place, line: _Line) -> float | None:
        now, text = self._now(), line.text
        if text == line.shown and not (text and now - line.shown_at >= self._refresh):
            return None
        args = {"channel_id": place.channel, "thread_ts": place.thread, "status": text}
        wait = await self._told(workspace, TEXT, "assistant.threads.setStatus", args, line)
        if wait is None:
            line.shown, line.shown_at = text, now
        return wait

    async def _session(self, workspace: Workspace, place: Place, line: _Line) -> float | None:
        """Bring about the state of the session. Where many begin at once, some go without Slack's stop button."""
        session = _PROCESSING if line.busy else _ACTIVE
        if session == (line.session or _ACTIVE):
            return None
        pairs = self._pairs.setdefault(workspace.team, Pairs(self._now, _SESSIONS))
        if line.busy and not line.paired and not pairs.begin():
            return None
        line.paired = line.paired or line.busy
        args = {"channel_id": place.channel, "thread_ts": place.thread, "status": session}
        wait = await self._told(workspace, SESSION, "agents.sessions.setStatus", args, line)
        if wait is None:
            line.session = session
        return wait

    def _unpair(self, place: Place, line: _Line) -> None:
        if line.paired:
            line.paired = False
            self._pairs[place.workspace].end()

    async def _told(
        self, workspace: Workspace, way: str, method: str, args: dict[str, str], line: _Line
    ) -> float | None:
        """Make the call; None where it is done or given up, else the seconds until another try."""
        if way in workspace.lacks or line.tries >= _TRIES:
            return None
        paused = self._paused.get((workspace.team, method), 0.0) - self._now()
        if paused > 0:
            return paused
        line.tries += 1
        try:
            await call(workspace, method, args)
        except PlatformBusy as busy:
            self._paused[workspace.team, method] = self._now() + busy.wait
            return busy.wait
        except PlatformDown:
            return _AGAIN
        except PlaceGone as gone:
            log.info("no status: %s", gone)
        except SlackRefusal as refusal:
            log.info("no status: %s", refusal)
            if refusal.code in _NEVER:
                workspace.lacks.add(way)
        line.tries = 0
        return None


async def _changed(line: _Line, within: float | None) -> None:
    try:
        async with asyncio.timeout(within):
            await line.changed.wait()
    except TimeoutError:
        pass
