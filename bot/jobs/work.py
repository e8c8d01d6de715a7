"""What the runner gives whoever does a task, and how a task is shown at its place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot.core.errors import SwitchboardError
from bot.core.view import Button, Tone, View
from storage.errors import StorageDown
from storage.tasks import FAILED, RUNNING, TaskClaim, TaskRow, Tasks

log = logging.getLogger(__name__)

PACE = 2.0  # seconds between two changes of what is shown
CANCEL = "Cancel"
_CELLS = 20  # of a bar


class TaskFailed(SwitchboardError):
    """A task cannot be done; ``say`` is its last word."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of task.

    ``run`` does it and returns the last words about it. It may be run again from the beginning after a crash, so it
    has to find what is done already. It raises SwitchboardError where it fails, and is cancelled where somebody stops
    it. ``buttons`` are those beneath the message that shows a task, by the state it is in.
    """

    run: Callable[[Work], Awaitable[str]]
    buttons: Callable[[TaskRow], tuple[Button, ...]]


class Work:
    """One task in the hands of whoever does it. ``row`` is as last written down."""

    def __init__(
        self, row: TaskRow, claim: TaskClaim, tasks: Tasks, changed: Callable[[TaskRow], None], pace: float
    ) -> None:
        self.row = row
        self._claim, self._tasks, self._changed, self._pace = claim, tasks, changed, pace
        self._next = 0.0

    async def progress(self, done: int, total: int, note: str, *, now: bool = False) -> None:
        """Say how far it is, as often as one likes: what comes too soon is left out, unless ``now``.

        Raises ClaimLost where another process has taken over.
        """
        moment = asyncio.get_running_loop().time()
        if moment < self._next and not now:
            return
        self._next = moment + self._pace
        self.row = replace(self.row, done=done, total=total, note=note)
        try:
            stop = await self._tasks.progress(self._claim, done, total=total, note=note)
        except StorageDown as error:
            log.warning("task %d: its progress was not written down: %s", self.row.id, error)
            return
        self.row = replace(self.row, stop_requested=stop)
        self._changed(self.row)


def shown(row: TaskRow, kind: Kind) -> View:
    """A task as its message."""
    tone = Tone.ERROR if row.state == FAILED else Tone.NOTICE
    bar = f"\n\n{_bar(row.done, row.total)}" if row.state == RUNNING and row.total else ""
    return View(f"{row.note or 'It begins.'}{bar}", buttons=kind.buttons(row), tone=tone)


def _bar(done: int, total: int) -> str:
    part = min(1.0, done / total)
    full = int(part * _CELLS)
    return f"`{'█' * full}{'░' * (_CELLS - full)}` {int(part * 100)} %"
