"""The vault: secrets that are written and never shown, encrypted for the row they stand in.

A table that keeps secrets has the columns ``key_id``, ``nonce`` and ``ciphertext``, and is named in ``SEALED``. Whoever
seals and whoever rotates takes turns (``turn``), so no secret is left behind under a key that goes away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from storage.audit import record
from storage.database import Database, Dialect, Row, Statements
from storage.errors import KeyMissing, Tampered, VaultError
from storage.keyfile import VARIABLE, Keys
from storage.ring import KeyRing, Sealed, SecretKey, Spot
from storage.rows import moment, now


@dataclass(frozen=True, slots=True)
class Kept:
    """What a table keeps sealed: the field's name, and the columns of the row that are bound to it.

    To change one of those the text has to be sealed anew, by somebody who has it: nobody turns a key of one
    provider into one for a server of his own by writing to the database.
    """

    field: str
    bound: tuple[str, ...] = ()

    @property
    def columns(self) -> str:
        """What has to be read to open a row."""
        return ", ".join(("id", "key_id", "nonce", "ciphertext", *self.bound))

    def spot(self, table: str, row: Row) -> Spot:
        """Where a row's text stands."""
        return Spot(table, row["id"], self.field, tuple(row[column] for column in self.bound))


SEALED: Mapping[str, Kept] = MappingProxyType(
    {
        "credentials": Kept("secret", ("provider", "scope", "base_url", "organisation")),
        "webhooks": Kept("secret", ("url",)),
    }
)
"""Every table with sealed text."""

BATCH = 100  # rows that are encrypted anew in one transaction


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row whose secret does not open, and why."""

    table: str
    row: int
    error: VaultError


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did. ``made``: there was a new key; else it went on with the newest that was there.

    ``moved`` rows are now under ``key_id``; ``finished``: no other key is needed any more. None: nothing is stored.
    """

    key_id: str | None
    made: bool = False
    moved: int = 0
    finished: bool = True
    unreadable: tuple[Unreadable, ...] = ()


def _nobody(_: str) -> None:
    """For those who keep no log."""


