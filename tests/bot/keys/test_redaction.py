"""No stored secret shows itself anywhere: also one that came in while Switchboard ran."""

from __future__ import annotations

import io
import logging
import pickle
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.calls.call import Caller
from bot.config import load
from bot.core.errors import ProviderError
from bot.doctor.examine import examine
from bot.doctor.report import as_json, as_text
from bot.logs import Redactor, redactor, setup
from bot.metrics import Metrics
from bot.net.http import Http
from bot.oneshot import explain
from bot.providers.catalog import CATALOG
from bot.providers.registry import Registry
from storage.credentials import NewCredential
from storage.keyfile import KeyFile
from storage.store import Store
from tests.bot.calls.conftest import LUNA, PLACE, Scene
from tests.bot.test_logs import WAYS
from tests.fakes.provider import ProviderServer

pytestmark = pytest.mark.usefixtures("own_logging")

SECRET = "hunter22 no pattern knows this/one"  # looks like nothing that is recognised by its form


@dataclass(frozen=True, slots=True)
class Running:
    """A program with a log, a store and a registry, whose redactor was told nothing at its start."""

    scene: Scene
    log: io.StringIO
    key_spellings: tuple[str, ...]


@pytest.fixture
async def running(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    log = io.StringIO()
    setup("debug", Redactor(), "text", log)
    store = await Store.open(database_url, tmp_path / "data", learn=redactor().add)
    try:
        async with ProviderServer() as server, Http() as http:
            registry = Registry(CATALOG, {}, http)
            new = NewCredential("openai", "Work", SECRET, base_url=server.url)
            await store.credentials.add(new)
            (key,) = KeyFile(tmp_path / "data" / "secret.key").read()
            scene = Scene(store, registry, Caller(store, registry, "p1"), server)
            yield Running(scene, log, key.spellings())
    finally:
        await store.close()


def secrets(running: Running) -> tuple[str, ...]:
    return (SECRET, *running.key_spellings)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("way", WAYS)
async def test_a_key_entered_while_running_stays_out_of_the_log(running: Running, way: str) -> None:
    """By every way a log may be told of it; the secret key too."""
    setup("debug", redactor(), "text", running.log)  # pytest's own handlers raise what ours survive
    for secret in secrets(running):
        WAYS[way](secret)
    assert running.log.getvalue()
    for secret in secrets(running):
        assert secret not in running.log.getvalue()


async def test_a_key_opened_by_another_process_stays_out_of_its_log(
    running: Running, database_url: str, tmp_path: Path
) -> None:
    """It learns a key in the moment in which it opens it, before it can fail over it."""
    log = io.StringIO()
    setup("debug", Redactor(), "json", log)
    other = await Store.open(database_url, tmp_path / "data", learn=redactor().add)
    try:
        await Caller(other, running.scene.registry, "p2").keys.applying("openai", PLACE, 1)
    finally:
        await other.close()
    for secret in secrets(running):
        logging.getLogger("bot").error("sent %s", secret)
        assert secret not in log.getvalue()


async def test_a_provider_that_repeats_the_key_shows_it_to_nobody(running: Running) -> None:
    """Neither in what people read nor in the log; nor does the ledger keep it."""
    error: ProviderError = await running.scene.failure(running.scene.order(LUNA))
    logging.getLogger("bot").error("failed", exc_info=error)
    entries = await running.scene.entries()
    for secret in secrets(running):
        for shown in (error.say, str(error), repr(error), running.log.getvalue(), repr(entries)):
            assert secret not in shown


@pytest.mark.parametrize("level", ["info", "debug"])
async def test_the_last_words_of_the_program_are_clean(
    running: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    """The sentence and the traceback that a person sees on the terminal."""
    monkeypatch.setenv("LOG_LEVEL", level)
    for secret in secrets(running):
        error = RuntimeError(f"could not use {secret}")
        error.say = f"The key {secret} is wrong."  # type: ignore[attr-defined]
        explain(error, load(env_file=None))
    shown = capsys.readouterr().err
    assert "[secret]" in shown
    for secret in secrets(running):
        assert secret not in shown


async def test_nothing_that_holds_a_key_shows_it(running: Running) -> None:
    """Every object on the way of a call, as a developer or a debugger prints it."""
    scene = running.scene
    opened = await scene.caller.keys.applying("openai", PLACE, 1)
    assert opened is not None
    provider = scene.registry.provider(LUNA, credentials=opened)
    seen: list[Any] = [opened, opened.api_key, provider, scene.registry, scene.caller.keys, scene.store.vault]
    seen += [scene.store.credentials, await scene.store.credentials.all(), scene.store.vault._ring]  # noqa: SLF001
    seen += list(scene.store.vault._ring)  # noqa: SLF001 - the keys themselves
    ways: tuple[Callable[[Any], str], ...] = (repr, str, "{}".format)
    for secret in secrets(running):
        assert all(secret not in way(one) for one in seen for way in ways)
    with pytest.raises(TypeError):
        pickle.dumps(opened)


async def test_the_doctor_does_not_show_a_stored_key(
    running: Running, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although it asks the provider with it, and the provider refuses."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SWITCHBOARD_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PORT", "0")
    checks = await examine(load(env_file=None))
    found = [check for check in checks if check.subject == "provider openai"]
    assert [check.outcome for check in found] == ["warning"]
    text = redactor().clean(as_text(checks) + as_json(checks))
    for secret in secrets(running):
        assert secret not in as_text(checks) + as_json(checks) + text


async def test_figures_for_prometheus_know_no_key(running: Running) -> None:
    """They are counted by names of ours; what a metric could be given is a name, and names hold no secret."""
    engine: Any = SimpleNamespace(outcomes={"failed": 1}, growing=0)
    delivery: Any = SimpleNamespace(refusals={"web": 1})
    await running.scene.failure(running.scene.order(LUNA))
    text = Metrics(engine, delivery).text().decode()
    assert "switchboard_replies_total" in text
    for secret in secrets(running):
        assert secret not in text
