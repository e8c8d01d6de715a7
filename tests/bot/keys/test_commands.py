"""``switchboard keys``: what a person types, what is said, and that no key is ever shown."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from storage.audit import AuditRow
from storage.store import Store

SECRET = "hunter22-the-key-of-1234"
KEYS = [base64.b64encode(bytes([number]) * 32).decode() for number in range(3)]
Keys = Callable[..., Result]

pytestmark = pytest.mark.usefixtures("own_logging")


@pytest.fixture
def keys(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keys:
    """`switchboard keys …` with something on the standard input; no key is in what it prints."""
    monkeypatch.chdir(tmp_path)
    base = {"DATABASE_URL": database_url, "SWITCHBOARD_DATA": str(tmp_path / "data")}

    def _keys(*words: str, typed: str = "", **environment: str) -> Result:
        result = CliRunner().invoke(main, ["keys", *words], input=typed, env={**base, **environment})
        for secret in (SECRET, *KEYS, *filter(None, [typed.strip()] if len(typed) > 10 else [])):
            assert secret not in result.output
        return result

    return _keys


async def audited(url: str, folder: Path) -> list[AuditRow]:
    store = await Store.open(url, folder)
    try:
        return await store.audit.latest()
    finally:
        await store.close()


def added(
    keys: Keys, name: str = "Work OpenAI", typed: str = SECRET, *more: str, **environment: str
) -> Result:
    return keys("add", "openai", "--name", name, *more, typed=f"{typed}\n", **environment)


def test_a_key_is_added_listed_and_removed(keys: Keys, database_url: str, tmp_path: Path) -> None:
    """Read from the standard input; the list has its last four characters; all of it is audited."""
    result = added(keys, "Work OpenAI", SECRET, "--scope", "slack:T1/C1", "--base-url", "http://box:1/v1/")
    assert result.exit_code == 0, result.output
    assert "“Work OpenAI”, which ends in 1234, is stored for openai" in result.stdout
    [line] = json.loads(keys("list", "--json").stdout)
    assert {
        name: line[name] for name in ("name", "provider", "scope", "last_four", "base_url", "setting")
    } == {
        "name": "Work OpenAI",
        "provider": "openai",
        "scope": "slack:T1/C1",
        "last_four": "1234",
        "base_url": "http://box:1/v1",
        "setting": None,
    }
    assert (
        "Work OpenAI  openai    slack:T1/C1  …1234    at http://box:1/v1, changed 20" in keys("list").stdout
    )
    removed = keys("remove", "Work OpenAI")
    assert (removed.exit_code, "revoke it at its provider" in removed.stdout) == (0, True)
    assert keys("list").stdout.startswith("There is no key")
    rows = asyncio.run(audited(database_url, tmp_path / "data"))
    assert [row.action for row in rows] == ["remove credential", "add credential"]
    assert all("command line" in f"{row.before}{row.after}" for row in rows)
    assert SECRET not in repr(rows)


def test_keys_of_the_environment_are_listed_as_such(keys: Keys) -> None:
    """And say where a stored one comes before them."""
    given = {"OPENAI_API_KEY": "sk-of-the-environment-9876", "OPENAI_BASE_URL": "http://box:1/v1"}
    [line] = [line for line in keys("list", **given).stdout.splitlines() if line.startswith("OPENAI")]
    assert line.startswith(
        "OPENAI_API_KEY  openai    installation  …9876    from OPENAI_API_KEY, at http://box:1/v1"
    )
    assert "not used" not in line
    assert added(keys).exit_code == 0
    text = keys("list", **given).stdout
    assert "from OPENAI_API_KEY, at http://box:1/v1, not used: “Work OpenAI” comes before it" in text
    assert "sk-of-the-environment" not in text
    [server] = json.loads(keys("list", "--json", OPENAI_BASE_URL="http://box:1/v1").stdout)[1:]
    assert (server["name"], server["last_four"], server["behind"]) == ("OPENAI_BASE_URL", "", "Work OpenAI")


def test_the_last_of_two_at_one_place_is_used(keys: Keys) -> None:
    """The list says so."""
    added(keys, "Old")
    added(keys, "New")
    found = {line["name"]: line["behind"] for line in json.loads(keys("list", "--json").stdout)}
    assert found == {"Old": "New", "New": None}


@pytest.mark.parametrize(
    ("words", "typed", "sentence"),
    [
        (["openai", "--name", "X"], "", "No key came in"),
        (["openai", "--name", "X"], "two words of hunter22", "What came in is no key"),
        (["openai", "--name", " "], SECRET, "--name: 1 to 80"),
        (["openai", "--name", "OPENAI_API_KEY"], SECRET, "not the name of a setting"),
        (["nobody", "--name", "X"], SECRET, "There is no such provider; there are openai"),
        (["demo", "--name", "X"], SECRET, "There is no such provider"),
        (["openai", "--name", "X", "--scope", "slack:T1/C1/1.0"], SECRET, "--scope: installation"),
        (["openai", "--name", "X", "--scope", "everywhere"], SECRET, "--scope: installation"),
        (["openai", "--name", "X", "--scope", "person:Ann"], SECRET, "--scope: installation"),
        (["openai", "--name", "X", "--base-url", "box"], SECRET, "--base-url: found"),
        (["openai", "--name", "X", "--replace"], SECRET, "There is no credential “X”"),
    ],
)
def test_what_cannot_be_added_is_said(keys: Keys, words: list[str], typed: str, sentence: str) -> None:
    """In one sentence, and nothing is stored."""
    result = keys("add", *words, typed=typed)
    assert (result.exit_code, result.stdout) == (1, "")
    assert sentence in result.stderr
    assert keys("list").stdout.startswith("There is no key")


def test_a_key_is_no_argument(keys: Keys) -> None:
    """It is not repeated; the person learns what to do with it now."""
    for words in (["openai", SECRET, "--name", "X"], ["openai", "--name", "X", f"--key={SECRET}"]):
        result = keys("add", *words)
        assert result.exit_code == 2
    assert "the key is never an argument" in keys("add", "openai", SECRET, "--name", "X").stderr


def test_a_name_is_taken_until_it_is_replaced(keys: Keys) -> None:
    """Replacing changes the key and nothing else."""
    added(keys)
    taken = added(keys)
    assert (taken.exit_code, "There is a credential “Work OpenAI” already" in taken.stderr) == (1, True)
    assert added(keys, "Work OpenAI", "hunter22-the-other-5678", "--replace").exit_code == 0
    [line] = json.loads(keys("list", "--json").stdout)
    assert line["last_four"] == "5678"
    moved = added(keys, "Work OpenAI", SECRET, "--replace", "--base-url", "http://box:1")
    assert (moved.exit_code, "leaves the rest" in moved.stderr) == (1, True)


def test_a_server_needs_no_key(keys: Keys) -> None:
    """Where an address is given, nothing on the standard input is an answer."""
    result = keys("add", "openai", "--name", "Box", "--base-url", "http://box:1/v1")
    assert (result.exit_code, "“Box” is stored" in result.stdout) == (0, True)


def test_a_hidden_prompt_asks_where_there_is_a_terminal(database_url: str, tmp_path: Path) -> None:
    """What is typed does not appear on the terminal."""
    given = {"DATABASE_URL": database_url, "SWITCHBOARD_DATA": str(tmp_path / "data")}
    environment = {**os.environ, **given, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "bot", "keys", "add", "openai", "--name", "Work"]
    leader, follower = pty.openpty()
    asking = subprocess.Popen(
        command,
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=tmp_path,
        start_new_session=True,
    )
    try:
        assert asking.stderr is not None
        prompt = asking.stderr.read(len("Key (it is not shown): "))
        assert prompt == b"Key (it is not shown): "
        os.write(leader, f"{SECRET}\n".encode())
        out, err = asking.communicate(timeout=60)
        os.set_blocking(leader, False)
        with suppress(BlockingIOError):
            err += os.read(leader, 1000)
    finally:
        asking.kill()
        asking.wait()
        os.close(leader)
        os.close(follower)
    assert asking.returncode == 0, err
    assert b"which ends in 1234" in out
    assert SECRET.encode() not in out + err


def test_rotation_says_what_it_did(keys: Keys, tmp_path: Path) -> None:
    """With a key file: a new key; with nothing stored: nothing to do."""
    assert "nothing to rotate" in keys("rotate").stdout
    added(keys)
    before = (tmp_path / "data" / "secret.key").read_text().strip()
    result = keys("rotate")
    after = (tmp_path / "data" / "secret.key").read_text().strip()
    assert (result.exit_code, "A new key is made: 1 secrets" in result.stdout) == (0, True)
    assert before != after
    assert before not in result.output
    assert after not in result.output
    assert "All stored keys open: 1." in keys("check").stdout


def test_rotation_with_keys_of_the_environment(keys: Keys) -> None:
    """Switchboard cannot make one there, and says what to do."""
    old, both = {"SWITCHBOARD_SECRET_KEY": KEYS[0]}, {"SWITCHBOARD_SECRET_KEY": f"{KEYS[1]}, {KEYS[0]}"}
    added(keys, **old)
    assert "put one in front of it" in keys("rotate", **old).stdout
    assert "1 secrets are under its first key now" in keys("rotate", **both).stdout
    assert keys("check", SWITCHBOARD_SECRET_KEY=KEYS[1]).exit_code == 0


def test_a_lost_key_is_said_by_name(keys: Keys, tmp_path: Path) -> None:
    """Which stored key waits for which secret key; removing it needs none."""
    added(keys)
    (tmp_path / "data" / "secret.key").unlink()
    for words in (("check",), ("rotate",)):
        result = keys(*words)
        assert result.exit_code == 1
        assert "it was last in" in result.stderr
    assert "“Work OpenAI”: Stored secrets need the secret key" in keys("check").stderr
    assert added(keys, "Another").exit_code == 1
    assert keys("remove", "Work OpenAI").exit_code == 0
    assert "No key is stored." in keys("check").stdout
    assert added(keys, "Another").exit_code == 0


def test_a_key_file_beside_a_shared_database_is_warned_of(keys: Keys, database_url: str) -> None:
    """With PostgreSQL; not where the environment has the key."""
    shared = database_url.startswith("postgres")
    assert ("another machine cannot open them" in added(keys).stderr) is shared
    assert keys("rotate", SWITCHBOARD_SECRET_KEY=KEYS[0]).exit_code == 0
    assert keys("check", SWITCHBOARD_SECRET_KEY=KEYS[0]).stderr == ""


@pytest.mark.parametrize("level", ["info", "debug"])
def test_an_error_that_holds_a_key_does_not_show_it(
    keys: Keys, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    """Neither the sentence nor the traceback, although the key came in only while it ran."""

    async def fail(*_: object) -> None:
        raise RuntimeError(f"could not write {SECRET}")

    monkeypatch.setattr("storage.credentials._insert", fail)
    result = added(keys, LOG_LEVEL=level)
    assert result.exit_code == 1
    assert ("could not write [secret]" in result.stderr) is (level == "debug")
