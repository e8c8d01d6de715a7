"""PostgreSQL: a pool of connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import asyncpg

from storage.database import Dialect, Row, Statements, Value, clean
from storage.errors import StorageDown, StorageError

if TYPE_CHECKING:
    from asyncpg.pool import Pool, PoolConnectionProxy

_CONNECT = 5.0  # seconds to connect
_FREE = 20.0  # seconds to wait for a free connection: where all are busy the database is slow and not away
_CLOSE = 5.0  # seconds that statements under way get at the end
_STATEMENT = 30.0  # seconds a statement may take
_MOST = 10  # connections

_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.InternalClientError,
    asyncpg.InterfaceError,
)
_REFUSED = (
    asyncpg.exceptions.ClientConfigurationError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)
_FULL = "The disk of the database is full; nothing was written. An admin has to make room."
_NO_ENTRY = "The database refuses the connection; DATABASE_URL names the user, the password and the database."


@contextmanager
def _faults() -> Iterator[None]:
    """Turn the library's errors into ours."""
    try:
        yield
    except asyncpg.DiskFullError as error:
        raise StorageDown(f"postgres: {error}", say=_FULL) from error
    except _REFUSED as error:
        raise StorageDown(f"postgres: {error}", say=_NO_ENTRY) from error
    except _AWAY as error:
        raise StorageDown(f"postgres: {type(error).__name__} {error}") from error
    except asyncpg.PostgresError as error:
        raise StorageError(f"postgres: {error}") from error


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise StorageDown("postgres: the address cannot be read", say=_NO_ENTRY) from error


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> str:
    """``?`` as ``$1``, ``$2``, … (our SQL has no question mark elsewhere)."""
    head, *tail = sql.split("?")
    return head + "".join(f"${number}{part}" for number, part in enumerate(tail, 1))


class _Connection(asyncpg.Connection):
    """We leave no session state behind, so the round trip that would clear it is saved."""

    def get_reset_query(self) -> str:
        return ""


class _Transaction:
    """Statements on one connection."""

    def __init__(self, connection: PoolConnectionProxy) -> None:
        self._connection = connection

    locks_rows = True

    async def rows(self, sql: str, *values: Value) -> Sequence[Row]:
        with _faults():
            return cast("Sequence[Row]", await self._connection.fetch(_numbered(sql), *map(clean, values)))

    written = rows

    async def write(self, sql: str, *values: Value) -> int:
        with _faults():
            return _count(await self._connection.execute(_numbered(sql), *map(clean, values)))


class PostgresDatabase:
    """A ``Database`` on a server."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @classmethod
    async def open(cls, url: str) -> PostgresDatabase:
        """Connect to ``postgres://user:password@host:port/name``."""
        with _faults(), _readable():
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=_MOST,
                timeout=_CONNECT,
                command_timeout=_STATEMENT,
                connection_class=_Connection,
            )
        return cls(pool)

    @property
    def dialect(self) -> Dialect:
        return Dialect.POSTGRES

    locks_rows = True

    async def rows(self, sql: str, *values: Value) -> Sequence[Row]:
        with _faults():
            async with self._pool.acquire(timeout=_FREE) as connection:
                return cast("Sequence[Row]", await connection.fetch(_numbered(sql), *map(clean, values)))

    written = rows

    async def write(self, sql: str, *values: Value) -> int:
        with _faults():
            async with self._pool.acquire(timeout=_FREE) as connection:
                return _count(await connection.execute(_numbered(sql), *map(clean, values)))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Statements]:
        with _faults():
            async with self._pool.acquire(timeout=_FREE) as connection, connection.transaction():
                yield _Transaction(connection)

    async def close(self) -> None:
        try:
            async with asyncio.timeout(_CLOSE):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


def _count(status: str) -> int:
    """How many rows a statement changed, from the server's "UPDATE 3" or "INSERT 0 1"."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdecimal() else 0
