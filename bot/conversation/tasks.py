"""Where long work is handed in. It is kept before it begins, so that it outlives the page and the process."""

from __future__ import annotations

import asyncio

from storage.tasks import NewTask, TaskRow, Tasks


class TaskDesk:
    """Starts and stops tasks. ``changed`` wakes this process's runner; those of others look by themselves."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self.changed = asyncio.Event()

    async def start(self, task: NewTask, by: int | None = None) -> TaskRow:
        """Enter a task; where its key stands already, the one that has it. ``by``: the person, for the audit."""
        row = await self._tasks.start(task, by)
        self.changed.set()
        return row

    async def stop(self, task_id: int, by: int | None = None) -> bool:
        """Ask a task to stop, wherever it runs; false where it is over."""
        asked = await self._tasks.request_stop(task_id, by)
        self.changed.set()
        return asked
