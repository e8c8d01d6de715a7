"""``switchboard webhooks``: what a person types, and what is said."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from tests.fakes.receiver import Receiver

Say = Callable[..., Result]

pytestmark = pytest.mark.usefixtures("own_logging")


@pytest.fixture
def say(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """`switchboard webhooks …` with a database."""
    monkeypatch.chdir(tmp_path)
    base = {"DATABASE_URL": database_url, "SWITCHBOARD_DATA": str(tmp_path / "data")}
    return lambda *words: CliRunner().invoke(main, ["webhooks", *words], env=base)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """One that runs in a thread of its own, for the command has a loop of its own too."""
    loop, receiver = asyncio.new_event_loop(), Receiver()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(receiver.__aenter__(), loop).result(20)
    yield receiver
    asyncio.run_coroutine_threadsafe(receiver.__aexit__(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)
    loop.close()


def test_a_webhook_is_entered_tried_and_removed(say: Say, receiver: Receiver) -> None:
    """Its secret is shown once; with it the receiver believes the test; a private address has to be allowed."""
    assert "There are no webhooks" in say("list").output
    refused = say("add", "ops", receiver.url)
    assert (refused.exit_code, "With --allow" in refused.output) == (1, True)
    added = say("add", "ops", receiver.url, "--allow", "--kinds", "budget,key")
    assert added.exit_code == 0, added.output
    receiver.secret = added.output.split("this once: ")[1].split()[0]
    tried = say("test", "OPS")
    assert (tried.exit_code, tried.output) == (0, "ops answered 204.\n")
    assert receiver.told[0]["event"] == "test"
    receiver.answers = [500]
    assert say("test", "ops").exit_code == 1
    [shown] = json.loads(say("list", "--json").stdout)
    assert (shown["name"], shown["kinds"]) == ("ops", ["budget", "key"])
    assert (shown["last"]["kind"], shown["last"]["said"]) == ("test", "answered 500")
    assert receiver.secret not in say("list").output
    failed, sent = say("log", "ops").output.splitlines()
    assert failed.endswith("test  failed after 1: answered 500")
    assert sent.endswith("test  sent after 1: answered 204")
    assert "wiped" in say("remove", "ops").output
    assert say("remove", "ops").exit_code == 1
    assert not receiver.mistakes


def test_a_webhook_is_changed(say: Say, receiver: Receiver) -> None:
    """Its secret stays; the leave to be on this network goes with the address that it was given for."""
    added = say("add", "ops", "https://192.0.2.1/", "--allow", "--kinds", "budget")
    receiver.secret = added.output.split("this once: ")[1].split()[0]
    refused = say("change", "ops", "--url", receiver.url)
    assert (refused.exit_code, "With --allow" in refused.output) == (1, True)
    changed = say("change", "OPS", "--url", receiver.url, "--allow")
    assert changed.output == f"ops is told of budget at {receiver.url}.\n"
    assert say("test", "ops").exit_code == 0
    assert say("change", "ops", "--kinds", "all").output == f"ops is told of every alert at {receiver.url}.\n"
    [shown] = json.loads(say("list", "--json").stdout)
    assert (shown["url"], shown["private"], "key" in shown["kinds"]) == (receiver.url, True, True)
    assert not receiver.mistakes


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "ops", "ftp://a.test/"), "URL: http://"),
        (("add", "ops", "https://u:p@a.test/"), "without a password"),
        (("add", "ops", "https://[a/"), "URL: http://"),
        (("add", " ", "https://a.test/"), "NAME: up to 60"),
        (("add", "ops", "https://a.test/", "--kinds", "weather"), "not weather"),
        (("test", "ops"), "no webhook called “ops”"),
        (("change", "ops", "--kinds", "key"), "no webhook called “ops”"),
    ],
)
def test_what_makes_no_sense_is_said(say: Say, words: tuple[str, ...], says: str) -> None:
    """In a sentence, and nothing is entered."""
    result = say(*words)
    assert result.exit_code == 1
    assert says in result.output
