"""Tasks: anything long, claimed by one process at a time, its progress readable by all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database, Value, marks
from storage.errors import ClaimLost
from storage.rows import columns, fill, now


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be started, once per ``key`` where it has one. ``payload`` is JSON."""

    kind: str
    payload: str = "{}"
    key: str | None = None
    place: str | None = None
    total: int = 0


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task. ``state`` is "waiting", "running", "done" or "failed"."""

    id: int
    kind: str
    key: str | None
    state: str
    done: int
    total: int
    note: str
    payload: str
    owner: str | None
    fence: int
    place: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TaskClaim:
    """The right to write to a task until somebody claims it with a higher fence."""

    task_id: int
    process: str
    fence: int


class Tasks:
    """Every task. What takes a claim raises ClaimLost where its fence is old."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def start(self, task: NewTask) -> TaskRow:
        """Enter a task; where its key stands already, the one that has it."""
        rows = await self._db.written(
            "INSERT INTO tasks (kind, payload, key, place, total, state, created_at, updated_at)"
            f" VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?) ON CONFLICT (key) DO NOTHING RETURNING {columns(TaskRow)}",
            task.kind,
            task.payload,
            task.key,
            task.place,
            task.total,
            now(),
            now(),
        )
        if not rows:
            rows = await self._db.rows(f"SELECT {columns(TaskRow)} FROM tasks WHERE key = ?", task.key)
        return fill(TaskRow, rows[0])

    async def due(self, dead: Collection[str] = (), limit: int = 100) -> list[TaskRow]:
        """Tasks that wait, and those that dead processes left running, the oldest first."""
        rows = await self._db.rows(
            f"SELECT {columns(TaskRow)} FROM tasks WHERE state = 'waiting'"
            f" OR (state = 'running' AND owner IN ({marks(dead)})) ORDER BY id LIMIT ?",
            *dead,
            limit,
        )
        return [fill(TaskRow, row) for row in rows]

    async def claim(self, task_id: int, process: str, dead: Collection[str] = ()) -> TaskClaim | None:
        """Run a task that waits or was left by the dead; None where somebody else has it or it is over."""
        rows = await self._db.written(
            "UPDATE tasks SET state = 'running', owner = ?, fence = fence + 1, updated_at = ? WHERE id = ?"
            f" AND (state = 'waiting' OR (state = 'running' AND owner IN ({marks(dead)}))) RETURNING fence",
            process,
            now(),
            task_id,
            *dead,
        )
        return TaskClaim(task_id, process, rows[0]["fence"]) if rows else None

    async def progress(
        self, claim: TaskClaim, done: int, *, total: int | None = None, note: str = ""
    ) -> None:
        """Say how far a task is."""
        await self._write(
            claim, "done = ?, total = COALESCE(?, total), note = ?, updated_at = ?", done, total, note, now()
        )

    async def finish(self, claim: TaskClaim, *, failed: bool = False, note: str = "") -> None:
        """End a task."""
        state = "failed" if failed else "done"
        await self._write(claim, "state = ?, note = ?, owner = NULL, updated_at = ?", state, note, now())

    async def get(self, task_id: int) -> TaskRow | None:
        """The task of that id."""
        rows = await self._db.rows(f"SELECT {columns(TaskRow)} FROM tasks WHERE id = ?", task_id)
        return fill(TaskRow, rows[0]) if rows else None

    async def _write(self, claim: TaskClaim, changes: str, *values: Value) -> None:
        changed = await self._db.write(
            f"UPDATE tasks SET {changes} WHERE id = ? AND fence = ? AND state = 'running'",
            *values,
            claim.task_id,
            claim.fence,
        )
        if not changed:
            raise ClaimLost(f"task {claim.task_id}, fence {claim.fence}")
