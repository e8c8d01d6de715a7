"""The processes that share this database, and their heartbeats."""

from __future__ import annotations

from collections.abc import Mapping

from storage.database import Database


class Processes:
    """Who serves this database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def join(self, process: str) -> None:
        """Enter a process; one that is in already is left as it is."""
        raise NotImplementedError

    async def beat(self, process: str, slots: Mapping[str, int]) -> None:
        """Move a process's beat, and say how many replies it has growing by workspace. Enters it where it is not in."""
        raise NotImplementedError

    async def all(self) -> dict[str, tuple[int, dict[str, int]]]:
        """The beat and the slots of every process."""
        raise NotImplementedError

    async def leave(self, process: str) -> None:
        """Take a process out."""
        raise NotImplementedError
