"""What a usage report takes over 1,000,000 entries of a year: 400 people, 80 channels, 24 models, 200,000 threads.

The entries are made in the database; the roll-ups are filled by the migration's own step, and a sample of days is
compared with the entries before anything is measured.
"""

import importlib
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import asyncpg

from bot.core.place import Place
from bot.core.view import View
from bot.workbench.digester import Digester
from bot.workbench.reports import BY, Report, usage
from bot.workbench.schedule import Schedule
from bot.workbench.spans import KINDS, Calendar
from storage.database import Database
from storage.postgres import PostgresDatabase
from storage.reports import Scope
from storage.sqlite import SqliteDatabase
from storage.store import Store

HEAD = ("what", "SQLite", "PostgreSQL", "goal")
GOAL = "100"
DIGEST, DIGEST_GOAL = "digest of a week over them, with its picture", "300"
ENTRIES = 1_000_000
ROUNDS = 5
HOME = "slack:T1"
AT = datetime(2026, 12, 20, 12, tzinfo=UTC)  # late in the year that the entries are of
SCOPES = (
    Scope("installation"),
    Scope("workspace", HOME),
    Scope("channel", f"{HOME}/C0"),
    Scope("person", "7"),
)
SAMPLE = ("2026-06-10", "2026-06-12")

_filling = importlib.import_module("storage.migrations.0012_money")
# Busy channels and people are busier: the minimum of two evenly spread numbers leans to the low ones. A thread has
# five entries, one day, one channel and one or two people.
_MIX = "((i / 5 * {a} + {b}) % {m})"
_CHANNEL = "(CASE WHEN {0} < {1} THEN {0} ELSE {1} END)".format(
    _MIX.format(a=7919, b=13, m=80), _MIX.format(a=104729, b=7, m=80)
)
_PERSON = "(1 + (i / 5 * 15485863 + (i % 5) / 4 * 31) % 400)"
_DAY = "(CAST(i AS BIGINT) * 365 / CAST(? AS BIGINT))"
_DATE = {
    "sqlite": f"date('2026-01-01', '+' || {_DAY} || ' days')",
    "postgres": f"to_char(DATE '2026-01-01' + CAST({_DAY} AS INTEGER), 'YYYY-MM-DD')",
}

_ENTRIES = (
    "INSERT INTO usage_entries"  # noqa: S608 - our own words
    " (day, at, workspace_id, place, person_id, conversation_id, kind, provider, model,"
    " credential, input_tokens, cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, estimated, cost,"
    " price_source, prices, outcome, first_token_ms, latency_ms, attempt, why, channel)"
    " WITH RECURSIVE n (i) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)"
    f" SELECT {{date}}, ?, '{HOME}', '{HOME}/C' || {_CHANNEL} || '/' || (i / 5), {_PERSON}, i / 5,"
    " CASE WHEN i % 20 = 0 THEN 'compare' WHEN i % 33 = 0 THEN 'embedding' ELSE 'chat' END,"
    " CASE WHEN i % 3 = 0 THEN 'openai' ELSE 'anthropic' END, 'model-' || (i / 7 * 31 % 24),"
    " CASE WHEN i % 4 = 0 THEN 'Work' ELSE 'OPENAI_API_KEY' END, 500 + i % 4000, 0, 0, 100 + i % 900, 0, ?,"
    " CASE WHEN i % 50 = 0 THEN NULL ELSE 10000 + i % 9000000 END, 'genai-prices', '{{}}',"
    " CASE WHEN i % 40 = 0 THEN 'failed' ELSE 'complete' END, 300, 500 + i * 37 % 30000, 1,"
    " CASE WHEN i % 60 = 0 THEN 'fallback' WHEN i % 25 = 0 THEN 'retry' ELSE 'chosen' END,"
    f" '{HOME}/C' || {_CHANNEL} FROM n"
)


async def seed(db: Database) -> None:
    """A year of use."""
    step = 100_000
    for start in range(0, ENTRIES, step):
        await db.write(_ENTRIES.format(date=_DATE[db.dialect]), start, start + step, ENTRIES, AT, False)
    for row in await db.rows("SELECT DISTINCT day FROM usage_entries ORDER BY day"):
        for statement in _filling._statements():  # noqa: SLF001 - the migration's own step
            await db.write(statement, row["day"])
    await db.write("ANALYZE")


async def measure(url: str) -> dict[str, float]:
    """Milliseconds: the median of the slowest report of each scope and kind of span."""
    with TemporaryDirectory() as folder:
        store = await Store.open(url, Path(folder))
        try:
            db: Database = await (
                SqliteDatabase.open(Path(url.removeprefix("sqlite:///")))
                if url.startswith("sqlite")
                else PostgresDatabase.open(url)
            )
            try:
                await seed(db)
            finally:
                await db.close()
            assert await store.ledger.unequal(*SAMPLE) == []
            found = {
                f"{scope.kind}, {kind}": max([await _typical(store, scope, kind, by) for by in BY])
                for scope in SCOPES
                for kind in KINDS
            }
            return found | {DIGEST: await _digest(store)}
        finally:
            await store.close()


async def _digest(store: Store) -> float:
    """A week's digest of the workspace, its picture drawn."""
    digester, schedule = Digester(store, tuple), Schedule(AT - timedelta(days=400))
    monday = AT - timedelta(days=AT.weekday())

    async def work() -> View:
        return await digester.view(Place("slack", "T1", "C0"), schedule, monday, monday.date())

    assert (await work()).picture is not None
    return median([await _timed(work) for _ in range(ROUNDS)])


async def _typical(store: Store, scope: Scope, kind: str, by: str) -> float:
    async def work() -> Report:
        return await usage(store, scope, kind, by, AT, Calendar())

    assert (await work()).total.figures.requests
    return median([await _timed(work) for _ in range(ROUNDS)])


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await work()
    return (time.perf_counter() - started) * 1000


async def rows(server: str) -> list[tuple[str, ...]]:
    """The table's rows; the digest, then the slowest of all."""
    with TemporaryDirectory() as folder:
        sqlite = await measure(f"sqlite:///{folder}/switchboard.db")
    postgres: dict[str, float] = {}
    name = f"switchboard_bench_{secrets.token_hex(4)}"
    with suppress(OSError):
        connection = await asyncpg.connect(f"{server}/postgres", timeout=5)
        try:
            await connection.execute(f"CREATE DATABASE {name}")
            postgres = await measure(f"{server}/{name}")
        finally:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await connection.close()
    digests = [f"{found.pop(DIGEST):.0f}" if found else "-" for found in (sqlite, postgres)]
    slowest = (
        "usage report over 1,000,000 entries",
        *(f"{max(found.values()):.0f}" if found else "-" for found in (sqlite, postgres)),
        GOAL,
    )
    return [(DIGEST, *digests, DIGEST_GOAL), slowest] + [
        (f"  {what}", f"{value:.0f}", f"{postgres[what]:.0f}" if postgres else "-", GOAL)
        for what, value in sqlite.items()
    ]