class Vault:
    """Seals and opens. ``learn`` is told every secret in clear text before anybody else has it: the log's redactor."""

    def __init__(self, db: Database, keys: Keys, learn: Callable[[str], object] = _nobody) -> None:
        self._db, self._keys, self.learn = db, keys, learn
        self._ring = KeyRing()

    async def seal(self, tx: Statements, table: str, row: int, text: str) -> None:
        """Encrypt a text into its row, with the newest key; that is made where there is none yet.

        Raises KeyMissing where what is stored needs a key that is not here: it would be two vaults from then on.
        The transaction has to begin with ``turn``.
        """
        self.learn(text)
        key = await self._newest(tx)
        (found,) = await tx.rows(f"SELECT {SEALED[table].columns} FROM {table} WHERE id = ?", row)
        await _write(tx, table, row, key.seal(text, SEALED[table].spot(table, found)))

    async def unseal(self, table: str, row: int) -> str | None:
        """The text that was sealed into a row; None where there is no such row, or nothing in it.

        Raises KeyMissing, Tampered, KeyRefused.
        """
        rows = await self._db.rows(
            f"SELECT {SEALED[table].columns} FROM {table} WHERE id = ? AND key_id <> ''", row
        )
        return await self._open(table, rows[0]) if rows else None

    async def check(self) -> tuple[Unreadable, ...]:
        """Try every row; those that do not open."""
        found = []
        for table in SEALED:
            columns = SEALED[table].columns
            for row in await self._db.rows(f"SELECT {columns} FROM {table} WHERE key_id <> '' ORDER BY id"):
                try:
                    await self._open(table, row)
                except VaultError as error:
                    found.append(Unreadable(table, row["id"], error))
        return tuple(found)

    async def in_use(self) -> frozenset[str]:
        """Ids of the keys that what is stored needs."""
        return await _in_use(self._db)

    @property
    def file_trap(self) -> str:
        """A sentence where the key is in a file and processes on other machines would need it too, else ""."""
        if self._db.dialect is not Dialect.POSTGRES or self._keys.environment:
            return ""
        return (
            f"The key to stored secrets is the file {self._keys.file.path} of this machine alone, and the database is "
            f"shared: a process on another machine cannot open them. Give every machine that file, or {VARIABLE}."
        )

    async def note(self) -> None:
        """Write down where the keys are that are in use, so that one that gets lost can be looked for there.

        Raises KeyMissing, KeyRefused where not all of them are here.
        """
        for key_id in await self.in_use():
            if (key := self._look().get(key_id)) is None:
                raise await self._missing(self._db, key_id)
            await _note(self._db, key)

    async def rotate(self, *, by: int | None = None, via: str = "", batch: int = BATCH) -> Rotation:
        """Make a new key and encrypt everything with it, in batches; beside running processes and other rotations.

        One that was broken off is gone on with, and makes no new key. Keys of the environment are not ours to make:
        everything moves to the first of them. Old keys stay until no row needs them. Raises KeyMissing.
        """
        newest, made = await self._begin(by, via)
        if newest is None:
            return Rotation(None)
        moved, unreadable = 0, []
        for table in SEALED:
            after = 0
            while (done := await self._move(table, after, batch)) is not None:
                after, count, failed = done
                moved += count
                unreadable += failed
        key, finished = await self._finish(by, via, moved)
        return Rotation(key.id, made, moved, finished, tuple(unreadable))

    async def _open(self, table: str, row: Row) -> str:
        sealed = Sealed(row["key_id"], row["nonce"], row["ciphertext"])
        key = self._ring.get(sealed.key_id) or self._look().get(sealed.key_id)
        if key is None:
            raise await self._missing(self._db, sealed.key_id)
        text = key.unseal(sealed, SEALED[table].spot(table, row))
        self.learn(text)
        return text

    def _look(self) -> KeyRing:
        """The keys as they are now."""
        self._ring = self._keys.ring()
        for key in self._ring:
            for spelling in key.spellings():
                self.learn(spelling)
        return self._ring

    async def _newest(self, tx: Statements) -> SecretKey:
        """The key that encrypts. Only in one's turn."""
        ring = self._look()
        for key_id in await _in_use(tx):
            if key_id not in ring:
                raise await self._missing(tx, key_id)
        newest = ring.newest or self._keys.file.add()
        self._look()
        await _note(tx, newest)
        return newest

    async def _begin(self, by: int | None, via: str) -> tuple[SecretKey | None, bool]:
        async with self._db.transaction() as tx:
            await turn(tx)
            if not await _in_use(tx) and self._look().newest is None:
                return None, False
            newest = await self._newest(tx)
            if self._keys.environment or len(self._keys.file.read()) > 1:
                return newest, False
            made = self._keys.file.add()
            self._look()
            await _note(tx, made)
            await record(tx, by, "make key", f"secret key {made.id}", before=newest.id, after=_after(via))
            return made, True

    async def _move(self, table: str, after: int, batch: int) -> tuple[int, int, list[Unreadable]] | None:
        """Encrypt the next rows anew: the last row's id, how many, what did not open. None: there are no more."""
        moved, failed = 0, []
        async with self._db.transaction() as tx:
            await turn(tx)
            newest = await self._newest(tx)
            rows = await tx.rows(
                f"SELECT {SEALED[table].columns} FROM {table}"
                " WHERE id > ? AND key_id NOT IN ('', ?) ORDER BY id LIMIT ?",
                after,
                newest.id,
                batch,
            )
            for row in rows:
                try:
                    text = await self._open(table, row)
                except Tampered as error:
                    failed.append(Unreadable(table, row["id"], error))
                    continue
                await _write(tx, table, row["id"], newest.seal(text, SEALED[table].spot(table, row)))
                moved += 1
        return (rows[-1]["id"], moved, failed) if rows else None

    async def _finish(self, by: int | None, via: str, moved: int) -> tuple[SecretKey, bool]:
        """Let old keys go where no row needs them; the newest key, and whether they went."""
        async with self._db.transaction() as tx:
            await turn(tx)
            newest = await self._newest(tx)
            finished = await _in_use(tx) <= {newest.id}
            if finished:
                await tx.write(
                    "UPDATE secret_keys SET retired_at = ? WHERE id <> ? AND retired_at IS NULL",
                    now(),
                    newest.id,
                )
                if not self._keys.environment:
                    self._keys.file.keep_only(newest)
            after = {**_after(via), "rows": moved, "finished": finished}
            await record(tx, by, "rotate", f"secret key {newest.id}", after=after)
        self._look()
        return newest, finished

    async def _missing(self, statements: Statements, key_id: str) -> KeyMissing:
        """The error that says which key is not here, where it was last, and how to go on."""
        self._keys.file.read()  # where the file is refused, that is what has to be said
        rows = await statements.rows("SELECT source, seen_at FROM secret_keys WHERE id = ?", key_id)
        last = ""
        if rows:
            seen = moment(rows[0]["seen_at"])
            last = f"; it was last in {rows[0]['source']}, on {seen:%Y-%m-%d %H:%M} UTC"
        return KeyMissing(
            key_id,
            say=f"Stored secrets need the secret key {key_id}, which is not here{last}. Put it back, as {VARIABLE} "
            f"or in {self._keys.file.path}, and everything opens again. If it is lost for good, `switchboard keys "
            "check` names what it held: remove that and enter it anew. Nothing was changed.",
        )


async def _write(tx: Statements, table: str, row: int, sealed: Sealed) -> None:
    """Put what was sealed into its row."""
    await tx.write(
        f"UPDATE {table} SET key_id = ?, nonce = ?, ciphertext = ? WHERE id = ?",
        sealed.key_id,
        sealed.nonce,
        sealed.ciphertext,
        row,
    )


async def turn(tx: Statements) -> None:
    """Wait until nobody else seals or rotates; it is our turn until the transaction ends. Before any other write."""
    if tx.locks_rows:  # elsewhere a transaction that writes has the whole database
        await tx.write("LOCK TABLE secret_keys IN SHARE ROW EXCLUSIVE MODE")


async def _in_use(statements: Statements) -> frozenset[str]:
    found: set[str] = set()
    for table in SEALED:
        rows = await statements.rows(f"SELECT DISTINCT key_id FROM {table} WHERE key_id <> ''")
        found |= {row["key_id"] for row in rows}
    return frozenset(found)


async def _note(statements: Statements, key: SecretKey) -> None:
    await statements.write(
        "INSERT INTO secret_keys (id, source, made_at, seen_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET source = excluded.source, seen_at = excluded.seen_at, retired_at = NULL",
        key.id,
        key.source,
        now(),
        now(),
    )


def _after(via: str) -> dict[str, object]:
    return {"via": via} if via else {}
