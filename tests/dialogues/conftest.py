"""The house that every dialogue is held in, over a database that was migrated once."""

import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from storage.store import Store
from tests.conftest import ON_POSTGRES, POSTGRES, apart
from tests.fakes.house import House, open_house

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


@dataclass(frozen=True, slots=True)
class Fresh:
    """A database just after its first migration: its address, and on PostgreSQL what stands in its tables."""

    url: str
    seeds: dict[str, list[asyncpg.Record]]


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fresh]:
    """Migrated once for all dialogues: that takes longer than most of them."""
    folder = tmp_path_factory.mktemp("fresh")
    if not ON_POSTGRES:
        url = f"sqlite:///{folder}/switchboard.db"
        apart(lambda: _migrate(url, folder))
        yield Fresh(url, {})
        return
    name = f"switchboard_test_{secrets.token_hex(6)}"
    url = f"{POSTGRES}/{name}"
    apart(lambda: _on(POSTGRES + "/postgres", f"CREATE DATABASE {name}"))
    apart(lambda: _migrate(url, folder))
    yield Fresh(url, apart(lambda: _seeds(url)))
    apart(lambda: _on(POSTGRES + "/postgres", f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def database_url(fresh: Fresh, tmp_path: Path) -> str:
    """The address of a database that holds nothing but what its first migration put there."""
    if not ON_POSTGRES:
        shutil.copy(fresh.url.removeprefix("sqlite:///"), tmp_path / "switchboard.db")
        return f"sqlite:///{tmp_path}/switchboard.db"
    apart(lambda: _clear(fresh))
    return fresh.url


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A house of its own; afterwards nothing may be lost, doubled, left growing or not billed."""
    async with open_house(database_url, tmp_path) as house:
        yield house


async def _migrate(url: str, folder: Path) -> None:
    await (await Store.open(url, folder)).close()


async def _seeds(url: str) -> dict[str, list[asyncpg.Record]]:
    tables = await _on(url, _TABLES)
    return {name: await _on(url, f'SELECT * FROM "{name}"') for (name,) in tables}


async def _clear(fresh: Fresh) -> None:
    """Put the tables back as they were. Faster by far than another database."""
    connection = await asyncpg.connect(fresh.url, timeout=5)
    try:
        async with connection.transaction():
            await connection.execute(
                "SET LOCAL session_replication_role = replica"
            )  # no foreign keys meanwhile
            for table, rows in fresh.seeds.items():
                await connection.execute(f'DELETE FROM "{table}"')
                for row in rows:
                    marks = ", ".join(f"${n}" for n in range(1, len(row) + 1))
                    await connection.execute(f'INSERT INTO "{table}" VALUES ({marks})', *row.values())
    finally:
        await connection.close()


async def _on(url: str, statement: str) -> list[Any]:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()
