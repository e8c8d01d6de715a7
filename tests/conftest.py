"""What every test stands on: a clean environment, and a database of its own.

A test that uses `database_url` is marked `database` by itself and runs twice: in the first run on SQLite,
in the second (SWITCHBOARD_TEST_DATABASE=postgres) on PostgreSQL. Two processes, because the database
library caches its SQL without regard to the dialect.
"""

import asyncio
import os
import secrets
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest

from bot import config

T = TypeVar("T")

POSTGRES = "postgres://postgres@127.0.0.1:5432"
REQUIRED = os.environ.get("CI") == "true"
ON_POSTGRES = os.environ.get("SWITCHBOARD_TEST_DATABASE") == "postgres"


def require(available: object, what: str) -> None:
    """Skip the test with a sentence where `what` is missing; on CI, where it must be there, fail."""
    if available:
        return
    if REQUIRED:
        pytest.fail(f"{what} is missing, and CI requires it", pytrace=False)
    pytest.skip(f"{what} is missing on this machine")


def pytest_configure() -> None:
    """Take away what a developer's shell could change: settings, keys, proxies."""
    names = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
    for name in [*config.settings(), *names, *map(str.lower, names)]:
        os.environ.pop(name, None)


def pytest_sessionstart() -> None:
    """End the second run at once where PostgreSQL does not answer; on CI that is a failure."""
    if not ON_POSTGRES:
        return
    try:
        apart(lambda: _on_server("SELECT 1"))
    except (OSError, asyncpg.PostgresError) as error:
        say = f"PostgreSQL does not answer at {POSTGRES} ({error}): the database tests ran on SQLite only"
        pytest.exit(say, returncode=1 if REQUIRED else 0)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A part of the tests (make test ARGS=...) may hold none for the second run."""
    if ON_POSTGRES and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by what a test uses, so that none is forgotten."""
    for item in items:
        if "database_url" in getattr(item, "fixturenames", ()):
            item.add_marker("database")


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """The address of an empty database that only this test uses; it is gone afterwards."""
    if not ON_POSTGRES:
        yield f"sqlite:///{tmp_path}/switchboard.db"
        return
    name = f"switchboard_test_{secrets.token_hex(6)}"
    apart(lambda: _on_server(f"CREATE DATABASE {name}"))
    yield f"{POSTGRES}/{name}"
    apart(lambda: _on_server(f"DROP DATABASE {name} WITH (FORCE)"))


def apart(work: Callable[[], Coroutine[object, object, T]]) -> T:
    """Run a coroutine to its end on a loop of its own, in a thread: works inside a running loop too."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


async def _on_server(statement: str) -> None:
    connection = await asyncpg.connect(f"{POSTGRES}/postgres", timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
