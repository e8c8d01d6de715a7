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
