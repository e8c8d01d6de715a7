"""The settings of Slack: which apps and workspaces they name, and what is refused in which words."""

import re

import pytest

from bot.adapters.slack.settings import Agent, App, SlackSettings, Streaming
from bot.config import Config, SettingError, load


def read(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Config:
    for name, value in environment.items():
        monkeypatch.setenv(f"SLACK_{name}", value)
    return load(env_file=None)


def slack(monkeypatch: pytest.MonkeyPatch, **environment: str) -> SlackSettings:
    found = read(monkeypatch, **environment).slack
    assert found is not None
    return found


def test_without_a_token_there_is_no_slack(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other settings alone connect nothing."""
    assert read(monkeypatch, STREAMING="off", COMMAND_PREFIX="sb-").slack.apps == ()


def test_one_app_needs_two_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything else is the adapter's own default."""
    found = slack(monkeypatch, BOT_TOKEN=" xoxb-1 ", APP_TOKEN="xapp-1")
    assert found == SlackSettings((App(("xoxb-1",), "xapp-1"),))


def test_every_setting_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under its name, in the form that the adapter takes."""
    found = slack(
        monkeypatch,
        BOT_TOKEN="xoxb-1",
        APP_TOKEN="xapp-1",
        SIGNING_SECRET="0a1b",
        API_URL="http://127.0.0.1:9/api",
        COMMAND_PREFIX="sb-",
        STREAMING="EVERYWHERE",
        AGENT="off",
        BOTS="B012, A034,",
        UPDATES_PER_MINUTE="30",
        STREAM_BYTES="8000",
        STREAM_SECONDS="60",
    )
    assert found == SlackSettings(
        (App(("xoxb-1",), "xapp-1", "0a1b"),),
        api_url="http://127.0.0.1:9/api/",
        prefix="sb-",
        streaming=Streaming.EVERYWHERE,
        agent=Agent.OFF,
        bots=frozenset({"B012", "A034"}),
        updates_per_minute=30,
        stream_bytes=8000,
        stream_seconds=60,
    )


def test_one_app_in_several_workspaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last app token serves every bot token that follows."""
    found = slack(monkeypatch, BOT_TOKEN="xoxb-1,xoxb-2, xoxb-3", APP_TOKEN="xapp-1,xapp-2")
    assert found.apps == (App(("xoxb-1",), "xapp-1"), App(("xoxb-2", "xoxb-3"), "xapp-2"))


def test_apps_that_slack_posts_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signing secret stands in the place of the app token."""
    found = slack(monkeypatch, BOT_TOKEN="xoxb-1,xoxb-2", SIGNING_SECRET="aa,bb")
    assert found.apps == (App(("xoxb-1",), "", "aa"), App(("xoxb-2",), "", "bb"))


def test_no_secret_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens and signing secrets are known to the redactor and in no repr."""
    given = {"BOT_TOKEN": "xoxb-111,xoxb-222", "APP_TOKEN": "xapp-333", "SIGNING_SECRET": "deadbeef"}
    config = read(monkeypatch, **given)
    secrets = {"xoxb-111", "xoxb-222", "xapp-333", "deadbeef"}
    assert set(config.secrets()) == secrets
    assert not [secret for secret in secrets if secret in repr(config)]


@pytest.mark.parametrize(
    ("given", "name", "words"),
    [
        ({"BOT_TOKEN": "xoxb-hush"}, "BOT_TOKEN", "SLACK_APP_TOKEN beside it (Socket Mode"),
        ({"BOT_TOKEN": "xoxb-hush"}, "BOT_TOKEN", "or SLACK_SIGNING_SECRET (Slack posts to PUBLIC_URL)"),
        ({"APP_TOKEN": "xapp-hush"}, "APP_TOKEN", "without SLACK_BOT_TOKEN"),
        ({"SIGNING_SECRET": "hush"}, "SIGNING_SECRET", "without SLACK_BOT_TOKEN"),
        ({"BOT_TOKEN": "xapp-hush"}, "BOT_TOKEN", "an app token (xapp-), which belongs in SLACK_APP_TOKEN"),
        ({"APP_TOKEN": "xoxb-hush"}, "APP_TOKEN", "a bot token (xoxb-), which belongs in SLACK_BOT_TOKEN"),
        ({"SIGNING_SECRET": "xoxb-hush"}, "SIGNING_SECRET", "belongs in SLACK_BOT_TOKEN"),
        ({"SIGNING_SECRET": "hush hush"}, "SIGNING_SECRET", "a space"),
        ({"BOT_TOKEN": "xoxp-hush"}, "BOT_TOKEN", "a person's token"),
        ({"BOT_TOKEN": "xoxe.xoxb-hush"}, "BOT_TOKEN", "a token that rotates"),
        ({"BOT_TOKEN": "hush"}, "BOT_TOKEN", "does not begin xoxb-"),
        ({"BOT_TOKEN": "xoxb-"}, "BOT_TOKEN", "nothing at all"),
        ({"BOT_TOKEN": "xoxb-hush "}, "BOT_TOKEN", "alone"),
        ({"BOT_TOKEN": "xoxb-hush,"}, "BOT_TOKEN", "nothing beside a comma"),
        ({"BOT_TOKEN": "xoxb-hush,xoxb-hush"}, "BOT_TOKEN", "the same token twice"),
        ({"BOT_TOKEN": "xoxb-1", "APP_TOKEN": "xapp-hush,xapp-2"}, "APP_TOKEN", "2 for 1 in SLACK_BOT_TOKEN"),
        (
            {"BOT_TOKEN": "xoxb-1,xoxb-2", "APP_TOKEN": "xapp-1", "SIGNING_SECRET": "hush,bb"},
            "SIGNING_SECRET",
            "2 for 1 in SLACK_APP_TOKEN",
        ),
        ({"API_URL": "slack.com/api"}, "API_URL", "http://"),
        ({"COMMAND_PREFIX": "/SB"}, "COMMAND_PREFIX", '"/SB"'),
        ({"STREAMING": "always"}, "STREAMING", '"always", expected dm, everywhere or off'),
        ({"AGENT": "perhaps"}, "AGENT", "auto, on or off"),
        ({"BOTS": "helper"}, "BOTS", '"helper"'),
        ({"UPDATES_PER_MINUTE": "0"}, "UPDATES_PER_MINUTE", "1 to 1000"),
        ({"STREAM_BYTES": "20000"}, "STREAM_BYTES", "12000"),
        ({"STREAM_SECONDS": "1"}, "STREAM_SECONDS", "10 to 3600"),
    ],
)
def test_a_wrong_setting_is_one_line(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], name: str, words: str
) -> None:
    """It names itself and what to do, and never shows a secret."""
    with pytest.raises(SettingError) as caught:
        read(monkeypatch, **given)
    line = caught.value.say
    assert line.startswith(f"SLACK_{name}: found ")
    assert words in line
    assert line.endswith(f"See SLACK_{name} in .env.example.")
    assert not re.search("hush|\n", line)
