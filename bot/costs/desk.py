"""The commands: each does one thing and says what it did. They return the exit code."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click

from bot.config import Config
from bot.core.errors import BadInput
from bot.core.money import NANO
from bot.core.provider import ModelId, Usage
from bot.costs import entering, listing
from bot.oneshot import via, with_store
from bot.providers.prices import PriceBook, Priced
from bot.providers.rates import plain
from storage.price_overrides import NewOverride
from storage.store import Store


def price(
    config: Config, model: str, *, given: int, written: int, cached: int, at: str | None, machine: bool
) -> int:
    """Print what a request would cost. ``given`` (tokens of input) includes ``cached``."""
    usage = Usage(entering.count("--input", given), entering.count("--output", written), cached=cached)
    if not 0 <= cached <= given:
        say = f"--cached: from 0 to what --input says ({given}), of which it is a part; not {cached}."
        raise BadInput("more cached than given", say=say)
    moment = datetime.now(UTC) if at is None else entering.moment("--at", at)

    async def act(prices: PriceBook) -> int:
        named = entering.model(model, prices)
        priced = prices.price_of(named, usage, moment)
        click.echo(_as_json(named, priced) if machine else _as_text(named, priced))
        return 0

    async def with_overrides(store: Store) -> int:
        prices = PriceBook(store.price_overrides)
        await prices.sync()
        return await act(prices)

    if _is_there(config):
        return with_store(config, with_overrides)
    return asyncio.run(act(PriceBook()))


def set_(
    config: Config,
    model: str,
    *,
    given: str,
    written: str,
    cached: str | None,
    cache_write: str | None,
    per_request: str | None,
    begins: str | None,
    note: str,
) -> int:
    """Keep a price."""
    named = entering.new_model(model)
    new = NewOverride(
        named.provider,
        named.model,
        datetime.now(UTC) if begins is None else entering.moment("--from", begins),
        entering.figure("--input", given),
        entering.figure("--output", written),
        _figure("--cached", cached),
        _figure("--cache-write", cache_write),
        _figure("--per-request", per_request),
        note.strip(),
    )

    async def act(store: Store) -> int:
        made = await store.price_overrides.add(new, via=via())
        later = made.valid_from > datetime.now(UTC)
        when = f"from {made.valid_from:%Y-%m-%d %H:%M} UTC on" if later else "from the next call on"
        click.echo(f"{named} costs {listing.figures(made)} {when}.")
        return 0

    return with_store(config, act)


def listed(config: Config, *, machine: bool) -> int:
    """Print the prices that were set."""

    async def act(store: Store) -> int:
        found = listing.lines(await store.price_overrides.all(), datetime.now(UTC))
        click.echo(listing.as_json(found) if machine else listing.as_text(found))
        return 0

    return with_store(config, act)


def unset(config: Config, model: str, *, begins: str | None) -> int:
    """Take a model's prices back: all that were set, or the one that begins at a moment."""
    named = entering.new_model(model)
    since = None if begins is None else entering.moment("--from", begins)

    async def act(store: Store) -> int:
        wanted = (named.provider, named.model.lower())
        found = [
            each
            for each in await store.price_overrides.all()
            if (each.provider, each.model.lower()) == wanted and since in (None, each.valid_from)
        ]
        if not found:
            when = "" if since is None else f" from {since:%Y-%m-%d %H:%M} UTC on"
            say = f"No price of {named} was set{when}; `switchboard prices list` shows which were."
            raise BadInput("no such override", say=say)
        for each in found:
            await store.price_overrides.remove(each.id, via=via())
        prices = PriceBook(store.price_overrides)
        await prices.sync()
        click.echo(f"{_removed(len(found))} for {named}. {_now(named, prices)}")
        return 0

    return with_store(config, act)


def _as_json(model: ModelId, priced: Priced) -> str:
    told = {
        "model": str(model),
        "usd": None if priced.cost is None else plain(Decimal(priced.cost) / NANO),
        "source": priced.source,
        "as_of": None if priced.as_of is None else priced.as_of.isoformat(),
        "prices": priced.prices,
    }
    return json.dumps(told, ensure_ascii=False)


def _as_text(model: ModelId, priced: Priced) -> str:
    if priced.cost is None:
        hint = f"`switchboard prices set {model} --input … --output …` says what it costs."
        return f"{model}: unpriced, for nobody here knows its price. {hint}"
    day = f", as of {priced.as_of}" if priced.as_of else ""
    return f"{model}: ${plain(Decimal(priced.cost) / NANO)} ({priced.source}{day})"


def _removed(many: int) -> str:
    return "Taken back: one price that was set" if many == 1 else f"Taken back: {many} prices that were set"


def _now(model: ModelId, prices: PriceBook) -> str:
    rates = prices.rates(model, datetime.now(UTC))
    if rates is None or not rates.complete:
        return "It is unpriced now."
    return f"From the next call on it costs {listing.rates(rates)} ({rates.source})."


def _figure(option: str, text: str | None) -> str | None:
    return None if text is None else entering.figure(option, text)


def _is_there(config: Config) -> bool:
    """Whether there is a database; where there is none nobody set a price, and asking makes no file."""
    url = urlsplit(config.database_url)
    return url.scheme != "sqlite" or Path(unquote(url.path)).exists()
