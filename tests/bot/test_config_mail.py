"""The settings of mail."""

from __future__ import annotations

import pytest

from bot.config import SettingError, load
from bot.net.mail import MailSettings, Security

WRONG = [("SMTP_URL", "https://mail"), ("SMTP_URL", "smtp://"), ("SMTP_FROM", "me")]


def test_no_server_is_no_mail() -> None:
    """Without an address nothing is sent."""
    assert load(env_file=None).mail is None


def test_an_address_says_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Encryption, user, password (a secret for the log), host; the port is the usual one."""
    monkeypatch.setenv("SMTP_URL", "smtp://ann%40example.com:p%2Fw@mail.example.com")
    config = load(env_file=None)
    assert config.mail == MailSettings(
        "mail.example.com",
        587,
        Security.STARTTLS,
        "Switchboard <switchboard@mail.example.com>",
        "ann@example.com",
        "p/w",
    )
    assert "p/w" in config.secrets()
    assert "p/w" not in repr(config)
    monkeypatch.setenv("SMTP_URL", "smtps://mail.example.com:4650")
    monkeypatch.setenv("SMTP_FROM", "Bot <bot@example.com>")
    config = load(env_file=None)
    assert config.mail == MailSettings("mail.example.com", 4650, Security.TLS, "Bot <bot@example.com>")


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_one_is_said(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """By its name and its form."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=name):
        load(env_file=None)
