"""Tasks: anything long, claimed by one process at a time, its progress readable by all."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from storage.audit import record
from storage.database import Database, Statements, Value, marks
from storage.errors import ClaimLost
from storage.rows import columns, fill, now

WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting", "running", "done", "failed", "stopped"
KEY_BEGINS = "task"  # the keys of messages that show tasks


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
    """A task. ``state`` is "waiting", "running", "done", "failed" or "stopped".

    ``note`` says in words how it stands. ``owes``: it is over, and the message at its place does not say so yet.
    ``message_key`` is our key of that message, ``message_id`` the platform's, once it is known.
    """

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
    stop_requested: bool
    owes: bool
    message_key: str | None
    message_id: str | None
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

    async def start(self, task: NewTask, by: int | None = None) -> TaskRow:
        """Enter a task; where its key stands already, the one that has it. Audited where a person starts it."""
        async with self._db.transaction() as tx:
            rows = await _entered(tx, task)
            if rows is None:
                found = await tx.rows(f"SELECT {columns(TaskRow)} FROM tasks WHERE key = ?", task.key)
                return fill(TaskRow, found[0])
            if by is not None:
                await record(tx, by, f"start {task.kind}", f"task:{rows.id}", after=asdict(task))
            return rows

    async def due(self, dead: Collection[str] = (), limit: int = 100) -> list[TaskRow]:
        """Tasks that wait, and those that dead processes left running or untold, the oldest first."""
        rows = await self._db.rows(
            f"SELECT {columns(TaskRow)} FROM tasks WHERE state = 'waiting'"
            f" OR ((state = 'running' OR owes) AND owner IN ({marks(dead)})) ORDER BY id LIMIT ?",
            *dead,
            limit,
        )
        return [fill(TaskRow, row) for row in rows]

    async def orphaned(self) -> frozenset[str]:
        """Processes that own tasks and serve this database no more."""
        rows = await self._db.rows(
            "SELECT DISTINCT owner FROM tasks WHERE (state = 'running' OR owes) AND owner IS NOT NULL"
            " AND owner NOT IN (SELECT id FROM processes)"
        )
        return frozenset(row["owner"] for row in rows)

    async def claim(self, task_id: int, process: str, dead: Collection[str] = ()) -> TaskClaim | None:
        """Run a task that waits or was left by the dead, or say its last words for them.

        None where somebody else has it, or it is over and told.
        """
        rows = await self._db.written(
            "UPDATE tasks SET state = CASE WHEN state = 'waiting' THEN 'running' ELSE state END,"
            " owner = ?, fence = fence + 1, updated_at = ? WHERE id = ?"
            f" AND (state = 'waiting' OR ((state = 'running' OR owes) AND owner IN ({marks(dead)})))"
            " RETURNING fence",
            process,
            now(),
            task_id,
            *dead,
        )
        return TaskClaim(task_id, process, rows[0]["fence"]) if rows else None

    async def release(self, claim: TaskClaim) -> None:
        """Let another process go on with a task; one that is lost or over already is left as it is."""
        await self._db.write(
            "UPDATE tasks SET state = 'waiting', owner = NULL, updated_at = ?"
            " WHERE id = ? AND fence = ? AND state = 'running'",
            now(),
            claim.task_id,
            claim.fence,
        )

    async def progress(
        self, claim: TaskClaim, done: int, *, total: int | None = None, note: str = ""
    ) -> bool:
        """Say how far a task is; whether somebody wants it stopped."""
        return await self._write(
            claim, "done = ?, total = COALESCE(?, total), note = ?, updated_at = ?", done, total, note, now()
        )

    async def posted(self, claim: TaskClaim, key: str, message_id: str | None) -> None:
        """Write down under which key a task is shown, and, once it is known, in which message of the platform's."""
        await self._db.write(
            "UPDATE tasks SET message_key = ?, message_id = ? WHERE id = ? AND fence = ?",
            key,
            message_id,
            claim.task_id,
            claim.fence,
        )

    async def finish(
        self, claim: TaskClaim, *, failed: bool = False, stopped: bool = False, note: str = ""
    ) -> None:
        """End a task. One that is shown still owes its last words there: ``told`` takes that debt away."""
        state = FAILED if failed else STOPPED if stopped else DONE
        whole = "done = CASE WHEN total > done THEN total ELSE done END, " if state == DONE else ""
        await self._write(
            claim,
            f"{whole}state = ?, note = ?, owes = (message_key IS NOT NULL),"
            " owner = CASE WHEN message_key IS NULL THEN NULL ELSE owner END, updated_at = ?",
            state,
            note,
            now(),
        )

    async def told(self, claim: TaskClaim) -> None:
        """How a task ended is shown, or nobody can be shown it; lost claims are left as they are."""
        await self._db.write(
            "UPDATE tasks SET owes = ?, owner = NULL WHERE id = ? AND fence = ? AND owes",
            False,
            claim.task_id,
            claim.fence,
        )

    async def request_stop(self, task_id: int, by: int | None = None) -> bool:
        """Ask a task to stop, wherever it runs; false where it is over. Audited."""
        async with self._db.transaction() as tx:
            changed = await tx.write(
                "UPDATE tasks SET stop_requested = ? WHERE id = ? AND state IN ('waiting', 'running')",
                True,
                task_id,
            )
            if changed:
                await record(tx, by, "stop", f"task:{task_id}")
            return bool(changed)

    async def stops(self, process: str) -> list[int]:
        """The tasks of a process that somebody asked to stop."""
        rows = await self._db.rows(
            "SELECT id FROM tasks WHERE state = 'running' AND owner = ? AND stop_requested ORDER BY id",
            process,
        )
        return [row["id"] for row in rows]

    async def get(self, task_id: int) -> TaskRow | None:
        """The task of that id."""
        rows = await self._db.rows(f"SELECT {columns(TaskRow)} FROM tasks WHERE id = ?", task_id)
        return fill(TaskRow, rows[0]) if rows else None

    async def open_of(self, kind: str) -> list[TaskRow]:
        """The tasks of a kind that wait or run, the oldest first."""
        rows = await self._db.rows(
            f"SELECT {columns(TaskRow)} FROM tasks WHERE kind = ? AND state IN ('waiting', 'running') ORDER BY id",
            kind,
        )
        return [fill(TaskRow, row) for row in rows]

    async def newest(self, kind: str, limit: int = 20) -> list[TaskRow]:
        """The tasks of a kind in any state, the newest first."""
        rows = await self._db.rows(
            f"SELECT {columns(TaskRow)} FROM tasks WHERE kind = ? ORDER BY id DESC LIMIT ?", kind, limit
        )
        return [fill(TaskRow, row) for row in rows]

    async def _write(self, claim: TaskClaim, changes: str, *values: Value) -> bool:
        rows = await self._db.written(
            f"UPDATE tasks SET {changes} WHERE id = ? AND fence = ? AND state = 'running'"
            " RETURNING stop_requested",
            *values,
            claim.task_id,
            claim.fence,
        )
        if not rows:
            raise ClaimLost(f"task {claim.task_id}, fence {claim.fence}")
        return bool(rows[0]["stop_requested"])


def new_message_key() -> str:
    """A key for the message that shows a task, in the letters that surfaces take."""
    return KEY_BEGINS + secrets.token_hex(10)


async def _entered(tx: Statements, task: NewTask) -> TaskRow | None:
    at = now()
    rows = await tx.written(
        "INSERT INTO tasks (kind, payload, key, place, total, state, created_at, updated_at)"
        f" VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?) ON CONFLICT (key) DO NOTHING RETURNING {columns(TaskRow)}",
        task.kind,
        task.payload,
        task.key,
        task.place,
        task.total,
        at,
        at,
    )
    return fill(TaskRow, rows[0]) if rows else None
