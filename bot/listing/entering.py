"""What an admin enters: providers by their address, models by their id."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

import click

from bot.config import Config
from bot.core.errors import BadInput
from bot.core.provider import Ability, Listed, ModelId, Rates
from bot.net.addresses import web_address
from bot.net.errors import NetRefused
from bot.net.guard import Guard
from bot.oneshot import via, with_store
from bot.providers import catalog, facts
from bot.providers.customs import HOSTS, allowed
from storage.credentials import INSTALLATION
from storage.store import Store

Told = Mapping[str, str | tuple[str, ...] | None]

_LONGEST_NAME, _LONGEST_ID, _LONGEST_MODEL = 80, 40, 500
_ABILITIES = {each.value: each for each in Ability if each not in (Ability.CHAT, Ability.CLOUD)}


def add_provider(config: Config, name: str, base_url: str, slug: str, *, keyless: bool, allow: bool) -> int:
    """Enter a provider. Raises BadInput, NameTaken."""
    name, address = _name(name), _address(base_url)
    slug = _slug(slug or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"))

    async def act(store: Store) -> int:
        await _look(store, address, allow=allow)
        await store.custom.add_provider(slug, name, address, keyless=keyless, via=via())
        key = "" if keyless else f" Its key: `switchboard keys add {slug} --name NAME`."
        click.echo(f"{name} is entered; its models are written {slug}/MODEL.{key}")
        return 0

    return with_store(config, act)


def remove_provider(config: Config, slug: str) -> int:
    """Take a provider out. Raises NoSuchEntry."""

    async def act(store: Store) -> int:
        wiped = await store.custom.remove_provider(slug, via=via())
        keys = f" Its keys are wiped: {', '.join(wiped)}. Revoke them at the server too." if wiped else ""
        click.echo(f"“{slug}” is removed.{keys}")
        return 0

    return with_store(config, act)


def add_model(config: Config, model: str, told: Told) -> int:
    """Enter a model. Raises BadInput."""
    try:
        known = ModelId.parse(model)
    except ValueError:
        known = ModelId("", "")
    if not known.model or len(known.model) > _LONGEST_MODEL or not known.model.isprintable():
        raise BadInput(
            "not a model", say=f"“{model}” is no model; write PROVIDER/MODEL, like openai/ft:mine."
        )
    data = facts.to_json(_listed(known, told))

    async def act(store: Store) -> int:
        await _known_provider(store, known.provider)
        await store.custom.put_model(known.provider, known.model, json.dumps(data), via=via())
        click.echo(f"{known} is entered; it can be chosen within seconds.")
        return 0

    return with_store(config, act)


def remove_model(config: Config, model: str) -> int:
    """Take back what was entered of a model. Raises NoSuchEntry."""

    async def act(store: Store) -> int:
        await store.custom.remove_model(model, via=via())
        click.echo(f"What was entered of {model} is removed.")
        return 0

    return with_store(config, act)


async def _look(store: Store, address: str, *, allow: bool) -> None:
    """Whether the address may be connected to; with ``allow`` its host is allowed from now on."""
    host = urlsplit(address).hostname or ""
    hosts = await allowed(store.settings)
    if allow and host not in hosts:
        hosts = (*hosts, host)
    try:
        await Guard(hosts).look(address)
    except NetRefused as error:
        say = f"{address} is not entered: {error}. If it is a server of yours, --allow lets Switchboard connect to it."
        raise BadInput(str(error), say=say) from error
    if allow and host not in await allowed(store.settings):
        await store.settings.set(INSTALLATION, HOSTS, list(hosts), None)


async def _known_provider(store: Store, provider: str) -> None:
    names = [row.id for row in catalog.CATALOG if row.wire != "demo"]
    names += [each.slug for each in await store.custom.providers()]
    if provider not in names:
        say = f"There is no provider “{provider}”; there are {', '.join(names)}."
        raise BadInput(f"no provider {provider!r}", say=say)


def _listed(model: ModelId, told: Told) -> Listed:
    read, written, cached = (_dollars(told, each) for each in ("price_in", "price_out", "price_cached"))
    if (read is None) != (written is None) or (cached is not None and read is None):
        raise BadInput(
            "half a price", say="A price is both --price-in and --price-out; --price-cached goes beside them."
        )
    abilities = told.get("can") or ()
    return Listed(
        model.model,
        _tokens(told, "window"),
        _tokens(told, "max_output"),
        Rates(read, written, cached) if read is not None and written is not None else None,
        frozenset(_ability(each) for each in abilities),
        retires_at=_day(told),
        successor=str(told.get("successor") or "").removeprefix(f"{model.provider}/"),
    )


def _tokens(told: Told, name: str) -> int | None:
    text = told.get(name)
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,9})([km]?)", str(text).lower())
    number = int(found[1]) * {"": 1, "k": 1_000, "m": 1_000_000}[found[2]] if found else None
    if not facts.tokens(number):
        raise BadInput(
            f"no tokens: {text!r}", say=f"{_option(name)}: “{text}” is no number of tokens, like 128k."
        )
    return number


def _dollars(told: Told, name: str) -> Decimal | None:
    text = told.get(name)
    if text is None:
        return None
    amount = facts.dollars(str(text).removeprefix("$"))
    if amount is None:
        raise BadInput(
            f"no price: {text!r}", say=f"{_option(name)}: “{text}” is no amount of dollars, like 2.50."
        )
    return amount


def _ability(text: str) -> Ability:
    if text not in _ABILITIES:
        raise BadInput(f"no ability: {text!r}", say=f"--can: “{text}” is none of {', '.join(_ABILITIES)}.")
    return _ABILITIES[text]


def _day(told: Told) -> date | None:
    text = told.get("retires")
    if text is None:
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise BadInput(f"no day: {text!r}", say=f"--retires: “{text}” is no day, like 2027-01-31.") from None


def _name(text: str) -> str:
    name = text.strip()
    if not (name and name.isprintable() and len(name) <= _LONGEST_NAME):
        raise BadInput("not a name", say=f"NAME: 1 to {_LONGEST_NAME} characters that can be printed.")
    return name


def _slug(text: str) -> str:
    if not re.fullmatch(rf"[a-z0-9][a-z0-9-]{{0,{_LONGEST_ID - 1}}}", text):
        say = f"--id: 1 to {_LONGEST_ID} of a-z, 0-9 and -, not beginning with -: it goes before each model's name."
        raise BadInput(f"not an id: {text!r}", say=say)
    if catalog.row(text) is not None:
        say = f"“{text}” is a provider that Switchboard knows already; --id gives yours another id."
        raise BadInput(f"{text!r} is in the catalogue", say=say)
    return text


def _address(text: str) -> str:
    try:
        return web_address(text)
    except ValueError as error:
        say = f"URL: found {error}; write http:// or https:// and a host, usually with /v1 at the end."
        raise BadInput(str(error), say=say) from None


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
