"""The command line: `switchboard run`, `migrate`, `doctor`, the words for keys, models, prices, webhooks, manifests.

Exit codes: 0 done, 1 could not, 2 a wrong setting or a wrong word on the command line, 130 interrupted.
A person sees one sentence; the traceback comes with LOG_LEVEL=debug, secrets taken out.
"""

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TextIO

import click

from bot.costs import words as costs
from bot.listing import words as listing
from bot.oneshot import with_settings
from bot.webhooks import words as hooks

if TYPE_CHECKING:
    from bot.config import Config


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="switchboard", message="switchboard %(version)s")
def main() -> None:
    """Every language model in your team's threads. Settings come from the environment and from .env."""


for each in (listing.providers, listing.models, costs.price, costs.prices, hooks.webhooks):
    main.add_command(each)


@main.command()
def run() -> None:
    """Start Switchboard, and stop it with Ctrl-C."""
    sys.exit(_start("run"))


@main.command()
def migrate() -> None:
    """Bring the database up to date, and stop. `run` does this too."""
    sys.exit(_start("migrate"))


@main.command()
@click.option("--json", "machine", is_flag=True, help="For programs: a list of checks.")
def doctor(machine: bool) -> None:
    """Look at everything that has to work, and say how to mend what does not."""
    from bot.doctor import examine

    sys.exit(with_settings(lambda config: examine.run(config, machine=machine)))


@main.command()
@click.argument("provider")
@click.option("--live", is_flag=True, help="Have a model give a tiny answer, which is paid for.")
@click.option("--model", metavar="M", help="The model that shall answer: gpt-4.1. Implies --live.")
@click.option("--json", "machine", is_flag=True, help="For programs.")
def test(*, provider: str, live: bool, model: str | None, machine: bool) -> None:
    """Try whether a provider works, by a call that costs nothing. Takes at most 5 seconds."""
    from bot.trial import desk

    sys.exit(
        with_settings(lambda config: desk.run(config, provider, live=live, model=model, machine=machine))
    )


def _of(pattern: str, form: str) -> Callable[[click.Context, click.Parameter, str], str]:
    """Takes what matches a pattern, whose form is said in words."""

    def taken(_: click.Context, __: click.Parameter, value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise click.BadParameter(f"expected {form}.")
        return value

    return taken


@main.group()
def manifest() -> None:
    """Make and check the manifests that chat platforms want. Needs no settings."""


@manifest.command()
@click.option("--agent", is_flag=True, help="With Slack's agent view, which may need a paid plan.")
@click.option(
    "--http",
    "url",
    metavar="URL",
    default="",
    callback=_of("(https://[^/]+/?)?", "https:// and a host"),
    help="Slack posts to this public address: no Socket Mode.",
)
@click.option(
    "--prefix",
    default="",
    callback=_of("[a-z0-9_-]{0,16}", "up to 16 of a-z, 0-9, - and _"),
    help="What stands before each slash command: sb- makes /sb-model.",
)
@click.option(
    "--name",
    default="Switchboard",
    show_default=True,
    callback=_of(".{1,35}", "1 to 35 characters"),
    help="The app's name, and its bot's.",
)
def slack(agent: bool, url: str, prefix: str, name: str) -> None:
    """Print the manifest of a Slack app, to be pasted at api.slack.com/apps."""
    from bot.adapters.slack.setup import manifest

    made = manifest.manifest(name=name, prefix=prefix, agent=agent, url=url)
    click.echo(manifest.text(made), nl=False)


@manifest.command()
@click.argument("file", type=click.File(encoding="utf-8"))
def check(file: TextIO) -> None:
    """Say what Slack would refuse of a manifest in YAML or JSON, without asking Slack."""
    from bot.adapters.slack.setup import checker

    try:
        wrong = checker.check_text(file.read())
    except UnicodeDecodeError:
        wrong = ["This is no text in UTF-8."]
    for sentence in wrong:
        click.echo(sentence, err=True)
    if wrong:
        sys.exit(1)
    click.echo("Slack should take this manifest.")


@main.group()
def invite() -> None:
    """Print the links by which a bot comes to people."""


@invite.command()
def discord() -> None:
    """Print the links that bring your Discord bot into a server, or along with you."""
    from bot.adapters.discord.setup import invite

    def shown(config: "Config") -> int:
        click.echo(invite.text(config.discord))
        return 0

    sys.exit(with_settings(shown))


@main.group()
def keys() -> None:
    """Stored keys of providers. They are encrypted, and nothing shows more of them than their last four characters."""


@keys.command("list")
@click.option("--json", "machine", is_flag=True, help="For programs: a list of keys.")
def list_(machine: bool) -> None:
    """Show every key, those of the environment too."""
    from bot.keys import desk

    sys.exit(with_settings(lambda config: desk.listed(config, machine=machine)))


@keys.command()
@click.argument("provider")
@click.argument("more", nargs=-1, metavar="", type=click.UNPROCESSED)
@click.option("--name", required=True, help="What people, budgets and the ledger call it: Work OpenAI.")
@click.option("--scope", default="installation", show_default=True, help="slack:T1, slack:T1/C1 or person:7.")
@click.option("--base-url", metavar="URL", help="Another server that takes this key.")
@click.option("--organisation", metavar="ID", help="The organisation that the provider bills.")
@click.option("--replace", is_flag=True, help="Put the key into the place of the one that has this name.")
def add(
    *,
    provider: str,
    more: tuple[str, ...],
    name: str,
    scope: str,
    base_url: str | None,
    organisation: str | None,
    replace: bool,
) -> None:
    """Store a key. It is asked for, or read from the standard input; it is never an argument."""
    from bot.keys import desk

    if more:
        say = "the key is never an argument, for others can read those. Make a new one and type it at the prompt."
        raise click.UsageError(say)
    sys.exit(
        with_settings(
            lambda config: desk.add(
                config,
                provider,
                name,
                scope=scope,
                base_url=base_url,
                organisation=organisation,
                replace=replace,
            )
        )
    )


@keys.command()
@click.argument("name", nargs=-1, required=True)
def remove(name: tuple[str, ...]) -> None:
    """Take keys out of use, by name, and wipe them. Needs no secret key."""
    from bot.keys import desk

    sys.exit(with_settings(lambda config: desk.remove(config, name)))


@keys.command()
def rotate() -> None:
    """Make a new secret key and encrypt everything with it. Goes on where an earlier one was broken off."""
    from bot.keys import desk

    sys.exit(with_settings(desk.rotate))


@keys.command("check")
def check_keys() -> None:
    """Try whether every stored key opens."""
    from bot.keys import desk

    sys.exit(with_settings(desk.check))


def _start(verb: Literal["run", "migrate"]) -> int:
    def started(config: "Config") -> int:
        from bot import app

        return app.run(config) if verb == "run" else app.migrate(config)

    return with_settings(started)


if __name__ == "__main__":
    main()
