"""The settings of Discord: which bots they name, and what is refused in which words."""

import pytest

from bot.adapters.discord.settings import Answers, DiscordSettings
from bot.config import Config, SettingError, load

ONE, OTHER = "MTk4NjIyNDgzNDcx.Cl2FMQ.hush-_hushhush", "MjA4NjIyNDgzNDcx.Gx1aBc.hushhush"


def read(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Config:
    for name, value in environment.items():
        monkeypatch.setenv(f"DISCORD_{name}", value)
    return load(env_file=None)


def test_without_a_token_there_is_no_discord(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other settings alone connect nothing."""
    assert read(monkeypatch, ANSWERS="reply", BACK_FILL="5").discord.tokens == ()


def test_a_bot_needs_one_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything else is the adapter's own default."""
    assert read(monkeypatch, BOT_TOKEN=f" {ONE} ").discord == DiscordSettings((ONE,))


def test_every_setting_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under its name, in the form that the adapter takes."""
    found = read(
        monkeypatch,
        BOT_TOKEN=f"{ONE}, {OTHER}",
        API_URL="http://127.0.0.1:9/api/v10/",
        GATEWAY_URL="ws://127.0.0.1:9/gw/",
        CDN_URL="http://127.0.0.1:9/cdn",
        ANSWERS="Reply",
        BOTS="198622483471925248, 208622483471925248,",
        BACK_FILL="7",
    ).discord
    assert found == DiscordSettings(
        (ONE, OTHER),
        api_url="http://127.0.0.1:9/api/v10",
        gateway_url="ws://127.0.0.1:9/gw",
        cdn_url="http://127.0.0.1:9/cdn",
        answers=Answers.REPLY,
        bots=frozenset({"198622483471925248", "208622483471925248"}),
        back_fill=7,
    )


def test_no_token_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens are known to the redactor and in no repr."""
    config = read(monkeypatch, BOT_TOKEN=f"{ONE},{OTHER}")
    assert set(config.secrets()) == {ONE, OTHER}
    assert "hush" not in repr(config)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BOT_TOKEN", f"Bot {ONE}", "found the word “Bot” before the token; leave it out"),
        ("BOT_TOKEN", "Xy1-hushhushhushhushhushhushhush", "client secret of the page OAuth2"),
        ("BOT_TOKEN", "0123456789abcdef" * 4, "public key of the page General Information"),
        ("BOT_TOKEN", "198622483471925248", "an application or user id"),
        ("BOT_TOKEN", "https://discord.com/api/webhooks/1/hush", "an address"),
        ("BOT_TOKEN", "mfa.hushhush", "a person's token"),
        ("BOT_TOKEN", "hush.hush", "not three parts"),
        ("BOT_TOKEN", "hush.hush.hush hush", "not three parts"),
        ("BOT_TOKEN", "hush.hush.hüsh", "not three parts"),
        ("BOT_TOKEN", f"{ONE},", "nothing beside a comma"),
        ("BOT_TOKEN", f"{ONE},{ONE}", "the same token twice"),
        ("BOT_TOKEN", "hush", "from the page Bot of your application at discord.com/developers"),
        ("ANSWERS", "both", '"both", expected thread or reply'),
        ("BOTS", "helper", '"helper"'),
        ("BACK_FILL", "101", "1 to 100"),
        ("API_URL", "discord.com/api", "http://"),
        ("GATEWAY_URL", "https://gateway.discord.gg", "does not begin with ws:// or wss://"),
        ("GATEWAY_URL", "wss://gateway.discord.gg/?v=10", "with a ? or a #"),
        ("CDN_URL", "cdn", "http://"),
    ],
)
def test_a_wrong_setting_is_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    """It says what was found without a secret, what is expected, and where it is explained."""
    with pytest.raises(SettingError) as refused:
        read(monkeypatch, **{name: value})
    line = refused.value.say
    assert words in line
    assert line.startswith(f"DISCORD_{name}: found ")
    assert line.endswith(f"See DISCORD_{name} in .env.example.")
    assert ("hush" in line, "\n" in line, "cdef" in line) == (False, False, False)
