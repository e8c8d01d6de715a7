"""The fixtures that give each test a database."""

from pathlib import Path

import asyncpg

from storage.store import Store
from tests.conftest import ON_POSTGRES
from tests.storage.given import said


async def test_an_empty_database_is_empty(empty_database_url: str) -> None:
    """SQLite in the first run, PostgreSQL in the second, and nothing in either."""
    if not ON_POSTGRES:
        file = Path(empty_database_url.removeprefix("sqlite:///"))
        assert file.parent.is_dir()
        assert not file.exists()
        return
    connection = await asyncpg.connect(empty_database_url)
    tables = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    assert tables == 0


async def test_a_test_leaves_something(database_url: str, tmp_path: Path) -> None:
    """What a first start leaves is there; this test leaves an item, a budget's change and a missing table."""
    await _expect_first_start(database_url, tmp_path)


async def test_the_next_test_does_not_see_it(database_url: str, tmp_path: Path) -> None:
    """The database is as a first start leaves it, whatever the test before did, and numbers begin anew."""
    await _expect_first_start(database_url, tmp_path)


async def _expect_first_start(url: str, folder: Path) -> None:
    store = await Store.open(url, folder)
    try:
        [budget] = await store.budgets.all()
        assert (budget.id, budget.amount) == (1, 100_000_000_000)
        await store.budgets.change(budget.id, 1)
        assert (await store.inbox.receive(said())).inbox_id == 1
        await store.ping()
    finally:
        await store.close()
    if ON_POSTGRES:
        connection = await asyncpg.connect(url)
        await connection.execute("DROP TABLE posts")
        await connection.close()
