"""The processes that share this database, and their heartbeats."""

from __future__ import annotations

import json
from collections.abc import Mapping

from storage.database import Database
from storage.rows import now


class Processes:
    """Who serves this database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def join(self, process: str) -> None:
        """Enter a process; one that is in already is left as it is."""
        await self._db.write(
            "INSERT INTO processes (id, started_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", process, now()
        )

    async def beat(self, process: str, slots: Mapping[str, int]) -> None:
        """Move a process's beat, and say how many replies it has growing by workspace. Enters it where it is not in."""
        await self._db.write(
            "INSERT INTO processes (id, started_at, beat, slots) VALUES (?, ?, 1, ?)"
            " ON CONFLICT (id) DO UPDATE SET beat = processes.beat + 1, slots = excluded.slots",
            process,
            now(),
            json.dumps(dict(slots)),
        )

    async def all(self) -> dict[str, tuple[int, dict[str, int]]]:
        """The beat and the slots of every process."""
        rows = await self._db.rows("SELECT id, beat, slots FROM processes")
        return {row["id"]: (row["beat"], json.loads(row["slots"])) for row in rows}

    async def leave(self, process: str) -> None:
        """Take a process out."""
        await self._db.write("DELETE FROM processes WHERE id = ?", process)
