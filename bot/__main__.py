"""The command line: `switchboard run`, `switchboard migrate`.

Exit codes: 0 done, 1 could not, 2 a wrong setting or a wrong word on the command line, 130 interrupted.
A person sees one sentence; the traceback comes with LOG_LEVEL=debug, secrets taken out.
"""

import sys
import traceback
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from bot.config import Config

INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="switchboard", message="switchboard %(version)s")
def main() -> None:
    """Every language model in your team's threads. Settings come from the environment and from .env."""


@main.command()
def run() -> None:
    """Start Switchboard, and stop it with Ctrl-C."""
    sys.exit(_start("run"))


@main.command()
def migrate() -> None:
    """Bring the database up to date, and stop. `run` does this too."""
    sys.exit(_start("migrate"))


def _start(verb: Literal["run", "migrate"]) -> int:
    """Load the settings, do `verb`, and return the exit code."""
    from bot.config import SettingError, load

    try:
        config = load()
    except SettingError as error:
        click.echo(error.say, err=True)
        return 2
    try:
        from bot import app

        return app.run(config) if verb == "run" else app.migrate(config)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the outermost edge: whatever it is, a person gets a sentence
        _explain(error, config)
        return 1


def _explain(error: Exception, config: "Config") -> None:
    from bot.logs import Redactor

    clean = Redactor(config.secrets()).clean
    if config.log_level == "debug":
        click.echo(clean("".join(traceback.format_exception(error))), err=True)
    # A failure inside a task group comes wrapped, perhaps more than once.
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    hint = f"Switchboard stopped: an internal {type(error).__name__}. LOG_LEVEL=debug shows where."
    click.echo(clean(getattr(error, "say", hint)), err=True)


if __name__ == "__main__":
    main()
