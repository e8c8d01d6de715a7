"""``switchboard providers`` and ``switchboard models``: what a person types, and what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main

Typed = Callable[..., Result]

pytestmark = pytest.mark.usefixtures("own_logging")


@pytest.fixture
def typed(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """`switchboard …` with a key of OpenAI's in the environment."""
    monkeypatch.chdir(tmp_path)
    base = {"DATABASE_URL": database_url, "SWITCHBOARD_DATA": str(tmp_path / "data")}
    key = {"OPENAI_API_KEY": "sk-of-the-environment"}

    def _typed(*words: str, stdin: str = "") -> Result:
        return CliRunner().invoke(main, words, input=stdin, env={**base, **key})

    return _typed


def said(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_models_are_searched(typed: Typed) -> None:
    """For people as a table, for programs as objects with decimal strings; a wrong filter is a sentence."""
    [luna] = said(typed("models", "--json", "luna", "vision"))
    assert (luna["id"], luna["window"], luna["prices"]["input"]) == ("openai/gpt-6-luna", 922_000, "0.1")
    assert luna["sources"]["rates"]["name"].startswith("genai-prices")
    assert {each["id"] for each in said(typed("models", "provider:demo", "--json"))} == {
        *("demo/quick", "demo/thorough", "demo/story"),
    }
    table = typed("models", "window>=100k price<1").stdout.splitlines()
    assert table[0].split() == ["MODEL", "READS", "PRICE", "CAN"]
    assert table[1].startswith(
        "openai/gpt-6-luna  922k tokens  $0.10 in, $0.50 out per million  images, tools"
    )
    assert "No model fits" in typed("models", "nonesuch").stdout
    wrong = typed("models", "price>5")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "“price>5” is no filter" in wrong.stderr


def test_providers_are_listed(typed: Typed) -> None:
    """Those that are set up first, with the key that everybody uses."""
    found = {each["id"]: each for each in said(typed("providers", "--json"))}
    assert (found["openai"]["configured"], found["openai"]["credential"]) == (True, "OPENAI_API_KEY")
    assert (found["groq"]["configured"], found["groq"]["models"]) == (False, 0)
    assert "sk-of-the-environment" not in json.dumps(found)
    assert "by “OPENAI_API_KEY”" in typed("providers").stdout.splitlines()[1]


def test_a_provider_is_entered_gets_a_key_and_goes(typed: Typed) -> None:
    """Its name makes its id; it is a provider like any other, for `keys add` too."""
    refused = typed("providers", "add", "Team vLLM", "http://127.0.0.1:9/v1")
    assert (refused.exit_code, "--allow" in refused.stderr) == (1, True)
    made = typed("providers", "add", "Team vLLM", "http://127.0.0.1:9/v1/", "--allow")
    assert "`switchboard keys add team-vllm --name NAME`" in made.stdout
    assert typed("keys", "add", "team-vllm", "--name", "Ours", stdin="sk-hunter22-1234\n").exit_code == 0
    [team] = [each for each in said(typed("providers", "--json")) if each["entered"]]
    assert (team["id"], team["name"], team["configured"], team["credential"], team["base_url"]) == (
        *("team-vllm", "Team vLLM", True, "Ours", "http://127.0.0.1:9/v1"),
    )
    assert "already" in typed("providers", "add", "Team vLLM", "http://127.0.0.1:9/v1").stderr
    gone = typed("providers", "remove", "team-vllm")
    assert "Its keys are wiped: Ours" in gone.stdout
    assert "No provider “team-vllm”" in typed("providers", "remove", "team-vllm").stderr


def test_a_model_is_entered_and_taken_back(typed: Typed) -> None:
    """With all that is known of it; entered again it is changed."""
    told = ("--window", "128k", "--price-in", "$2.50", "--price-out", "10", "--price-cached", "0.25")
    more = ("--can", "images", "--can", "tools", "--retires", "2030-01-31", "--successor", "openai/gpt-4.1")
    assert typed("models", "add", "openai/ft:mine", *told, *more).exit_code == 0
    [mine] = said(typed("models", "--json", "ft:mine"))
    assert (mine["window"], mine["prices"], mine["retires_at"], mine["successor"]) == (
        128_000,
        {"input": "2.5", "cached": "0.25", "output": "10"},
        "2030-01-31",
        "openai/gpt-4.1",
    )
    assert "entered here" in typed("models", "ft:mine").stdout
    assert typed("models", "add", "openai/ft:mine", "--window", "64k").exit_code == 0
    [mine] = said(typed("models", "--json", "ft:mine"))
    assert (mine["window"], mine["prices"]) == (64_000, None)
    assert typed("models", "remove", "openai/ft:mine").exit_code == 0
    assert said(typed("models", "--json", "ft:mine")) == []
    assert "Nothing was entered" in typed("models", "remove", "openai/ft:mine").stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("models", "add", "mine"), "write PROVIDER/MODEL"),
        (("models", "add", "nowhere/x"), "There is no provider “nowhere”"),
        (("models", "add", "openai/x", "--window", "lots"), "--window: “lots” is no number of tokens"),
        (("models", "add", "openai/x", "--price-in", "1"), "both --price-in and --price-out"),
        (("models", "add", "openai/x", "--price-in=-1", "--price-out=1"), "--price-in: “-1” is no amount"),
        (("models", "add", "openai/x", "--can", "fly"), "--can: “fly” is none of images"),
        (("models", "add", "openai/x", "--retires", "soon"), "--retires: “soon” is no day"),
        (("providers", "add", "OpenAI", "https://x.example/v1"), "knows already; --id"),
        (("providers", "add", "…", "https://x.example/v1"), "--id: 1 to 40 of a-z"),
        (("providers", "add", " ", "https://x.example/v1"), "NAME: 1 to 80 characters"),
        (("providers", "add", "X", "ftp://x.example"), "URL: found an address that does not begin"),
        (("keys", "add", "nowhere", "--name", "N"), "There is no such provider"),
    ],
)
def test_what_is_wrong_is_a_sentence(typed: Typed, words: tuple[str, ...], sentence: str) -> None:
    """Nothing is entered."""
    result = typed(*words)
    assert (result.exit_code, sentence in result.stderr) == (1, True), result.output
    assert "Traceback" not in result.stderr
