"""From rows to values."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from storage.database import Row

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def moment(value: datetime | str) -> datetime:
    """A time as the databases give it: PostgreSQL as such, SQLite as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _moment_if_any(value: datetime | str | None) -> datetime | None:
    return None if value is None else moment(value)


def _same(value: Any) -> Any:
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "datetime": moment,
    "datetime | None": _moment_if_any,
    "bool": bool,
}


@cache
def _plan(kind: Hashable) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """The columns of a dataclass with what reads each; its tuples come from elsewhere."""
    return tuple(
        (field.name, _READERS.get(str(field.type), _same))
        for field in fields(cast("type[DataclassInstance]", kind))
        if not str(field.type).startswith("tuple[")
    )


@cache
def _columns(kind: Hashable, table: str) -> str:
    prefix = f"{table}." if table else ""
    return ", ".join(f"{prefix}{name}" for name, _ in _plan(kind))


def columns(kind: type[Any], table: str = "") -> str:
    """The columns of a dataclass for a SELECT or RETURNING.

    Named one by one: a newer version may have added others, and a prepared ``*`` breaks when it does.
    """
    return _columns(cast("Hashable", kind), table)


def fill(kind: type[T], row: Row, **more: Any) -> T:
    """The dataclass of a row; ``more`` are fields that come from elsewhere."""
    plan = _plan(cast("Hashable", kind))
    return kind(**{name: read(row[name]) for name, read in plan}, **more)
