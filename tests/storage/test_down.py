"""The database is away, full or busy: said in a sentence, nothing half written, and well again afterwards."""

import asyncio
import sqlite3
from pathlib import Path

import asyncpg
import pytest

from storage.errors import StorageDown, StorageError
from storage.keyfile import Keys
from storage.replies import SealedMessage
from storage.sqlite import SqliteDatabase
from storage.store import Store
from tests.conftest import ON_POSTGRES
from tests.storage.given import CHARGE, reserved, said, settlement, taken

sqlite_only = pytest.mark.skipif(ON_POSTGRES, reason="about SQLite")
postgres_only = pytest.mark.skipif(not ON_POSTGRES, reason="about PostgreSQL")

TERMINATE = (
    "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid()"
)
_STILL = "SELECT 1 FROM pg_stat_activity WHERE pid = ANY($1)"


async def terminate(url: str) -> None:
    """End every other connection, as a restart of the server does; returns once they are gone."""
    connection = await asyncpg.connect(url)
    ended = [row["pid"] for row in await connection.fetch(TERMINATE)]
    async with asyncio.timeout(30):
        while await connection.fetch(_STILL, ended):  # noqa: ASYNC110 - a server has no event
            await asyncio.sleep(0.01)
    await connection.close()


@postgres_only
async def test_restarted_server_is_found_again(store: Store, database_url: str) -> None:
    """After the server has dropped its connections at most one call fails, with a sentence; the next works."""
    claim, found = await taken(store)
    failures: list[str] = []
    for number in range(3):
        await terminate(database_url)
        try:
            await store.replies.journal(claim, found.reply.id, str(number), 0, phase="growing")
        except StorageDown as down:
            failures.append(down.say)
        assert not await store.replies.journal(claim, found.reply.id, f"again {number}", 0, phase="growing")
    row = await store.replies.get(found.reply.id)
    assert row is not None
    assert row.text == "again 2"
    assert all("cannot be reached" in say for say in failures)


@postgres_only
async def test_connection_lost_in_a_transaction(store: Store, database_url: str) -> None:
    """What was cut off in the middle is StorageDown and not written; doing it again writes it once."""
    claim, found = await taken(store)
    owed = settlement(await reserved(store), claim)
    blocker = await asyncpg.connect(database_url)
    lock = blocker.transaction()
    await lock.start()
    await blocker.execute("SELECT * FROM budget_periods FOR UPDATE")
    message = SealedMessage("Text", "complete")
    sealing = asyncio.create_task(store.replies.seal(claim, found.reply.id, message=message, settlement=owed))
    while not await blocker.fetch("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
        pass
    await blocker.execute(TERMINATE)
    with pytest.raises(StorageDown):
        await sealing
    await lock.rollback()
    await blocker.close()
    assert await store.ledger.billed() == []
    await store.replies.seal(claim, found.reply.id, message=message, settlement=owed)
    assert [(line.spent, line.reserved) for line in await store.ledger.rooms(CHARGE)] == [(40, 0)]


@postgres_only
async def test_refused_statement_is_an_error_of_ours(store: Store, database_url: str) -> None:
    """A value that does not fit is no outage, and raises our error all the same."""
    with pytest.raises(StorageError) as refused:
        await store.inbox.receive(said(key="k" * 600))
    assert not isinstance(refused.value, StorageDown)


async def fill(store: Store) -> None:
    """Receive more than there is room for."""
    for number in range(1000):
        await store.inbox.receive(said("word " * 200, key=str(number)))


@sqlite_only
async def test_full_disk(tmp_path: Path) -> None:
    """On a full disk the call says so and writes nothing; with room again it works."""
    await (await Store.open(f"sqlite:///{tmp_path}/a.db", tmp_path)).close()
    db = await SqliteDatabase.open(tmp_path / "a.db")
    store = Store(db, Keys(tmp_path / "secret.key"), tmp_path)
    pages = (await db.written("PRAGMA page_count"))[0]["page_count"]
    await db.written(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageDown) as full:
        await fill(store)
    assert "is full" in full.value.say
    waiting = await store.inbox.waiting((await store.inbox.ready(1, ["slack"]) or [0])[0])
    await db.written("PRAGMA max_page_count = 1000000")
    received = await store.inbox.receive(said(key="after"))
    assert len(await store.inbox.waiting(received.conversation_id)) == len(waiting) + 1
    await store.close()


@sqlite_only
async def test_busy_file(tmp_path: Path) -> None:
    """While another program holds the file a write says that it is busy; reading goes on."""
    await (await Store.open(f"sqlite:///{tmp_path}/a.db", tmp_path)).close()
    db = await SqliteDatabase.open(tmp_path / "a.db")
    store = Store(db, Keys(tmp_path / "secret.key"), tmp_path)
    await db.written("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(2):
        with pytest.raises(StorageDown) as busy:
            await store.inbox.receive(said())
        assert "busy" in busy.value.say
        with pytest.raises(StorageDown):
            await store.processes.join("here")
    await store.ping()
    other.execute("ROLLBACK")
    other.close()
    assert (await store.inbox.receive(said())).fresh
    await store.close()


@sqlite_only
async def test_broken_rule_is_an_error_of_ours(store: Store) -> None:
    """What refers to a person who is not there is refused, and is no outage."""
    with pytest.raises(StorageError) as refused:
        await store.people.grant(99, "admin")
    assert not isinstance(refused.value, StorageDown)


async def test_closed_store_is_down(store: Store) -> None:
    """After closing every call is StorageDown, not a puzzle."""
    await store.close()
    for call in (store.ping, store.budgets.all):
        with pytest.raises(StorageDown):
            await call()
    with pytest.raises(StorageDown):
        await store.inbox.receive(said())
    with pytest.raises(StorageDown):
        await store.processes.join("here")


async def test_cancelled_calls_leave_nothing_behind(store: Store) -> None:
    """A call cancelled at any of its steps is done or not done, and whoever comes next is not held up."""
    for steps in range(40):
        call = asyncio.create_task(store.inbox.receive(said(key=str(steps))))
        for _ in range(steps):
            await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        async with asyncio.timeout(30):
            assert (await store.inbox.receive(said(key=f"after {steps}"))).fresh
    [conversation_id] = await store.inbox.ready(5, ["slack"])
    keys = [item.key for item in await store.inbox.waiting(conversation_id)]
    assert len(keys) == len(set(keys))
    assert {f"slack:T1#after {steps}" for steps in range(40)} <= set(keys)
