"""The words of the command line that are about webhooks. What they do is imported when they are used."""

from __future__ import annotations

import sys

import click

from bot.oneshot import with_settings


@click.group()
def webhooks() -> None:
    """Addresses that are told of alerts by a signed POST."""


@webhooks.command("list")
@click.option("--json", "machine", is_flag=True, help="For programs: a list of webhooks.")
def list_webhooks(machine: bool) -> None:
    """Show every webhook, and what it answered last."""
    from bot.webhooks import desk

    sys.exit(with_settings(lambda config: desk.listed(config, machine=machine)))


@webhooks.command("add")
@click.argument("name")
@click.argument("url", metavar="URL")
@click.option("--kinds", default="", metavar="KINDS", help="Which alerts: budget,key. Otherwise all of them.")
@click.option("--allow", is_flag=True, help="The address may be on this machine or network.")
def add_webhook(name: str, url: str, kinds: str, *, allow: bool) -> None:
    """Have alerts told to URL. Prints the secret that signs them, this once."""
    from bot.webhooks import desk

    sys.exit(with_settings(lambda config: desk.add(config, name, url, kinds, allow=allow)))


@webhooks.command("change")
@click.argument("name")
@click.option("--url", default="", metavar="URL", help="Where it is told from now on.")
@click.option("--kinds", default="", metavar="KINDS", help="Which alerts: budget,key, or all.")
@click.option("--allow", is_flag=True, help="The address may be on this machine or network.")
def change_webhook(name: str, url: str, kinds: str, *, allow: bool) -> None:
    """Tell a webhook elsewhere, or of other alerts. Its secret stays."""
    from bot.webhooks import desk

    sys.exit(with_settings(lambda config: desk.change(config, name, url, kinds, allow=allow)))


@webhooks.command("remove")
@click.argument("name")
def remove_webhook(name: str) -> None:
    """Tell a webhook nothing any more, and wipe its secret."""
    from bot.webhooks import desk

    sys.exit(with_settings(lambda config: desk.remove(config, name)))


@webhooks.command("test")
@click.argument("name")
def try_webhook(name: str) -> None:
    """Send a webhook something to try it with, and say what it answered."""
    from bot.webhooks import desk

    sys.exit(with_settings(lambda config: desk.test(config, name)))


@webhooks.command("log")
@click.argument("name")
@click.option("--json", "machine", is_flag=True, help="For programs: a list of sendings.")
def log_of_webhook(name: str, *, machine: bool) -> None:
    """Show what a webhook was told lately, and what became of it."""
    from bot.webhooks import desk

    sys.exit(with_settings(lambda config: desk.log(config, name, machine=machine)))
