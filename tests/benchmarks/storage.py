"""What the hot paths of storage take: journal, reservation and settlement, lists and a switch among 100,000."""

import json
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import asyncpg

from bot.calls.call import Caller
from bot.commands.command import Asked, Desk
from bot.conversation.answer import Parts
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.engine import Engine
from bot.conversation.presence import Presence
from bot.conversation.settings import Settings
from bot.core.place import Place
from bot.net.http import Http
from bot.providers.catalog import CATALOG
from bot.providers.registry import Registry
from storage.budgets import NewBudget
from storage.database import Database
from storage.inbox import NewItem
from storage.ledger import Charge, NewEntry, Settlement
from storage.postgres import PostgresDatabase
from storage.sqlite import SqliteDatabase
from storage.store import Store

HEAD = ("what", "SQLite", "PostgreSQL", "goal")
GOALS = {
    "receive": "-",
    "journal": "0.3 / 1",
    "reserve and settle": "3 / 8",
    "claim, of 100,000": "10",
    "next to answer, of 100,000": "10",
    "a person's list, of 100,000": "50",
    "a switch (/model), among 100,000": "10",
}
ROUNDS = 300
MANY = 100_000
MUCH = 10**15
TEXT = "A sentence of the answer. " * 60
PLACE = "slack:T1/C1/1700.1"
CHARGE = Charge("slack:T1", PLACE, 1, "openai", "OPENAI_API_KEY", datetime(2026, 11, 21, 12, tzinfo=UTC))
ENTRY = NewEntry(
    CHARGE.at, "slack:T1", PLACE, 1, "openai", "quick", cost=12_345, input_tokens=500, output_tokens=400
)


async def measure(url: str) -> dict[str, float]:
    """Milliseconds, as medians, on an empty database."""
    with TemporaryDirectory() as folder:
        store = await Store.open(url, Path(folder))
        try:
            work = {
                "receive": _receiving(store),
                "journal": await _journalling(store),
                "reserve and settle": await _settling(store),
                **await _among_many(store, url),
            }
            return {name: await _typical(one) for name, one in work.items()}
        finally:
            await store.close()


async def rows(server: str) -> list[tuple[str, ...]]:
    """The table's rows: SQLite in a file, PostgreSQL in a database of its own; "-" where it does not answer."""
    with TemporaryDirectory() as folder:
        sqlite = await measure(f"sqlite:///{folder}/switchboard.db")
    postgres: dict[str, float] = {}
    name = f"switchboard_bench_{secrets.token_hex(4)}"
    with suppress(OSError):
        connection = await asyncpg.connect(f"{server}/postgres", timeout=5)
        try:
            await connection.execute(f"CREATE DATABASE {name}")
            postgres = await measure(f"{server}/{name}")
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        finally:
            await connection.close()
    return [
        (what, f"{value:.2f}", f"{postgres[what]:.2f}" if postgres else "-", GOALS[what])
        for what, value in sqlite.items()
    ]


async def _typical(work: Callable[[int], Awaitable[None]]) -> float:
    times = []
    for number in range(ROUNDS):
        started = time.perf_counter()
        await work(number)
        times.append(time.perf_counter() - started)
    return median(times) * 1000


def _item(number: int) -> NewItem:
    payload = json.dumps({"text": "Hello"})
    return NewItem(f"slack:T1#{number}", PLACE, "slack:T1", None, "Ann", "said", payload)


def _receiving(store: Store) -> Callable[[int], Awaitable[None]]:
    async def work(number: int) -> None:
        await store.inbox.receive(_item(number))

    return work


async def _journalling(store: Store) -> Callable[[int], Awaitable[None]]:
    received = await store.inbox.receive(_item(-1))
    claim = await store.conversations.claim(received.conversation_id, "bench")
    assert claim is not None
    taken = await store.replies.take(claim)
    assert taken is not None

    async def work(number: int) -> None:
        await store.replies.journal(claim, taken.reply.id, TEXT, number, phase="growing")

    return work


async def _settling(store: Store) -> Callable[[int], Awaitable[None]]:
    for scope, subject in (
        ("workspace", "slack:T1"),
        ("channel", "slack:T1/C1"),
        ("person", "1"),
        ("provider", "openai"),
        ("credential", "OPENAI_API_KEY"),
    ):
        await store.budgets.add(NewBudget(scope, subject, "month", MUCH))
    received = await store.inbox.receive(_item(-1))
    entry = replace(ENTRY, conversation_id=received.conversation_id)

    async def work(number: int) -> None:
        reservation_id = await store.ledger.reserve(CHARGE, 20_000, "bench")
        await store.ledger.settle(Settlement(reservation_id, entry))

    return work


async def _among_many(store: Store, url: str) -> dict[str, Callable[[int], Awaitable[None]]]:
    """Claim, look for work and list where there is a great deal."""
    await store.inbox.receive(_item(-2))
    db: Database = await (
        SqliteDatabase.open(Path(url.removeprefix("sqlite:///")))
        if url.startswith("sqlite")
        else PostgresDatabase.open(url)
    )
    try:
        await db.write(
            "INSERT INTO conversations (place, workspace_id, title, person_id, created_at, updated_at)"
            " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(? AS INTEGER))"
            " SELECT 'slack:T1/C' || i, 'slack:T1', 'Title', 1, c.created_at, c.updated_at FROM n, conversations c"
            " WHERE c.id = 1",
            MANY,
        )
        await db.write("ANALYZE")
    finally:
        await db.close()

    async def claim(number: int) -> None:
        claim = await store.conversations.claim(MANY // 2 + number, "bench")
        assert claim is not None

    async def ready(number: int) -> None:
        await store.inbox.ready(100, ["slack"])

    async def listed(number: int) -> None:
        assert len(await store.conversations.list_for_person(1, "slack", 100)) == 100

    names = [name for name in GOALS if "100,000" in name]
    return dict(zip(names, (claim, ready, listed, _switching(store)), strict=True))


def _switching(store: Store) -> Callable[[int], Awaitable[None]]:
    """All that a switch takes on our side, from the line to its answer."""
    registry = Registry(CATALOG, {}, Http())
    settings = Settings(store, registry)
    caller, presence = Caller(store, registry, "bench"), Presence(store, "bench")
    engine = Engine(Parts(store, registry, caller, Delivery(), settings, presence, {}))
    desk = Desk(store=store, registry=registry, engine=engine, settings=settings)
    asked = Asked(Place.parse(PLACE), 1, "slack:T1", "slack", "key", shared=True)
    models = ("demo/quick", "demo/story")

    async def switch(number: int) -> None:
        answer = await desk.run(asked, f"/model {models[number % 2]}")
        assert answer is not None
        assert answer.refresh

    return switch
