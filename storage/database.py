"""Statements and transactions, the same on SQLite and PostgreSQL.

SQL is written once with ``?`` for values, in the common part of both dialects (RETURNING, ON CONFLICT, WITH RECURSIVE).
A transaction is an object that is passed on, never something a task inherits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

Value = str | int | float | bytes | datetime | None


class Dialect(StrEnum):
    """Which database it is."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


class Row(Protocol):
    """One row of an answer."""

    def __getitem__(self, column: str, /) -> Any:
        """The value of a column."""
        ...


class Statements(Protocol):
    """Runs statements. Raises StorageDown while the database is away, StorageError where a statement is refused."""

    @property
    def locks_rows(self) -> bool:
        """Whether writers lock rows (and SELECT … FOR UPDATE exists) or the whole database."""
        ...

    async def rows(self, sql: str, *values: Value) -> Sequence[Row]:
        """Read."""
        ...

    async def write(self, sql: str, *values: Value) -> int:
        """Write; how many rows it changed."""
        ...

    async def written(self, sql: str, *values: Value) -> Sequence[Row]:
        """Write with RETURNING; what it returned."""
        ...


class Database(Statements, Protocol):
    """Connections to one database. A statement outside a transaction is one of its own."""

    @property
    def dialect(self) -> Dialect:
        """Which database it is."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[Statements]:
        """Statements that take effect together when the block ends, and not at all when it raises.

        Await nothing but the statements inside: the whole of SQLite waits meanwhile.
        """
        ...

    async def close(self) -> None:
        """Let go of every connection. Twice is harmless."""
        ...


def clean(value: Value) -> Value:
    """A value that both databases take: PostgreSQL keeps no NUL, and neither keeps half a surrogate pair."""
    if not isinstance(value, str):
        return value
    text = value.replace("\x00", "\N{REPLACEMENT CHARACTER}") if "\x00" in value else value
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\N{REPLACEMENT CHARACTER}" if "\ud800" <= c <= "\udfff" else c for c in text)
    return text


def marks(values: Collection[object]) -> str:
    """Placeholders for ``IN (…)``; never empty, for SQL knows no empty list."""
    return ", ".join("?" * len(values)) or "NULL"


def first(rows: Sequence[Row]) -> Row | None:
    """The first row of an answer."""
    return rows[0] if rows else None
