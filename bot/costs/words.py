"""The words of the command line that are about prices. What they do is imported when they are used."""

from __future__ import annotations

import sys

import click

from bot.oneshot import with_settings


@click.command()
@click.argument("model")
@click.option(
    "--input", "given", type=int, required=True, help="Tokens that the model reads, the cached ones too."
)
@click.option(
    "--output", "written", type=int, required=True, help="Tokens that it writes, its reasoning too."
)
@click.option("--cached", type=int, default=0, help="Tokens of the input that it reads from the cache.")
@click.option("--at", metavar="DATE", help="When: 2026-12-01 or 2026-12-01T08:00 (UTC). Otherwise now.")
@click.option("--json", "machine", is_flag=True, help="For programs: usd is null where the price is unknown.")
def price(*, model: str, given: int, written: int, cached: int, at: str | None, machine: bool) -> None:
    """Say what a request to MODEL costs, and by whose word."""
    from bot.costs import desk

    sys.exit(
        with_settings(
            lambda config: desk.price(
                config, model, given=given, written=written, cached=cached, at=at, machine=machine
            )
        )
    )


@click.group()
def prices() -> None:
    """Prices that you set yourself. They come before those of the bundled price list."""


@prices.command("list")
@click.option("--json", "machine", is_flag=True, help="For programs: a list of prices.")
def list_prices(machine: bool) -> None:
    """Show every price that was set."""
    from bot.costs import desk

    sys.exit(with_settings(lambda config: desk.listed(config, machine=machine)))


@prices.command("set")
@click.argument("model")
@click.option("--input", "given", metavar="USD", required=True, help="Per million tokens that it reads.")
@click.option("--output", "written", metavar="USD", required=True, help="Per million tokens that it writes.")
@click.option("--cached", metavar="USD", help="Per million tokens read from the cache. Otherwise as --input.")
@click.option("--cache-write", metavar="USD", help="Per million written to the cache. Otherwise as --input.")
@click.option("--per-request", metavar="USD", help="For each request, beside its tokens.")
@click.option("--from", "begins", metavar="DATE", help="When it begins: 2026-12-01. Otherwise now.")
@click.option("--note", default="", help="Why, for those who read the list.")
def set_price(
    *,
    model: str,
    given: str,
    written: str,
    cached: str | None,
    cache_write: str | None,
    per_request: str | None,
    begins: str | None,
    note: str,
) -> None:
    """Set what MODEL costs, in dollars, from a day on."""
    from bot.costs import desk

    sys.exit(
        with_settings(
            lambda config: desk.set_(
                config,
                model,
                given=given,
                written=written,
                cached=cached,
                cache_write=cache_write,
                per_request=per_request,
                begins=begins,
                note=note,
            )
        )
    )


@prices.command("unset")
@click.argument("model")
@click.option(
    "--from", "begins", metavar="DATE", help="Only the one that begins then. Otherwise all of them."
)
def unset_price(model: str, begins: str | None) -> None:
    """Take back what was set for MODEL; the price list holds again."""
    from bot.costs import desk

    sys.exit(with_settings(lambda config: desk.unset(config, model, begins=begins)))
