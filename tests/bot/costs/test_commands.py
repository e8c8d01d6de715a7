"""``switchboard price`` and ``prices``: what a person types, and what is said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from storage.audit import AuditRow
from storage.store import Store

Say = Callable[..., Result]
READ = ("--input", "15000", "--output", "0")

pytestmark = pytest.mark.usefixtures("own_logging")


def saying(url: str, folder: Path) -> Say:
    """`switchboard …` with a database."""
    base = {"DATABASE_URL": url, "SWITCHBOARD_DATA": str(folder / "data")}
    return lambda *words: CliRunner().invoke(main, words, env=base)


@pytest.fixture
def say(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """With a database that may have something in it."""
    monkeypatch.chdir(tmp_path)
    return saying(database_url, tmp_path)


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Where nothing was ever started."""
    monkeypatch.chdir(tmp_path)
    return saying(f"sqlite:///{tmp_path}/none.db", tmp_path)


def read(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_price_for_programs(ask: Say, tmp_path: Path) -> None:
    """Exact dollars as text, by whose word and of when; null where nobody knows; and no file is made."""
    found = read(ask("price", "openai/gpt-4.1", *READ, "--json"))
    assert (found["usd"], found["source"].split()[0]) == ("0.03", "genai-prices")
    assert found["as_of"].startswith("20")
    half = read(ask("price", "gpt-4.1", *READ, "--cached", "10000", "--json"))
    assert (half["model"], half["usd"]) == ("openai/gpt-4.1", "0.015")
    unknown = read(ask("price", "openai/nothing-known", *READ, "--json"))
    assert (unknown["usd"], unknown["source"], unknown["as_of"]) == (None, "unknown", None)
    assert read(ask("price", "ollama/llama3.3", *READ, "--json"))["usd"] == "0"
    peak = ("deepseek/deepseek-v4-pro", *READ, "--json", "--at")
    usd = [
        read(ask("price", *peak, at))["usd"] for at in ("2026-11-20T02:00", "2026-11-20", "2026-11-21T02:00Z")
    ]
    assert usd == ["0.0198", "0.0099", "0.0099"]
    assert not list(tmp_path.iterdir())


def test_a_price_is_set_listed_used_and_taken_back(say: Say, database_url: str, tmp_path: Path) -> None:
    """It comes before the price list from its day on, and who set it is audited."""
    done = say(
        "prices", "set", "openai/gpt-4.1", "--input", "$1.60", "--output", "6,40", "--note", "contract"
    )
    assert done.stdout == "openai/gpt-4.1 costs $1.6 in, $6.4 out per million from the next call on.\n"
    later = (
        "--input",
        "1",
        "--output",
        "4",
        "--cached",
        "0.25",
        "--per-request",
        "0.01",
        "--from",
        "2099-01-01",
    )
    assert "from 2099-01-01 00:00 UTC on" in say("prices", "set", "openai/gpt-4.1", *later).stdout
    lines = read(say("prices", "list", "--json"))
    assert [(line["state"], line["input"], line["note"]) for line in lines] == [
        ("later", "1", ""),
        ("in force", "1.6", "contract"),
    ]
    assert "$0.25 cached per million, $0.01 per request, from 2099-01-01" in say("prices", "list").stdout
    assert "openai/gpt-4.1: $0.024 (override 20" in say("price", "openai/gpt-4.1", *READ).stdout
    then = read(say("price", "openai/gpt-4.1", *READ, "--at", "2099-01-01", "--json"))
    assert (then["usd"], then["source"]) == ("0.025", "override 2099-01-01")
    before = read(say("price", "openai/gpt-4.1", *READ, "--at", "2026-01-01", "--json"))
    assert before["usd"] == "0.03"
    assert "costs $1.6 in" in say("prices", "unset", "openai/gpt-4.1", "--from", "2099-01-01").stdout
    gone = say("prices", "unset", "openai/GPT-4.1")
    assert "Taken back: one price that was set for openai/GPT-4.1" in gone.stdout
    assert "it costs $2 in, $8 out per million (genai-prices" in gone.stdout
    assert say("prices", "list").stdout.startswith("No price was set")
    again = say("prices", "unset", "openai/gpt-4.1")
    assert (again.exit_code, "No price of openai/gpt-4.1 was set;" in again.stderr) == (1, True)
    rows = asyncio.run(audited(database_url, tmp_path / "data"))
    assert [row.action for row in rows] == ["remove price"] * 2 + ["set price"] * 2
    assert all("command line" in f"{row.before}{row.after}" for row in rows)


async def audited(url: str, folder: Path) -> list[AuditRow]:
    store = await Store.open(url, folder)
    try:
        return await store.audit.latest()
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["price", "openai/gpt-4.1", *READ, "--cached", "15001"],
            "--cached: from 0 to what --input says (15000)",
        ),
        (["price", "openai/gpt-4.1", "--input", "-1", "--output", "0"], "--input: a number of tokens"),
        (
            ["price", "openai/gpt-4.1", *READ, "--at", "tomorrow"],
            "--at: “tomorrow” is no date; write 2026-12-01",
        ),
        (["price", "some-model", *READ], "“some-model” is no full name of a model"),
        (["price", "gpt-5.5", *READ], "like `openai/gpt-5.5` or `azure/gpt-5.5`"),
        (
            ["prices", "set", "nobody/x", "--input", "1", "--output", "1"],
            "There is no provider “nobody”; there",
        ),
        (["prices", "set", "x", "--input", "1", "--output", "1"], "“x” is no full name of a model"),
        (["prices", "set", "openai/x", "--input", "lots", "--output", "1"], "--input: “lots” is no amount"),
        (["prices", "set", "openai/x", "--input", "1", "--output", "-1"], "--output: “-1” is no amount"),
        (
            ["prices", "set", "openai/x", "--input", "1", "--output", "1", "--from", "soon"],
            "--from: “soon” is no",
        ),
        (
            ["prices", "unset", "openai/x", "--from", "2099-01-01"],
            "No price of openai/x was set from 2099-01-01",
        ),
    ],
)
def test_what_cannot_be_used_is_said(ask: Say, words: list[str], sentence: str) -> None:
    """In one sentence, with the form that it should have."""
    result = ask(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
