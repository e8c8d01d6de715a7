"""The doctor as a whole: the report for people and for programs, its exit code, and that no secret is in it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.config import load
from bot.core.check import Check, Outcome, failed, ok, warning
from bot.doctor import house
from bot.doctor.examine import examine
from bot.doctor.report import as_json, as_text, healthy
from tests.fakes.slack.server import FakeSlack

SECRETS = ("xoxb-hunter22-bot", "xapp-hunter22-app", "hunter22-signing", "hunter22-key")

pytestmark = pytest.mark.usefixtures("own_logging")


def asked(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *words], env={"PORT": "0", **environment})


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWITCHBOARD_DATA", str(tmp_path / "data"))


def test_a_fresh_installation_is_well() -> None:
    """Exit code 0, a line for each thing, no colours where no terminal is."""
    result = asked()
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("All is well.\n")
    assert "\x1b" not in result.stdout
    assert result.stderr == ""
    for subject in ("database", "data folder", "secret key", "clock", "port", "default model"):
        assert f"ok       {subject}: " in result.stdout


def test_programs_get_json() -> None:
    """With the same checks."""
    result = asked("--json", DEFAULT_MODEL="openai/gpt-4.1")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["ok"]) == (1, False)
    (check,) = [check for check in told["checks"] if check["outcome"] == "failed"]
    assert (check["subject"], check["fix"]) == ("default model", "DEFAULT_MODEL names another")


def test_a_dead_slack_is_exit_code_1_and_no_secret_shows() -> None:
    """Nothing listens at its address; what was set is in no line."""
    bot, app, signing, key = SECRETS
    given = {"SLACK_BOT_TOKEN": bot, "SLACK_APP_TOKEN": app, "SLACK_SIGNING_SECRET": signing}
    address = {"SLACK_API_URL": "http://127.0.0.1:9/api/", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    for words in ((), ("--json",)):
        result = asked(*words, **given, **address, OPENAI_API_KEY=key)
        assert result.exit_code == 1
        assert "127.0.0.1:9 cannot be reached" in result.stdout
        assert "hunter22" not in result.output


def test_a_wrong_setting_is_exit_code_2() -> None:
    """As everywhere."""
    result = asked(SLACK_BOT_TOKEN="xapp-hunter22")
    assert result.exit_code == 2
    assert result.stderr.startswith("SLACK_BOT_TOKEN: found an app token (xapp-)")


async def test_slack_is_looked_at_where_it_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its checks stand at the end."""
    async with FakeSlack() as slack:
        given = {"SLACK_BOT_TOKEN": slack.bot.token, "SLACK_APP_TOKEN": slack.app.app_token, "PORT": "0"}
        for name, value in {**given, "SLACK_API_URL": slack.api_url}.items():
            monkeypatch.setenv(name, value)
        found = await examine(load(env_file=None))
    assert healthy(found)
    assert found[-1].subject == "Slack, commands"


async def test_a_look_that_hangs_or_breaks_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each becomes a line."""

    async def hang(*_: object) -> list[Check]:
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    async def broken(*_: object) -> list[Check]:
        raise KeyError("hunter22")

    monkeypatch.setattr(house, "port", hang)
    monkeypatch.setattr(house, "models", broken)
    monkeypatch.setenv("PORT", "0")
    found = {check.subject: check for check in await examine(load(env_file=None), patience=0.2)}
    assert found["port"].found == "no answer within 0.2 seconds."
    assert found["models"].found == "the look at it broke: KeyError."
    assert found["database"].outcome is Outcome.OK


@pytest.mark.parametrize(
    ("checks", "last"),
    [
        ([ok("a", "it works.")], "All is well."),
        ([ok("a", "it works."), warning("b", "slow.", "wait")], "Nothing failed, 1 to look at."),
        ([failed("c", "gone.", "bring it back"), warning("b", "slow.", "wait")], "1 failed, 1 to look at."),
    ],
)
def test_the_last_line_is_the_sum(checks: list[Check], last: str) -> None:
    """Each fix stands beneath what it is for."""
    lines = as_text(checks).splitlines()
    assert lines[-1] == last
    assert len(lines) == len(checks) + sum(bool(check.fix) for check in checks) + 1
    assert json.loads(as_json(checks))["ok"] is not any(check.outcome is Outcome.FAILED for check in checks)
