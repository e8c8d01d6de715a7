"""Databases for tests: made and migrated once in a run, and put back as they were before each test.

On PostgreSQL a database of its own for each test would take a second, putting the tables back takes a fiftieth.
"""

import asyncio
import secrets
import shutil
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from storage.store import Store
from tests.fakes.patience import PATIENCE

T = TypeVar("T")

SERVER = "postgres://postgres@127.0.0.1:5432"

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
# Whoever is still connected belongs to a test that is over.
_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"


def apart(work: Callable[[], Coroutine[object, object, T]]) -> T:
    """Run a coroutine to its end on a loop of its own, in a thread: works inside a running loop too."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


async def ask(url: str, statement: str) -> list[Any]:
    """One statement on PostgreSQL, on a connection of its own."""
    connection = await asyncpg.connect(url, timeout=PATIENCE)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


@contextmanager
def empty_on_server() -> Iterator[str]:
    """The address of an empty database on PostgreSQL that is gone afterwards."""
    name = f"switchboard_test_{secrets.token_hex(6)}"
    apart(lambda: ask(f"{SERVER}/postgres", f"CREATE DATABASE {name}"))
    # The server goes on through every test: nobody has to wait for its disk.
    apart(lambda: ask(f"{SERVER}/postgres", f"ALTER DATABASE {name} SET synchronous_commit = off"))
    try:
        yield f"{SERVER}/{name}"
    finally:
        apart(lambda: ask(f"{SERVER}/postgres", f"DROP DATABASE {name} WITH (FORCE)"))


def emptied(url: str) -> str:
    """The address, with everything that is in its database gone: cheaper than a new one, which waits for the disk."""
    apart(lambda: ask(url, _OTHERS))
    apart(lambda: ask(url, "DROP SCHEMA public CASCADE"))
    apart(lambda: ask(url, "CREATE SCHEMA public"))
    return url


async def _migrate(url: str, folder: Path) -> None:
    await (await Store.open(url, folder)).close()


class MigratedFile:
    """An SQLite file as a first start leaves it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "switchboard.db"
        apart(lambda: _migrate(f"sqlite:///{self._file}", folder))

    def url(self, folder: Path) -> str:
        """The address of a copy in a folder."""
        shutil.copy(self._file, folder / "switchboard.db")
        return f"sqlite:///{folder}/switchboard.db"


class MigratedServer:
    """A PostgreSQL database as a first start leaves it."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder = url, folder
        self._begin()

    def url(self) -> str:
        """Its address, with everything that the last test did undone."""
        if not apart(self._clear):
            emptied(self._url)
            self._begin()
        return self._url

    def _begin(self) -> None:
        apart(lambda: _migrate(self._url, self._folder))
        self._seeds = apart(self._read)

    async def _read(self) -> dict[str, list[Any]]:
        tables = [row[0] for row in await ask(self._url, _TABLES)]
        return {table: await ask(self._url, f'SELECT * FROM "{table}"') for table in tables}  # noqa: S608

    async def _clear(self) -> bool:
        """Put rows and numbers back; false where a test has changed the tables themselves."""
        connection = await asyncpg.connect(self._url, timeout=PATIENCE)
        try:
            await connection.execute(_OTHERS)
            if [row[0] for row in await connection.fetch(_TABLES)] != list(self._seeds):
                return False
            async with connection.transaction():
                # No foreign keys meanwhile.
                await connection.execute("SET LOCAL session_replication_role = replica")
                await self._restore(connection)
            return True
        finally:
            await connection.close()

    async def _restore(self, connection: asyncpg.Connection) -> None:
        await connection.execute(";".join(f'DELETE FROM "{table}"' for table in self._seeds))  # noqa: S608
        for row in await connection.fetch(_SEQUENCES):
            await connection.execute(f'ALTER SEQUENCE "{row[0]}" RESTART')
        for table, rows in self._seeds.items():
            for row in rows:
                values = row.values()
                marks = ", ".join(f"${n}" for n in range(1, len(row) + 1))
                await connection.execute(f'INSERT INTO "{table}" VALUES ({marks})', *values)  # noqa: S608
            if rows and "id" in rows[0]:
                sequence = f"pg_get_serial_sequence('{table}', 'id')"
                await connection.execute(f"SELECT setval({sequence}, {max(row['id'] for row in rows)})")
