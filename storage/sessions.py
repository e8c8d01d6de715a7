"""Sign-in links and the sessions they open. Tokens leave here once; the tables hold their sha256 only."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.audit import record
from storage.database import Database, Statements
from storage.errors import StorageDown
from storage.people import Handle, Person, add_identity, add_person, grant, owner
from storage.places import add_workspace
from storage.rows import columns, fill, moment, now

_LIVES = timedelta(days=30)
_SEEN = timedelta(minutes=1)  # how exactly we know when a session was last used
_PLATFORM, _WORKSPACE = "web", "web:main"


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser that is signed in. ``agent`` is what it calls itself; ``seen_at`` is exact to the minute."""

    id: int
    person_id: int
    created_at: datetime
    seen_at: datetime
    agent: str


class Sessions:
    """Who is signed in where."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def link(self, person_id: int | None, lifetime: timedelta) -> str:
        """The token of a new sign-in link that works once. None: for the installation's first owner."""
        token = secrets.token_urlsafe(32)
        await self._db.write(
            "INSERT INTO sign_in_links (token_hash, person_id, expires_at) VALUES (?, ?, ?)",
            _hash(token),
            person_id,
            now() + lifetime,
        )
        return token

    async def redeem(self, token: str, agent: str) -> tuple[Person, str] | None:
        """Use a link up: its person and the token of a new session; None where it is unknown, used or expired.

        A link for the first owner makes the person "Owner"; where one owns the installation already, it signs
        that one in. ``agent`` names the browser.
        """
        async with self._db.transaction() as tx:
            used = await tx.written(
                "UPDATE sign_in_links SET used_at = ? WHERE token_hash = ? AND used_at IS NULL AND expires_at > ?"
                " RETURNING person_id",
                now(),
                _hash(token),
                now(),
            )
            if not used:
                return None
            person = await _person_of(tx, used[0]["person_id"])
            return person, await _begin(tx, person, agent)

    async def person(self, session_token: str) -> Person | None:
        """Whose session it is; None where unknown, revoked or not seen for 30 days. Each use extends it."""
        at = now()
        rows = await self._db.rows(
            "SELECT p.id, p.name, s.seen_at FROM sessions s JOIN people p ON p.id = s.person_id"
            " WHERE s.token_hash = ? AND s.revoked_at IS NULL AND s.expires_at > ?",
            _hash(session_token),
            at,
        )
        if not rows:
            return None
        if at - moment(rows[0]["seen_at"]) > _SEEN:
            # A disk that is full must not lock out those who come to read, or to make room.
            with suppress(StorageDown):
                await self._db.write(
                    "UPDATE sessions SET seen_at = ?, expires_at = ? WHERE token_hash = ?",
                    at,
                    at + _LIVES,
                    _hash(session_token),
                )
        return fill(Person, rows[0])

    async def revoke(self, session_token: str) -> None:
        """End a session; an unknown token is no error."""
        await self._db.write(
            "UPDATE sessions SET revoked_at = ? WHERE token_hash = ? AND revoked_at IS NULL",
            now(),
            _hash(session_token),
        )

    async def begin(self, person_id: int, agent: str) -> str:
        """The token of a new session, for somebody whom a chat platform has vouched for. Audited."""
        async with self._db.transaction() as tx:
            rows = await tx.rows("SELECT id, name FROM people WHERE id = ?", person_id)
            await record(tx, person_id, "sign in", f"person:{person_id}")
            return await _begin(tx, fill(Person, rows[0]), agent)

    async def of(self, person_id: int | None = None) -> list[SessionRow]:
        """The sessions in force (of a person), the last used first."""
        whose, values = ("", ()) if person_id is None else (" AND person_id = ?", (person_id,))
        rows = await self._db.rows(
            f"SELECT {columns(SessionRow)} FROM sessions WHERE revoked_at IS NULL AND expires_at > ?{whose}"
            " ORDER BY seen_at DESC, id DESC",
            now(),
            *values,
        )
        return [fill(SessionRow, row) for row in rows]

    async def id_of(self, session_token: str) -> int | None:
        """The number of a session, for a page that must not name its token."""
        rows = await self._db.rows("SELECT id FROM sessions WHERE token_hash = ?", _hash(session_token))
        return rows[0]["id"] if rows else None

    async def end(self, session_id: int, by: int, *, of: int | None = None) -> bool:
        """End a session by its number (only one of person ``of``, where named); whether there was one. Audited."""
        whose, values = ("", ()) if of is None else (" AND person_id = ?", (of,))
        async with self._db.transaction() as tx:
            ended = await tx.written(
                f"UPDATE sessions SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL{whose} RETURNING person_id",
                now(),
                session_id,
                *values,
            )
            if ended:
                await record(
                    tx, by, "end session", f"person:{ended[0]['person_id']}", before={"session": session_id}
                )
            return bool(ended)


def _hash(token: str) -> str:
    """What the tables keep of a token: it is random and long, so a plain hash cannot be turned back."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


async def _person_of(tx: Statements, person_id: int | None) -> Person:
    """The person a link is for, made where it is for the first owner."""
    if person_id is not None:
        return fill(Person, (await tx.rows("SELECT id, name FROM people WHERE id = ?", person_id))[0])
    await add_workspace(tx, _WORKSPACE)
    # Its row is locked from here on, so two links cannot make two first owners.
    await tx.write("UPDATE workspaces SET name = name WHERE id = ?", _WORKSPACE)
    if (known := await owner(tx)) is not None:
        return known
    person = await add_person(tx, "Owner")
    await add_identity(tx, person.id, Handle(_PLATFORM, _WORKSPACE, str(person.id)), person.name)
    await grant(tx, person.id, "owner", None, None)
    return person


async def _begin(tx: Statements, person: Person, agent: str) -> str:
    token, at = secrets.token_urlsafe(32), now()
    await tx.write(
        "INSERT INTO sessions (token_hash, person_id, created_at, seen_at, expires_at, agent)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        _hash(token),
        person.id,
        at,
        at,
        at + _LIVES,
        agent,
    )
    return token
