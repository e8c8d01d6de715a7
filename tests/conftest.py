"""What every test stands on: a clean environment, and a database of its own.

A test that uses `database_url` is marked `database` by itself and runs twice: in the first run on SQLite,
in the second (SWITCHBOARD_TEST_DATABASE=postgres) on PostgreSQL. Two processes, because the database
library caches its SQL without regard to the dialect.
"""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import settings

from bot import config
from storage.store import Store
from tests.databases import SERVER as POSTGRES
from tests.databases import MigratedFile, MigratedServer, apart, ask, emptied, empty_on_server

TESTS = Path(__file__).parent
WHOLE = ("browser", "chaos", "contracts", "dialogues")  # folders of tests that drive the whole of it
REQUIRED = os.environ.get("CI") == "true"
ON_POSTGRES = os.environ.get("SWITCHBOARD_TEST_DATABASE") == "postgres"

# No deadline: how fast an example runs says more about the machine than about the code.
settings.register_profile("suite", max_examples=50, deadline=None)
settings.load_profile("suite")


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
        apart(lambda: ask(f"{POSTGRES}/postgres", "SELECT 1"))
    except (OSError, asyncpg.PostgresError) as error:
        say = f"PostgreSQL does not answer at {POSTGRES} ({error}): the database tests ran on SQLite only"
        pytest.exit(say, returncode=1 if REQUIRED else 0)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A part of the tests (make test ARGS=...) may hold none for one of the runs, which are told apart by marks."""
    if session.config.option.markexpr and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by what a test uses, so that none is forgotten."""
    for item in items:
        if {"database_url", "empty_database_url", "migrated"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")
        if item.path.relative_to(TESTS).parts[0] in WHOLE:
            item.add_marker("whole")


@pytest.fixture(scope="session")
def blank() -> Iterator[str | None]:
    """The address of a database without tables on PostgreSQL, None where the tests run on SQLite."""
    if not ON_POSTGRES:
        yield None
        return
    with empty_on_server() as url:
        yield url


@pytest.fixture
def empty_database_url(blank: str | None, tmp_path: Path) -> str:
    """The address of an empty database that only this test uses."""
    return f"sqlite:///{tmp_path}/switchboard.db" if blank is None else emptied(blank)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MigratedFile | MigratedServer]:
    """The database of the whole run."""
    folder = tmp_path_factory.mktemp("migrated")
    if not ON_POSTGRES:
        yield MigratedFile(folder)
        return
    with empty_on_server() as url:
        yield MigratedServer(url, folder)


@pytest.fixture
def database_url(migrated: MigratedFile | MigratedServer, tmp_path: Path) -> str:
    """The address of a database that holds what a first start puts there, and that only this test uses."""
    return migrated.url(tmp_path) if isinstance(migrated, MigratedFile) else migrated.url()


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A fresh store: the seeded budget and limit are all that is in it."""
    opened = await Store.open(database_url, tmp_path / "data")
    try:
        yield opened
    finally:
        await opened.close()
