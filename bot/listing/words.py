"""The words of the command line. What they do is imported when they are used."""

from __future__ import annotations

import sys

import click

from bot.oneshot import with_settings


class _Listing(click.Group):
    """A group whose own words are a search: what is none of its commands goes to ``list``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Listing)
def providers() -> None:
    """Providers of models. Without a command: list them all."""


@providers.command("list")
@click.option("--json", "machine", is_flag=True, help="For programs: a list of providers.")
def list_providers(machine: bool) -> None:
    """Show every provider, and whether it is set up."""
    from bot.listing import providers as listing

    sys.exit(with_settings(lambda config: listing.listed(config, machine=machine)))


@providers.command("add")
@click.argument("name")
@click.argument("base_url", metavar="URL")
@click.option("--id", "slug", metavar="ID", default="", help="What its models' names begin with.")
@click.option("--keyless", is_flag=True, help="The server asks for no key.")
@click.option("--allow", is_flag=True, help="The address may be on this machine or network.")
def add_provider(name: str, base_url: str, slug: str, *, keyless: bool, allow: bool) -> None:
    """Enter a server that speaks OpenAI's protocol, by a name and its address (with /v1, where it has that)."""
    from bot.listing import entering

    sys.exit(
        with_settings(
            lambda config: entering.add_provider(config, name, base_url, slug, keyless=keyless, allow=allow)
        )
    )


@providers.command("remove")
@click.argument("slug", metavar="ID")
def remove_provider(slug: str) -> None:
    """Take a provider out that was entered, with its keys."""
    from bot.listing import entering

    sys.exit(with_settings(lambda config: entering.remove_provider(config, slug)))


@click.group(cls=_Listing)
def models() -> None:
    """Models that can be asked here. Without a command: search them by words and filters.

    \b
    switchboard models vision local
    switchboard models 'window>=100k price<5 sort:price'
    """  # noqa: D301 - click's sign for lines to be left as they are


@models.command("list")
@click.argument("query", nargs=-1)
@click.option("--json", "machine", is_flag=True, help="For programs: a list of models.")
@click.option("--refresh", is_flag=True, help="Ask the providers first.")
def list_models(query: tuple[str, ...], *, machine: bool, refresh: bool) -> None:
    """Show the models that fit: parts of names, abilities, local, cloud, and the filters provider:NAME, can:ABILITY,
    window>=100k, price<5 (dollars per million tokens), sort:price.
    """  # noqa: D205 - it goes on as one sentence
    from bot.listing import models as listing

    asked = " ".join(query)
    sys.exit(with_settings(lambda config: listing.listed(config, asked, machine=machine, refresh=refresh)))


@models.command("add")
@click.argument("model", metavar="PROVIDER/MODEL")
@click.option("--window", metavar="TOKENS", help="How much it reads: 128k.")
@click.option("--max-output", metavar="TOKENS", help="How much it may write.")
@click.option("--price-in", metavar="USD", help="Dollars for a million tokens read.")
@click.option("--price-out", metavar="USD", help="Dollars for a million tokens written.")
@click.option("--price-cached", metavar="USD", help="Dollars for a million tokens read from a cache.")
@click.option("--can", multiple=True, metavar="ABILITY", help="images, tools, reasoning, json, ...")
@click.option("--retires", metavar="DATE", help="The day from which it answers no more: 2027-01-31.")
@click.option("--successor", metavar="MODEL", help="What then takes its place, of the same provider.")
def add_model(model: str, **told: str | tuple[str, ...] | None) -> None:
    """Enter a model that no list has, or what no list tells of it: a fine-tune, a deployment."""
    from bot.listing import entering

    sys.exit(with_settings(lambda config: entering.add_model(config, model, told)))


@models.command("remove")
@click.argument("model", metavar="PROVIDER/MODEL")
def remove_model(model: str) -> None:
    """Take back what was entered of a model."""
    from bot.listing import entering

    sys.exit(with_settings(lambda config: entering.remove_model(config, model)))
