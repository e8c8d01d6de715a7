"""The fixture that gives each test a database of its own."""

from pathlib import Path

import asyncpg

from tests.conftest import ON_POSTGRES


async def test_a_test_gets_an_empty_database_of_the_kind_of_this_run(database_url: str) -> None:
    """SQLite in the first run, PostgreSQL in the second, and nothing in either."""
    if not ON_POSTGRES:
        file = Path(database_url.removeprefix("sqlite:///"))
        assert file.parent.is_dir()
        assert not file.exists()
        return
    connection = await asyncpg.connect(database_url)
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert tables == 0
