"""Tasks: anything long, claimed by one process at a time, its progress readable by all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database


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
        raise NotImplementedError

    async def due(self, dead: Collection[str] = (), limit: int = 100) -> list[TaskRow]:
        """Tasks that wait, and those that dead processes left running, the oldest first."""
        raise NotImplementedError

    async def claim(self, task_id: int, process: str, dead: Collection[str] = ()) -> TaskClaim | None:
        """Run a task that waits or was left by the dead; None where somebody else has it or it is over."""
        raise NotImplementedError

    async def progress(
        self, claim: TaskClaim, done: int, *, total: int | None = None, note: str = ""
    ) -> None:
        """Say how far a task is."""
        raise NotImplementedError

    async def finish(self, claim: TaskClaim, *, failed: bool = False, note: str = "") -> None:
        """End a task."""
        raise NotImplementedError

    async def get(self, task_id: int) -> TaskRow | None:
        """The task of that id."""
        raise NotImplementedError
