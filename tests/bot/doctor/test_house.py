"""The doctor's look at this machine: each thing well, and each way it can be ill."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.core.check import Check, Outcome
from bot.doctor import house
from bot.net.http import Http
from storage.ledger import Charge, NewEntry, Settlement
from storage.store import Store


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http() as client:
        yield client


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """A port where somebody listens and says nothing of use."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


async def test_a_database_that_is_up_to_date_is_well(config: Any, database_url: str) -> None:
    """Also while another process uses it: nothing is locked for long."""
    given = config(DATABASE_URL=database_url)
    running = await Store.open(given.database_url, given.data_dir)
    given.data_dir.rmdir()
    check = await house.database(given)
    await running.close()
    assert (check.outcome, "its schema is 0" in check.found) == (Outcome.OK, True)
    assert not given.data_dir.exists()


async def test_before_the_first_start_nothing_is_made(config: Any, tmp_path: Path) -> None:
    """A look leaves no file and no folder behind."""
    given = config()
    assert "first start makes it" in (await house.database(given)).found
    assert "first start makes it" in house.folder(given).found
    assert list(tmp_path.iterdir()) == []


async def test_a_database_of_an_older_version_is_a_warning(config: Any, tmp_path: Path) -> None:
    """The next start migrates it; the doctor does not."""
    file = tmp_path / "old.db"
    sqlite3.connect(file).close()
    file.touch()
    check = await house.database(config(DATABASE_URL=f"sqlite:///{file}"))
    assert check.outcome is Outcome.WARNING
    assert "switchboard migrate" in check.found


async def test_a_database_of_a_newer_version_has_failed(config: Any, tmp_path: Path) -> None:
    """This version would not start on it."""
    given = config(DATABASE_URL=f"sqlite:///{tmp_path}/new.db")
    await (await Store.open(given.database_url, given.data_dir)).close()
    with sqlite3.connect(tmp_path / "new.db") as db:
        db.execute("UPDATE tortoise_migrations SET name = '9999_later' WHERE name LIKE '0001%'")
    db.close()
    check = await house.database(given)
    assert check.outcome is Outcome.FAILED
    assert "newer version" in check.found


async def test_what_is_no_database_has_failed(config: Any, tmp_path: Path) -> None:
    """A file of something else."""
    (tmp_path / "photo.db").write_bytes(b"\x89PNG" * 1000)
    check = await house.database(config(DATABASE_URL=f"sqlite:///{tmp_path}/photo.db"))
    assert (check.outcome, "DATABASE_URL" in check.fix) == (Outcome.FAILED, True)


