"""SQLite: one connection that writes, one that reads."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiosqlite

from storage.database import Dialect, Row, Statements, Value, clean
from storage.errors import StorageDown, StorageError

# WAL lets readers and the writer work side by side. NORMAL: a commit is with the operating system when the method
# returns, so the death of the process, kill -9 too, loses nothing; only a power cut may take the last moments, and
# never the file's integrity. FULL would wait for the disk at each of the journal's writes.
_PRAGMAS = (
    "busy_timeout = 10000",  # milliseconds; first, for the next ones may have to wait
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "foreign_keys = ON",
    "journal_size_limit = 67108864",
    "cache_size = -32768",
    "temp_store = MEMORY",
)
_FULL = "The disk that holds the database is full; nothing was written. An admin has to make room."
_BUSY = "The database is busy just now; please try again in a moment."


@contextmanager
def _faults() -> Iterator[None]:
    """Turn the library's errors into ours."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError) as error:
        raise StorageError(str(error)) from error
    except ValueError as error:
        raise StorageDown(f"sqlite: {error}") from error  # the connection was closed
    except sqlite3.DatabaseError as error:
        text = str(error)
        say = _FULL if "full" in text else _BUSY if "locked" in text else None
        raise StorageDown(f"sqlite: {text}", say=say) from error


def _bind(values: tuple[Value, ...]) -> list[Value]:
    """Times as text of one length, so that they compare as they follow one another."""
    return [_text(value) if isinstance(value, datetime) else clean(value) for value in values]


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(" ", "microseconds")


class _Connection:
    """Statements on one connection."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self.raw = connection

    locks_rows = False

    async def rows(self, sql: str, *values: Value) -> Sequence[Row]:
        with _faults():
            return list(await self.raw.execute_fetchall(sql, _bind(values)))

    written = rows

    async def write(self, sql: str, *values: Value) -> int:
        with _faults():
            async with self.raw.execute(sql, _bind(values)) as cursor:
                return cursor.rowcount


class SqliteDatabase:
    """A ``Database`` in one file."""

    def __init__(self, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self._writer, self._reader = _Connection(writer), _Connection(reader)
        self._turn = asyncio.Lock()

    @classmethod
    async def open(cls, file: Path) -> SqliteDatabase:
        """Open the file, made where it is missing, for this user's eyes only."""
        with _faults():
            _prepare(file)
            writer = await _connect(file)
            try:
                return cls(writer, await _connect(file))
            except BaseException:
                await writer.close()
                raise

    @property
    def dialect(self) -> Dialect:
        return Dialect.SQLITE

    locks_rows = False

    async def rows(self, sql: str, *values: Value) -> Sequence[Row]:
        return await self._reader.rows(sql, *values)

    async def write(self, sql: str, *values: Value) -> int:
        async with self._turn:
            return await self._writer.write(sql, *values)

    async def written(self, sql: str, *values: Value) -> Sequence[Row]:
        async with self._turn:
            return await self._writer.written(sql, *values)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Statements]:
        async with self._turn:
            try:
                # Not a plain BEGIN: what reads before it writes would fail where another process wrote in between.
                await self._writer.write("BEGIN IMMEDIATE")
                yield self._writer
                await self._writer.write("COMMIT")
            except BaseException:
                # Also after a cancellation during BEGIN: the connection's thread does it all the same.
                await self._roll_back()
                raise

    async def _roll_back(self) -> None:
        with _faults():
            await self._writer.raw.rollback()

    async def close(self) -> None:
        await self._reader.raw.close()
        await self._writer.raw.close()


def _prepare(file: Path) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        file.chmod(0o600)
    except OSError as error:
        say = f"Cannot write {file} ({error.strerror}); DATABASE_URL and SWITCHBOARD_DATA say where the data goes."
        raise StorageDown(str(error), say=say) from error


async def _connect(file: Path) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(file, isolation_level=None, cached_statements=256)
    try:
        connection.row_factory = sqlite3.Row
        for pragma in _PRAGMAS:
            await connection.execute_fetchall(f"PRAGMA {pragma}")
    except BaseException:
        await connection.close()
        raise
    return connection
