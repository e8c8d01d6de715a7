"""People, the identities they have on platforms, and their roles."""

from __future__ import annotations

from dataclasses import dataclass

from storage.database import Database


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody we know."""

    id: int
    name: str


class People:
    """Who is who, and who may what."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def identify(self, platform: str, workspace_id: str, external_id: str, name: str) -> Person:
        """The person behind a platform's user, made where there is none yet. A new name is taken over; "" is not one."""
        raise NotImplementedError

    async def get(self, person_id: int) -> Person | None:
        """The person of that id."""
        raise NotImplementedError

    async def roles(self, person_id: int) -> frozenset[tuple[str, str | None]]:
        """Pairs of role ("owner", "admin", "member") and workspace id, None for the whole installation."""
        raise NotImplementedError

    async def grant(
        self, person_id: int, role: str, workspace_id: str | None = None, *, by: int | None = None
    ) -> None:
        """Give a role; having it already is no error. Audited; ``by`` is the person who gave it."""
        raise NotImplementedError

    async def owner_exists(self) -> bool:
        """Whether somebody owns the installation."""
        raise NotImplementedError

    async def owner(self) -> Person | None:
        """The first owner of the installation."""
        raise NotImplementedError
