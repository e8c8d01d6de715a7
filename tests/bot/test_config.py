"""Settings: what is read, what is refused, and in which words."""

import base64
import re
from pathlib import Path

import pytest

from bot.config import Config, SettingError, load, settings
from bot.providers.catalog import CATALOG, ProviderRow

ROWS = (
    ProviderRow(
        id="acme",
        name="Acme",
        wire="openai",
        key_env="ACME_API_KEY",
        base_url_env="ACME_BASE_URL",
        console_url="https://acme.example/keys",
    ),
    ProviderRow(id="demo", name="Demo", wire="demo"),
)
KEY = base64.b64encode(bytes(range(32))).decode()


def read(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Config:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load(ROWS, env_file=None)


def test_without_any_setting_there_is_a_working_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Local address, SQLite in the person's data folder, no keys."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    config = load(ROWS, env_file=None)
    assert (config.host, config.port, config.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert config.data_dir == tmp_path / "switchboard"
    assert config.database_url == f"sqlite:///{tmp_path}/switchboard/switchboard.db"
    assert (config.secret_keys, config.default_model, config.log_level) == ((), None, "info")
    assert config.providers["acme"].api_key is None
    assert config.secrets() == ()


def test_every_setting_is_read_under_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The names people script against."""
    config = read(
        monkeypatch,
        HOST="0.0.0.0",
        PORT="9000",
        PUBLIC_URL="https://chat.example/",
        TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/8,::1",
        DATABASE_URL="postgresql://bot:p%40ss-word@db:5432/switchboard",
        SWITCHBOARD_DATA=str(tmp_path / "new"),
        SWITCHBOARD_SECRET_KEY=KEY,
        DEFAULT_MODEL="acme/family/large-1",
        LOG_LEVEL="DEBUG",
        LOG_FORMAT="json",
        ACME_API_KEY=" key-123456 ",
        ACME_BASE_URL="http://localhost:4000/v1/",
    )
    assert (config.host, config.port, config.public_url) == ("0.0.0.0", 9000, "https://chat.example")
    assert config.trusted_proxies == ("127.0.0.1", "10.0.0.0/8", "::1")
    assert config.database_url == "postgres://bot:p%40ss-word@db:5432/switchboard"
    assert config.data_dir == tmp_path / "new"
    assert config.secret_keys == (bytes(range(32)),)
    assert config.default_model == "acme/family/large-1"
    assert (config.log_level, config.log_format) == ("debug", "json")
    acme = config.providers["acme"]
    assert acme.api_key is not None
    assert acme.api_key.get_secret_value() == "key-123456"
    assert acme.base_url == "http://localhost:4000/v1"
    assert {"key-123456", KEY, "p%40ss-word", "p@ss-word"} <= set(config.secrets())
    for secret in config.secrets():
        assert secret not in repr(config)


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:8000"), ("::", "http://[::1]:8000"), ("::1", "http://[::1]:8000")],
)
def test_the_default_address_can_be_opened(monkeypatch: pytest.MonkeyPatch, host: str, url: str) -> None:
    """Nobody can open 0.0.0.0, and an IPv6 address needs its brackets."""
    assert read(monkeypatch, HOST=host).public_url == url


def test_a_relative_database_file_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the process stands later does not matter."""
    monkeypatch.chdir(tmp_path)
    assert read(monkeypatch, DATABASE_URL="sqlite:///team.db").database_url == f"sqlite:///{tmp_path}/team.db"
    assert read(monkeypatch, DATABASE_URL="sqlite:////srv/team.db").database_url == "sqlite:////srv/team.db"


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`.env` fills what the environment leaves open; empty means not set; strangers are ignored."""
    file = tmp_path / ".env"
    file.write_text("PORT=9001\nHOST=localhost\nACME_API_KEY='from-file'\nPUBLIC_URL=\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("PORT", "9002")
    config = load(ROWS, env_file=file)
    assert (config.host, config.port, config.public_url) == ("localhost", 9002, "http://localhost:9002")
    assert config.secrets() == ("from-file",)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HOST", "a b", "a b"),
        ("PORT", "eighty", "eighty"),
        ("PORT", "70000", "65535"),
        ("PUBLIC_URL", "chat.example", "http://"),
        ("PUBLIC_URL", "https://chat.example/sub", "path"),
        ("TRUSTED_PROXIES", "10.0.0.1, nginx", "nginx"),
        ("TRUSTED_PROXIES", "*", "127.0.0.1"),
        ("DATABASE_URL", "mysql://u:hunter2222@h/d", "sqlite:///"),
        ("DATABASE_URL", "postgres://u:hunter2222@h", "no database"),
        ("DATABASE_URL", "postgres://u:hunter2222@h:99999/d", "postgres://"),
        ("DATABASE_URL", "sqlite://team.db", "no file"),
        ("SWITCHBOARD_DATA", "/etc/passwd", "is a file"),
        ("SWITCHBOARD_SECRET_KEY", "hunter2222!", "base64"),
        ("SWITCHBOARD_SECRET_KEY", "aHVudGVyMjIyMg==", "10 bytes"),
        ("DEFAULT_MODEL", "large-1", "large-1"),
        ("DEFAULT_MODEL", "other/large-1", "acme, demo"),
        ("LOG_LEVEL", "loud", "warning"),
        ("LOG_FORMAT", "xml", "json"),
        ("ACME_API_KEY", "hunter 2222", "https://acme.example/keys"),
        ("ACME_BASE_URL", "http://u:hunter2222@h", "password"),
        ("ACME_BASE_URL", "http://[h", "http://"),
        ("ACME_BASE_URL", "http:///v1", "host"),
        ("DEFAULT_MODEL", "sk-pasted-in-the-wrong-place-0123456789", "39 characters"),
    ],
)
def test_a_wrong_setting_is_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    """It names itself, the form expected and where to read on, and keeps secrets to itself."""
    with pytest.raises(SettingError) as caught:
        read(monkeypatch, **{name: value})
    line = caught.value.say
    assert line == str(caught.value)
    assert line.startswith(f"{name}: found ")
    assert "expected" in line
    assert words in line
    assert line.endswith(f"See {name} in .env.example.")
    assert "\n" not in line
    assert not re.search("hunter|pasted", line)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    """A `.env` in another encoding is a wrong setting too."""
    file = tmp_path / ".env"
    file.write_bytes(b"HOST=\xff\xfe")
    with pytest.raises(SettingError, match=r"\.env: found a file that cannot be read"):
        load(ROWS, env_file=file)


def test_the_example_explains_every_setting_and_no_other() -> None:
    """`.env.example` is the code's twin: each setting stands in it, commented out, with its default."""
    text = (Path(__file__).parents[2] / ".env.example").read_text()
    lines = re.findall(r"^#([A-Z][A-Z0-9_]+)=(.*)$", text, re.MULTILINE)
    known = settings(CATALOG)
    assert [name for name, _ in lines] == list(known)
    for name, value in lines:
        assert value == str(known[name].default or ""), name
    described = re.findall(r"((?:^# .+\n)+)^#[A-Z]", text, re.MULTILINE)
    assert len(described) == len(lines), "a setting has no explanation above it"
    assert not re.findall(r"^[^#\n]", text, re.MULTILINE), "copied as it is, the example sets nothing"