async def test_a_server_that_is_not_there_has_failed(config: Any) -> None:
    """And the password stays out of the sentence."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    check = await house.database(config(DATABASE_URL=f"postgres://bot:hunter22@127.0.0.1:{port}/x"))
    assert (check.outcome, "hunter22" in str(check)) == (Outcome.FAILED, False)


def test_a_folder_that_can_be_written_is_well(config: Any) -> None:
    """With the room that is left on its disk."""
    given = config()
    given.data_dir.mkdir()
    check = house.folder(given)
    assert " GB free" in check.found
    assert list(given.data_dir.iterdir()) == []


@pytest.mark.parametrize(
    ("free", "outcome"), [(5e9, Outcome.OK), (5e8, Outcome.WARNING), (5e7, Outcome.FAILED)]
)
def test_a_full_disk_is_noticed(
    config: Any, monkeypatch: pytest.MonkeyPatch, free: float, outcome: Outcome
) -> None:
    """Before it stops anything."""
    given = config()
    given.data_dir.mkdir()
    usage = shutil.disk_usage(given.data_dir)._replace(free=int(free))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert house.folder(given).outcome is outcome


def test_a_folder_that_cannot_be_written_has_failed(config: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is there already or would have to be made."""

    def refuse(**_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    given = config()
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    unmade = house.folder(given)
    given.data_dir.mkdir()
    made = house.folder(given)
    assert [unmade.outcome, made.outcome] == [Outcome.FAILED] * 2
    assert "Read-only file system" in made.found


def test_a_clock_that_jumps_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Backwards too, beside the time that passed."""
    assert house.Clock().check().outcome is Outcome.OK
    clock, shown = house.Clock(), time.time()
    monkeypatch.setattr(time, "time", lambda: shown - 30)
    check = clock.check()
    assert check.outcome is Outcome.WARNING
    assert "jumped by -30.0 seconds" in check.found


async def test_a_free_port_is_well(config: Any, http: Http, taken: socket.socket) -> None:
    """As is port 0."""
    port = taken.getsockname()[1]
    taken.close()
    assert [check.found for check in await house.port(config(PORT=str(port)), http)] == [
        f"127.0.0.1:{port} is free."
    ]
    assert (await house.port(config(PORT="0"), http))[0].outcome is Outcome.OK


async def serving(answer: str, listener: socket.socket) -> web.AppRunner:
    """A site that answers /readyz so."""

    async def ready(_: web.Request) -> web.Response:
        return web.Response(text=answer, status=503)

    site = web.Application()
    site.router.add_get("/readyz", ready)
    runner = web.AppRunner(site)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    return runner


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
async def test_a_switchboard_that_runs_says_how_its_parts_are(
    config: Any, http: Http, taken: socket.socket, host: str
) -> None:
    """Its port is taken by itself, which is no fault."""
    parts = {"database": "ok", "slack": "Slack cannot be reached."}
    runner = await serving(json.dumps({"status": "not ready", "parts": parts}), taken)
    found = await house.port(config(PORT=str(taken.getsockname()[1]), HOST=host), http)
    await runner.cleanup()
    assert [check.outcome for check in found] == [Outcome.OK, Outcome.WARNING]
    assert "runs at" in found[0].found
    assert (found[1].subject, found[1].found) == ("its slack", "Slack cannot be reached.")


@pytest.mark.parametrize("answer", ["<html>", "[]", '{"parts": 1}', "{}"])
async def test_a_port_that_another_program_has_taken_has_failed(
    config: Any, http: Http, taken: socket.socket, answer: str
) -> None:
    """Whatever it answers."""
    runner = await serving(answer, taken)
    (check,) = await house.port(config(PORT=str(taken.getsockname()[1])), http)
    await runner.cleanup()
    assert (check.outcome, check.fix) == (Outcome.FAILED, "PORT and HOST choose another")


def one(found: list[Check], subject: str) -> Check:
    (check,) = [each for each in found if each.subject == subject]
    return check


async def test_without_keys_the_demo_answers(config: Any, http: Http) -> None:
    """Nothing is asked of anybody."""
    (check,) = await house.models(config(), http)
    assert check.outcome is Outcome.OK
    assert "demo/" in check.found


async def test_a_default_model_that_is_not_set_up_has_failed(config: Any, http: Http) -> None:
    """In the registry's own words."""
    check = one(await house.models(config(DEFAULT_MODEL="openai/gpt-4.1"), http), "default model")
    assert check.outcome is Outcome.FAILED
    assert "OPENAI_API_KEY" in check.found


async def test_a_provider_that_does_not_answer_is_a_warning(
    config: Any, http: Http, taken: socket.socket
) -> None:
    """The default model is taken at its word then."""
    port = taken.getsockname()[1]
    taken.close()
    given = config(OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1", DEFAULT_MODEL="openai/llama")
    found = await house.models(given, http)
    assert one(found, "provider openai").outcome is Outcome.WARNING
    assert "OPENAI_BASE_URL" in one(found, "provider openai").fix
    assert one(found, "default model").outcome is Outcome.OK
    ending = await house.models(
        config(OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1", DEFAULT_MODEL="openai/gpt-5"), http
    )
    assert one(ending, "default model").outcome is Outcome.WARNING
    assert "on 11 December; `openai/gpt-6.1-terra` takes its place" in one(ending, "default model").found


async def test_reports_that_differ_from_the_ledger_have_failed(config: Any, tmp_path: Path) -> None:
    """Nothing yet, the same, a difference: each says so, and the difference where it is."""
    given = config(DATABASE_URL=f"sqlite:///{tmp_path}/used.db")
    [nothing] = await house.reports(given)
    store = await Store.open(given.database_url, given.data_dir)
    at = datetime.now(UTC)
    charge = Charge("web:main", "web:main/general", 1, "demo", "", at)
    entry = NewEntry(at, "web:main", "web:main/general", 1, "demo", "quick", cost=5)
    await store.ledger.settle(Settlement(await store.ledger.reserve(charge, 5, "here"), entry))
    await store.close()
    [equal] = await house.reports(given)
    with sqlite3.connect(tmp_path / "used.db") as db:
        db.execute("UPDATE usage_totals SET cost = 6 WHERE dimension = 'model'")
    db.close()
    [different] = await house.reports(given)
    outcomes = [check.outcome for check in (nothing, equal, different)]
    assert outcomes == [Outcome.OK, Outcome.OK, Outcome.FAILED]
    assert "usage_totals by model (web:main" in different.found


async def test_what_was_chosen_on_the_site_is_the_default(config: Any, http: Http) -> None:
    """It comes before what stands in where nobody chose; where it is gone, the page to choose another is named."""
    given = config()
    store = await Store.open(given.database_url, given.data_dir)
    await store.settings.set("installation", "model", "demo/story", None)
    (check,) = await house.models(given, http)
    assert (check.outcome, "demo/story" in check.found) == (Outcome.OK, True)
    assert "chosen for all workspaces" in check.found
    await store.settings.set("installation", "model", "openai/gpt-4.1", None)
    await store.close()
    (gone,) = await house.models(given, http)
    assert (gone.outcome, gone.fix) == (Outcome.FAILED, "choose another on the site, under Defaults")
