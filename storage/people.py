"""People, the identities they have on platforms, and their roles."""

from __future__ import annotations

from dataclasses import dataclass

from storage.audit import record
from storage.database import Database, Statements
from storage.rows import fill, now


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody we know."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Handle:
    """A platform's user. ``external_id`` is the platform's own id."""

    platform: str
    workspace_id: str
    external_id: str


class _Beaten(Exception):
    """Somebody else made the same identity in this moment."""


class People:
    """Who is who, and who may what."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def identify(self, platform: str, workspace_id: str, external_id: str, name: str) -> Person:
        """The person behind a platform's user, made where there is none yet. A new name (not "") is taken over."""
        handle = Handle(platform, workspace_id, external_id)
        found = await self._known(handle)
        if found is None:
            try:
                return await self._add(handle, name)
            except _Beaten:
                found = await self._known(handle)
                assert found is not None
        person, known_as = found
        if name and name != known_as:
            return await self._rename(person, handle, name)
        return person

    async def get(self, person_id: int) -> Person | None:
        """The person of that id."""
        rows = await self._db.rows("SELECT id, name FROM people WHERE id = ?", person_id)
        return fill(Person, rows[0]) if rows else None

    async def roles(self, person_id: int) -> frozenset[tuple[str, str | None]]:
        """Pairs of role ("owner", "admin", "member") and workspace id, None for the whole installation."""
        rows = await self._db.rows("SELECT role, workspace_id FROM roles WHERE person_id = ?", person_id)
        return frozenset((row["role"], row["workspace_id"]) for row in rows)

    async def grant(
        self, person_id: int, role: str, workspace_id: str | None = None, *, by: int | None = None
    ) -> None:
        """Give a role; having it already is no error. Audited; ``by`` is the person who gave it."""
        async with self._db.transaction() as tx:
            await grant(tx, person_id, role, workspace_id, by)

    async def owner_exists(self) -> bool:
        """Whether somebody owns the installation."""
        return await self.owner() is not None

    async def owner(self) -> Person | None:
        """The first owner of the installation."""
        return await owner(self._db)

    async def _known(self, handle: Handle) -> tuple[Person, str] | None:
        rows = await self._db.rows(
            "SELECT p.id, p.name, i.name AS known_as FROM identities i JOIN people p ON p.id = i.person_id"
            " WHERE i.platform = ? AND i.workspace_id = ? AND i.external_id = ?",
            handle.platform,
            handle.workspace_id,
            handle.external_id,
        )
        return (fill(Person, rows[0]), rows[0]["known_as"]) if rows else None

    async def _add(self, handle: Handle, name: str) -> Person:
        async with self._db.transaction() as tx:
            person = await add_person(tx, name or handle.external_id)
            if not await add_identity(tx, person.id, handle, name):
                raise _Beaten
            return person

    async def _rename(self, person: Person, handle: Handle, name: str) -> Person:
        async with self._db.transaction() as tx:
            await tx.write(
                "UPDATE identities SET name = ? WHERE platform = ? AND workspace_id = ? AND external_id = ?",
                name,
                handle.platform,
                handle.workspace_id,
                handle.external_id,
            )
            await tx.write("UPDATE people SET name = ? WHERE id = ?", name, person.id)
        return Person(person.id, name)


async def add_person(tx: Statements, name: str) -> Person:
    """A new person."""
    rows = await tx.written(
        "INSERT INTO people (name, created_at) VALUES (?, ?) RETURNING id, name", name, now()
    )
    return fill(Person, rows[0])


async def add_identity(tx: Statements, person_id: int, handle: Handle, name: str) -> bool:
    """Say who a person is on a platform; false where somebody is that already."""
    added = await tx.write(
        "INSERT INTO identities (person_id, platform, workspace_id, external_id, name) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (platform, workspace_id, external_id) DO NOTHING",
        person_id,
        handle.platform,
        handle.workspace_id,
        handle.external_id,
        name,
    )
    return added == 1


async def grant(tx: Statements, person_id: int, role: str, workspace_id: str | None, by: int | None) -> None:
    """Give a role, once, and write it down."""
    held = await tx.rows("SELECT role, workspace_id FROM roles WHERE person_id = ?", person_id)
    if any((row["role"], row["workspace_id"]) == (role, workspace_id) for row in held):
        return
    await tx.write(
        "INSERT INTO roles (person_id, workspace_id, role) VALUES (?, ?, ?)", person_id, workspace_id, role
    )
    await record(tx, by, "grant", f"person:{person_id}", after={"role": role, "workspace": workspace_id})


async def owner(statements: Statements) -> Person | None:
    """The first owner of the installation."""
    rows = await statements.rows(
        "SELECT p.id, p.name FROM roles r JOIN people p ON p.id = r.person_id"
        " WHERE r.role = 'owner' AND r.workspace_id IS NULL ORDER BY r.id LIMIT 1"
    )
    return fill(Person, rows[0]) if rows else None
