"""Opening: made, migrated, copied before, refused where it is too new, and closed."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from storage import schema
from storage.database import Database
from storage.errors import SchemaTooNew, StorageDown, StorageError
from storage.inbox import NewAttachment
from storage.postgres import PostgresDatabase
from storage.sqlite import SqliteDatabase
from storage.store import Store
from tests.conftest import ON_POSTGRES
from tests.storage.given import outcomes, said, taken
from tests.storage.undone import undo_later

sqlite_only = pytest.mark.skipif(ON_POSTGRES, reason="about SQLite's file")


@asynccontextmanager
async def database(url: str) -> AsyncIterator[Database]:
    """The database itself, beneath the store."""
    db: Database = (
        await PostgresDatabase.open(url)
        if ON_POSTGRES
        else await SqliteDatabase.open(Path(url.removeprefix("sqlite:///")))
    )
    try:
        yield db
    finally:
        await db.close()


async def forget(url: str) -> None:
    """Make the database believe that no migration was applied."""
    async with database(url) as db:
        await db.write("DELETE FROM tortoise_migrations")


async def test_first_start_makes_everything(empty_database_url: str, tmp_path: Path) -> None:
    """An empty database gets every table and works; the next start finds nothing to do."""
    for _ in range(2):
        store = await Store.open(empty_database_url, tmp_path / "data")
        await store.ping()
        assert len(await store.budgets.all()) == 1
        await store.close()
        await store.close()
    async with database(empty_database_url) as db:
        assert await schema.applied(db, db.dialect) == schema.known()
        assert await schema.migrate(db) == []


@sqlite_only
async def test_data_is_for_its_owner_only(tmp_path: Path) -> None:
    """The folder is 0700, the database and what SQLite puts beside it 0600."""
    folder = tmp_path / "made" / "here"
    store = await Store.open(f"sqlite:///{folder}/switchboard.db", folder)
    await store.inbox.receive(said())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert set(modes) >= {"switchboard.db", "switchboard.db-wal"}
    assert set(modes.values()) == {0o600}
    await store.close()


@sqlite_only
async def test_path_may_have_odd_letters(tmp_path: Path) -> None:
    """A folder with a space or an umlaut is written as a URL writes it."""
    store = await Store.open(f"sqlite:///{tmp_path}/my%20d%C3%A4ta/a.db", tmp_path)
    await store.close()
    assert (tmp_path / "my däta" / "a.db").exists()


@sqlite_only
async def test_copy_is_made_before_a_migration(store: Store, database_url: str, tmp_path: Path) -> None:
    """Before an existing file is migrated it is copied beside itself, whole and readable, for its owner only."""
    await store.inbox.receive(said())
    await store.close()
    file = Path(database_url.removeprefix("sqlite:///"))
    copy = file.with_name("switchboard-before-7.db")
    copy.write_bytes(b"from a start that did not get far")
    async with database(database_url) as db:
        assert await schema.back_up(db, file, ["0007_next", "0008_later"]) == copy
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM inbox").fetchone() == (1,)
    connection.close()
    assert not list(file.parent.glob("*.part"))


async def test_no_copy_of_what_is_up_to_date(store: Store, database_url: str, tmp_path: Path) -> None:
    """Neither an empty database nor one that has every migration is copied."""
    async with database(database_url) as db:
        assert await schema.back_up(db, tmp_path / "x.db", await schema.missing(db)) is None


async def test_newer_database_is_refused(store: Store, database_url: str, tmp_path: Path) -> None:
    """A database that a newer version has migrated is left alone, with a sentence that says what to do."""
    async with database(database_url) as db:
        await db.write("UPDATE tortoise_migrations SET name = '9999_later' WHERE id = 1")
    for migrate in (True, False):
        with pytest.raises(SchemaTooNew) as refused:
            await Store.open(database_url, tmp_path, migrate=migrate)
        assert "9999_later" in refused.value.say
        assert "newer version" in refused.value.say


async def test_without_migrating_an_old_database_is_refused(empty_database_url: str, tmp_path: Path) -> None:
    """``migrate=False`` changes nothing and names the command that does."""
    with pytest.raises(StorageError) as refused:
        await Store.open(empty_database_url, tmp_path, migrate=False)
    assert "switchboard migrate" in refused.value.say
    store = await Store.open(empty_database_url, tmp_path)
    await store.close()
    await (await Store.open(empty_database_url, tmp_path, migrate=False)).close()


async def test_failed_migration_leaves_nothing(store: Store, database_url: str, tmp_path: Path) -> None:
    """A migration that fails is rolled back whole: the tables are as before, and the next start tries again."""
    await store.inbox.receive(said())
    await store.close()
    await forget(database_url)
    for _ in range(2):
        with pytest.raises(StorageError):
            await Store.open(database_url, tmp_path)
    async with database(database_url) as db:
        assert await schema.applied(db, db.dialect) == []
        assert len(await db.rows("SELECT id FROM inbox")) == 1
        assert len(await db.rows("SELECT id FROM budgets")) == 1


async def test_database_of_the_version_before_is_brought_up(empty_database_url: str, tmp_path: Path) -> None:
    """What was said before the later migrations is there after them, with its files; SQLite is copied first."""
    store = await Store.open(empty_database_url, tmp_path)
    _, before = await taken(store, said(files=(NewAttachment("a.txt", "text/plain", b"abc"),)))
    await store.close()
    async with database(empty_database_url) as db:
        await undo_later(db)
        assert await schema.missing(db) == schema.known()[1:]
    again = await Store.open(empty_database_url, tmp_path)
    [file] = (await again.conversations.attachments([before.question_id]))[before.question_id]
    assert (file.name, file.data) == ("a.txt", b"abc")
    await again.close()
    if not ON_POSTGRES:
        assert (
            Path(empty_database_url.removeprefix("sqlite:///"))
            .with_name("switchboard-before-2.db")
            .stat()
            .st_size
        )


async def test_processes_migrate_one_after_the_other(empty_database_url: str, tmp_path: Path) -> None:
    """Three processes that open an empty database at the same moment all succeed; it is migrated once."""
    await outcomes("migrate", 3, empty_database_url, str(tmp_path / "data"))
    async with database(empty_database_url) as db:
        assert await schema.applied(db, db.dialect) == schema.known()
        assert len(await db.rows("SELECT id FROM budgets")) == 1


async def test_stores_open_beside_one_another(empty_database_url: str, tmp_path: Path) -> None:
    """Several stores of one process may open at once."""
    stores = await asyncio.gather(*(Store.open(empty_database_url, tmp_path) for _ in range(3)))
    for store in stores:
        await store.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://somewhere/x", "DATABASE_URL is sqlite:///"),
        ("postgres://postgres@127.0.0.1:1/x", "cannot be reached"),
        ("postgres://127.0.0.1:notaport/x", "DATABASE_URL names"),
        ("sqlite:////proc/nowhere/x.db", "Cannot write"),
    ],
)
async def test_wrong_address_is_said(url: str, says: str, tmp_path: Path) -> None:
    """What cannot be opened is said in a sentence, never with a password."""
    with pytest.raises(StorageDown) as refused:
        await Store.open(url, tmp_path)
    assert says in refused.value.say


@pytest.mark.skipif(not ON_POSTGRES, reason="about PostgreSQL's users")
async def test_unknown_database_is_said(database_url: str, tmp_path: Path) -> None:
    """A database that is not there is named as a matter of DATABASE_URL."""
    with pytest.raises(StorageDown) as refused:
        await Store.open(f"{database_url}_not", tmp_path)
    assert "DATABASE_URL names" in refused.value.say
