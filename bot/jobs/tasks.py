"""Does tasks: those that wait, and those that other processes left; shows how far they are where they were asked for.

A task is begun at once where it was handed in to this process, else at the next look. A process does the tasks of the
platforms it is connected to; what belongs to others waits for them, as conversations do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from bot.conversation.delivery.bulletin import Bulletin
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.delivery.errand import Posting
from bot.conversation.presence import Presence
from bot.conversation.tasks import TaskDesk
from bot.core.errors import PlatformError, SwitchboardError
from bot.core.place import Place
from bot.core.surface import Surface
from bot.jobs.work import PACE, Kind, Work, shown
from storage.errors import ClaimLost, StorageError
from storage.tasks import DONE, FAILED, RUNNING, STOPPED, TaskClaim, TaskRow, Tasks, new_message_key

log = logging.getLogger(__name__)

AT_ONCE = 8  # tasks done at the same time by one process
_LOOK = 2.0  # seconds between two looks at what other processes started, left or asked
_MOST_CLAIMS = 25  # times that a task is begun before it is given up
_STOPPED = "Stopped. What is there already is kept."
_GIVEN_UP = "This was begun many times and never came to an end; Switchboard tries it no more."
_BROKEN = "Something went wrong on our side; the log says what. Please try again."


class TaskRunner:
    """Runs the tasks of every kind it knows. ``look`` and ``pace`` are seconds, for tests."""

    def __init__(  # noqa: PLR0917 - as the root has them
        self,
        tasks: Tasks,
        desk: TaskDesk,
        presence: Presence,
        delivery: Delivery,
        surfaces: Mapping[str, Surface],
        kinds: Mapping[str, Kind],
        *,
        look: float = _LOOK,
        pace: float = PACE,
    ) -> None:
        self._tasks, self._desk, self._presence, self._delivery = tasks, desk, presence, delivery
        self._surfaces, self._kinds, self._every, self._pace = surfaces, kinds, look, pace
        self._at_work: dict[int, asyncio.Task[None]] = {}
        self._handlers: dict[int, asyncio.Task[str]] = {}
        self._again: set[int] = set()  # left open by a failure of the database

    async def run(self) -> None:
        """Work until cancelled; what is not done then is left for the next process."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._desk.changed.clear()
                await self._look(group)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._every):
                        await self._desk.changed.wait()

    async def _look(self, group: asyncio.TaskGroup) -> None:
        us = self._presence.process
        try:
            for task_id in await self._tasks.stops(us) if self._handlers else ():
                self._stop(task_id)
            left = (self._presence.dead() | await self._tasks.orphaned()) - {us}
            for row in await self._tasks.due(left):
                self._start(group, row, left)
        except StorageError as error:
            log.warning("storage is away: %s", error)
            return
        for task_id in list(self._again):
            known = await self._known(task_id)
            if known is not None and self._start(group, known, frozenset({us})):
                self._again.discard(task_id)

    async def _known(self, task_id: int) -> TaskRow | None:
        try:
            return await self._tasks.get(task_id)
        except StorageError:
            return None

    def _start(self, group: asyncio.TaskGroup, row: TaskRow, left: frozenset[str]) -> bool:
        kind = self._kinds.get(row.kind)
        here = row.place is None or Place.parse(row.place).platform in self._surfaces
        if kind is None or not here or row.id in self._at_work or len(self._at_work) >= AT_ONCE:
            return False
        task = group.create_task(self._work(row.id, kind, left), name=f"task {row.id}")
        self._at_work[row.id] = task
        task.add_done_callback(lambda _: self._done(row.id))
        return True

    def _done(self, task_id: int) -> None:
        del self._at_work[task_id]
        self._desk.changed.set()

    def _stop(self, task_id: int) -> None:
        if (handler := self._handlers.get(task_id)) is not None:
            handler.cancel()

    async def _work(self, task_id: int, kind: Kind, left: frozenset[str]) -> None:
        """Do one task to its end and show that; what fails on our side is taken up again."""
        try:
            claim = await self._tasks.claim(task_id, self._presence.process, left)
            row = None if claim is None else await self._tasks.get(task_id)
            if claim is not None and row is not None:
                await self._carry_out(row, claim, kind)
        except ClaimLost:
            log.warning("task %d was taken over by another process", task_id)
        except StorageError as error:
            log.warning("task %d is taken up again: %s", task_id, error)
            self._again.add(task_id)
        except Exception:
            log.exception("task %d failed in an unforeseen way", task_id)
            self._again.add(task_id)

    async def _carry_out(self, row: TaskRow, claim: TaskClaim, kind: Kind) -> None:
        bulletin = await self._bulletin(row, claim)
        try:
            if row.state == RUNNING:
                row = await self._ended(row, claim, kind, bulletin)
            if bulletin is not None:
                await _close(bulletin, row, kind)
        except asyncio.CancelledError:
            with suppress(StorageError):
                await self._tasks.release(claim)
            raise
        finally:
            if bulletin is not None:
                bulletin.abandon()
        await self._tasks.told(claim)

    async def _bulletin(self, row: TaskRow, claim: TaskClaim) -> Bulletin | None:
        """The message at the task's place; where an earlier process wrote down a key, that one's."""
        if row.place is None:
            return None
        place = Place.parse(row.place)
        unsure = row.message_key is not None and row.message_id is None
        posting = Posting(row.message_key or new_message_key(), row.message_id, unsure=unsure)
        if row.message_key is None:
            await self._tasks.posted(claim, posting.key, None)

        async def journal(key: str, message_id: str | None) -> None:
            await self._tasks.posted(claim, key, message_id)

        return Bulletin(self._delivery, self._surfaces[place.platform], place, posting, journal)

    async def _ended(self, row: TaskRow, claim: TaskClaim, kind: Kind, bulletin: Bulletin | None) -> TaskRow:
        """Do what a running task is, and write down how it ended."""

        def changed(now: TaskRow) -> None:
            if bulletin is not None:
                bulletin.show(shown(now, kind))
            if now.stop_requested:
                self._stop(now.id)

        work = Work(row, claim, self._tasks, changed, self._pace)
        state, note = await self._outcome(work, kind) if claim.fence <= _MOST_CLAIMS else (FAILED, _GIVEN_UP)
        await self._tasks.finish(claim, failed=state == FAILED, stopped=state == STOPPED, note=note)
        return replace(work.row, state=state, note=note)

    async def _outcome(self, work: Work, kind: Kind) -> tuple[str, str]:
        """The state a task comes to, and its last words."""
        if work.row.stop_requested:
            return STOPPED, _STOPPED
        handler = asyncio.ensure_future(kind.run(work))
        self._handlers[work.row.id] = handler
        try:
            await asyncio.wait({handler})
        finally:
            del self._handlers[work.row.id]
            handler.cancel()
        if handler.cancelled():
            return STOPPED, _STOPPED
        return _read(handler.exception(), work) or (DONE, handler.result())


def _read(error: BaseException | None, work: Work) -> tuple[str, str] | None:
    """What an error means for the task, None where there is none. What the runner deals with is raised."""
    match error:
        case None:
            return None
        case StorageError() | ClaimLost():
            raise error
        case SwitchboardError():
            log.warning("task %d (%s) failed: %s", work.row.id, work.row.kind, error)
            return FAILED, error.say
        case _:
            log.error("task %d (%s) failed", work.row.id, work.row.kind, exc_info=error)
            return FAILED, _BROKEN


async def _close(bulletin: Bulletin, row: TaskRow, kind: Kind) -> None:
    """Show how it ended. Where nobody can be shown that, the task is over all the same."""
    try:
        await bulletin.close(shown(row, kind))
    except PlatformError as error:
        log.warning("how task %d ended cannot be shown: %s", row.id, error)
    except StorageError:
        raise
    except Exception:
        log.exception("how task %d ended cannot be shown", row.id)
