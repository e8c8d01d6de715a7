"""People, the identities they have on platforms, and their roles."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from storage.audit import record
from storage.database import Database, Statements, marks
from storage.rows import columns, fill, now


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


@dataclass(frozen=True, slots=True)
class Known:
    """An identity as a person knows it. ``name`` is what the platform calls them."""

    platform: str
    workspace_id: str
    external_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A person in a list: roles as pairs of role and workspace id (None: everything), and where they are known."""

    id: int
    name: str
    roles: set[tuple[str, str | None]]
    workspaces: set[str]


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

    async def names(self, person_ids: Collection[int]) -> dict[int, str]:
        """The names of people, by id. One query."""
        rows = await self._db.rows(
            f"SELECT id, name FROM people WHERE id IN ({marks(person_ids)})", *person_ids
        )
        return {row["id"]: row["name"] for row in rows}

    async def named(self, workspace_id: str, words: str) -> list[Person]:
        """The people of a workspace whom these words mean: a name, however it is written, or the platform's own id."""
        rows = await self._db.rows(
            "SELECT DISTINCT p.id, p.name FROM identities i JOIN people p ON p.id = i.person_id"
            " WHERE i.workspace_id = ? AND (LOWER(p.name) = LOWER(?) OR LOWER(i.name) = LOWER(?) OR i.external_id = ?)"
            " ORDER BY p.id",
            workspace_id,
            words,
            words,
            words,
        )
        return [fill(Person, row) for row in rows]

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

    async def revoke(
        self, person_id: int, role: str, workspace_id: str | None = None, *, by: int | None = None
    ) -> bool:
        """Take a role back; whether it was held. The last owner keeps theirs. Audited."""
        async with self._db.transaction() as tx:
            if role == "owner" and workspace_id is None and await is_last_owner(tx, person_id):
                return False
            where, values = (
                ("workspace_id IS NULL", ())
                if workspace_id is None
                else ("workspace_id = ?", (workspace_id,))
            )
            taken = await tx.write(
                f"DELETE FROM roles WHERE person_id = ? AND role = ? AND {where}", person_id, role, *values
            )
            if taken:
                await record(
                    tx, by, "revoke", f"person:{person_id}", before={"role": role, "workspace": workspace_id}
                )
            return bool(taken)

    async def listed(self, words: str = "", limit: int = 100) -> list[Listed]:
        """People whose name has these words in any case, with their roles and where we know them from, by name."""
        rows = await self._db.rows(
            "SELECT p.id, p.name, r.role, r.workspace_id, i.workspace_id AS known_in FROM (SELECT id, name FROM people"
            " WHERE LOWER(name) LIKE ? ORDER BY LOWER(name), id LIMIT ?) p"
            " LEFT JOIN roles r ON r.person_id = p.id LEFT JOIN identities i ON i.person_id = p.id"
            " ORDER BY LOWER(p.name), p.id",
            f"%{words.lower()}%",
            limit,
        )
        found: dict[int, Listed] = {}
        for row in rows:
            one = found.setdefault(row["id"], Listed(row["id"], row["name"], set(), set()))
            if row["role"] is not None:
                one.roles.add((row["role"], row["workspace_id"]))
            if row["known_in"] is not None:
                one.workspaces.add(row["known_in"])
        return list(found.values())

    async def workspaces(self) -> list[tuple[str, str]]:
        """Every workspace that something was said in: its id and its name, by id."""
        rows = await self._db.rows("SELECT id, name FROM workspaces ORDER BY id")
        return [(row["id"], row["name"] or row["id"]) for row in rows]

    async def identities(self, person_id: int) -> list[Known]:
        """Who a person is on platforms, in the order in which we came to know them."""
        rows = await self._db.rows(
            f"SELECT {columns(Known)} FROM identities WHERE person_id = ? ORDER BY id", person_id
        )
        return [fill(Known, row) for row in rows]

    async def known_in(self, workspace_id: str, person_ids: Collection[int]) -> set[int]:
        """Those of these people who are known from a workspace. One query."""
        rows = await self._db.rows(
            f"SELECT DISTINCT person_id FROM identities WHERE workspace_id = ? AND person_id IN ({marks(person_ids)})",
            workspace_id,
            *person_ids,
        )
        return {row["person_id"] for row in rows}

    async def known_as(
        self, platform: str, external_id: str, workspace_id: str | None = None
    ) -> Person | None:
        """The person behind a platform's user, in a workspace or in whichever we know them from last."""
        where, values = ("", ()) if workspace_id is None else (" AND i.workspace_id = ?", (workspace_id,))
        rows = await self._db.rows(
            "SELECT p.id, p.name FROM identities i JOIN people p ON p.id = i.person_id"
            f" WHERE i.platform = ? AND i.external_id = ?{where} ORDER BY i.id DESC LIMIT 1",
            platform,
            external_id,
            *values,
        )
        return fill(Person, rows[0]) if rows else None

    async def workspace_exists(self, workspace_id: str) -> bool:
        """Whether something was ever said to us in a workspace."""
        return bool(await self._db.rows("SELECT 1 FROM workspaces WHERE id = ?", workspace_id))

    async def keepers(self, workspace_id: str | None) -> tuple[str, ...]:
        """The names of those who may change things in a workspace (None: everywhere), at most five."""
        rows = await self._db.rows(
            "SELECT p.name, MIN(r.id) AS nth FROM roles r JOIN people p ON p.id = r.person_id"
            " WHERE r.role IN ('owner', 'admin') AND (r.workspace_id IS NULL OR r.workspace_id = ?)"
            " GROUP BY p.id, p.name ORDER BY nth LIMIT 5",
            workspace_id or "",
        )
        return tuple(row["name"] for row in rows)

    async def find(self, platform: str, workspace_id: str, word: str) -> list[Person]:
        """Those who are known there by this id or, in any case, by this name."""
        rows = await self._db.rows(
            "SELECT p.id, p.name FROM identities i JOIN people p ON p.id = i.person_id"
            " WHERE i.platform = ? AND i.workspace_id = ? AND (i.external_id = ? OR i.name = ? OR LOWER(i.name) = ?)"
            " ORDER BY p.id",
            platform,
            workspace_id,
            word,
            word,
            word.lower(),
        )
        return [fill(Person, row) for row in rows]

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


async def is_last_owner(tx: Statements, person_id: int) -> bool:
    """Whether nobody else owns the installation. The rows are locked, so two cannot both leave."""
    rows = await tx.written(
        "UPDATE roles SET role = role WHERE role = 'owner' AND workspace_id IS NULL RETURNING person_id"
    )
    return {row["person_id"] for row in rows} == {person_id}


async def owner(statements: Statements) -> Person | None:
    """The first owner of the installation."""
    rows = await statements.rows(
        "SELECT p.id, p.name FROM roles r JOIN people p ON p.id = r.person_id"
        " WHERE r.role = 'owner' AND r.workspace_id IS NULL ORDER BY r.id LIMIT 1"
    )
    return fill(Person, rows[0]) if rows else None
