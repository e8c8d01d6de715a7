"""The command line: what a person reads, and the exit code."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result

import bot
from bot.__main__ import main
from bot.config import Config
from bot.core.errors import SwitchboardError

KEY = "key-that-nobody-may-see"
Started = Callable[..., Result]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Started:
    """`switchboard <word>` in an empty folder, with `behave` in the place of the composition root."""

    def _start(word: str, behave: Callable[[Config], int] = lambda _: 0, **environment: str) -> Result:
        root = ModuleType("bot.app")
        root.run = root.migrate = behave  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "bot.app", root)
        monkeypatch.setattr(bot, "app", root, raising=False)
        monkeypatch.chdir(tmp_path)
        return CliRunner().invoke(main, [word], env={"OPENAI_API_KEY": KEY, **environment})

    return _start


@pytest.mark.parametrize("word", ["run", "migrate"])
def test_a_command_gets_the_settings_and_gives_its_exit_code(start: Started, word: str) -> None:
    """The root receives one `Config`; what it returns is the exit code."""
    ports = []

    def behave(config: Config) -> int:
        ports.append(config.port)
        return 7

    result = start(word, behave, PORT="8123")
    assert (result.exit_code, result.output, ports) == (7, "", [8123])


def test_a_wrong_setting_is_one_line_and_exit_code_2(start: Started) -> None:
    """Nothing is started."""
    result = start("run", lambda _: pytest.fail("started"), PORT="eighty")
    assert result.exit_code == 2
    assert result.stderr.startswith('PORT: found "eighty", expected')
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def refuse(_: Config) -> int:
    raise SwitchboardError(f"detail with {KEY}", say="The folder is in use by another Switchboard.")


def refuse_in_a_task(_: Config) -> int:
    try:
        refuse(_)
    except SwitchboardError as error:
        raise ExceptionGroup("outer", [ExceptionGroup("inner", [error])]) from None
    return 0


@pytest.mark.parametrize("behave", [refuse, refuse_in_a_task])
def test_what_cannot_start_says_its_sentence(start: Started, behave: Callable[[Config], int]) -> None:
    """Also from within a task group, which wraps what fails in it."""
    result = start("run", behave)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "The folder is in use by another Switchboard.\n"


def test_a_fault_of_ours_is_a_sentence_too(start: Started) -> None:
    """No traceback, and a hint how to see it."""

    def behave(_: Config) -> int:
        raise KeyError(KEY)

    result = start("run", behave)
    assert result.exit_code == 1
    assert result.stderr == "Switchboard stopped: an internal KeyError. LOG_LEVEL=debug shows where.\n"


def test_debug_shows_the_traceback_without_secrets(start: Started) -> None:
    """For whoever looks for the fault."""
    result = start("run", refuse, LOG_LEVEL="debug")
    assert "Traceback" in result.stderr
    assert "detail with [secret]" in result.stderr
    assert KEY not in result.stderr


def test_an_interrupt_is_no_fault(start: Started) -> None:
    """Ctrl-C before the signal handlers stand."""

    def behave(_: Config) -> int:
        raise KeyboardInterrupt

    result = start("run", behave)
    assert (result.exit_code, result.output) == (130, "")


def test_help_and_version_need_no_settings() -> None:
    """They answer even where the settings are wrong."""
    runner = CliRunner(env={"PORT": "eighty"})
    assert "run " in runner.invoke(main, ["--help"]).output
    assert runner.invoke(main, ["--version"]).output.startswith("switchboard 0.")


def asked(*words: str, typed: str = "") -> Result:
    return CliRunner(env={"PORT": "eighty"}).invoke(main, words, input=typed)


def test_the_manifest_of_slack_needs_no_settings() -> None:
    """Each option shows in what is printed, and the check takes it."""
    made = asked(
        "manifest", "slack", "--agent", "--http", "https://x.example", "--prefix", "sb-", "--name", "Bot"
    )
    assert made.exit_code == 0
    for words in ("agent_view:", "https://x.example/slack/events", "command: /sb-model", "name: Bot"):
        assert words in made.stdout
    checked = asked("manifest", "check", "-", typed=made.stdout)
    assert (checked.exit_code, checked.output) == (0, "Slack should take this manifest.\n")


@pytest.mark.parametrize(
    ("option", "value", "form"),
    [
        ("--http", "http://x.example", "https:// and a host"),
        ("--http", "https://x.example/path", "https:// and a host"),
        ("--prefix", "/SB", "a-z, 0-9"),
        ("--name", "N" * 36, "1 to 35 characters"),
    ],
)
def test_a_wrong_option_of_the_manifest_says_its_form(option: str, value: str, form: str) -> None:
    """Before anything is printed that Slack would refuse."""
    made = asked("manifest", "slack", option, value)
    assert made.exit_code == 2
    assert form in made.stderr
    assert made.stdout == ""


def test_a_manifest_that_slack_would_refuse_is_exit_code_1(tmp_path: Path) -> None:
    """A sentence for each thing, on standard error."""
    file = tmp_path / "manifest.yml"
    file.write_text("display_information:\n  name: Bot\n  colour: blue\n")
    result = asked("manifest", "check", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("display_information.colour is no key that Slack knows")
    file.write_bytes(b"\xff\xfe")
    assert asked("manifest", "check", str(file)).stderr == "This is no text in UTF-8.\n"
    assert asked("manifest", "check", str(tmp_path / "none.yml")).exit_code == 2


def test_without_a_token_there_are_no_links_to_print() -> None:
    """One sentence names the setting; the exit code says that it could not be done."""
    result = CliRunner().invoke(main, ["invite", "discord"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("DISCORD_BOT_TOKEN is not set: docs/discord.md")
