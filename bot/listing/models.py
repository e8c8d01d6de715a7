"""The models that fit a search."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from bot.commands import describe
from bot.config import Config
from bot.core.provider import Ability
from bot.listing.tables import table
from bot.oneshot import registry, with_store
from bot.providers import facts
from bot.providers.models import OWN, Model
from bot.providers.search import parse, search
from storage.store import Store

_SHOWN = (Ability.IMAGES, Ability.TOOLS, Ability.REASONING)


def listed(config: Config, query: str, *, machine: bool, refresh: bool) -> int:
    """Print them. Raises BadInput where the query is none."""
    wanted = parse(query)

    async def act(store: Store) -> int:
        async with registry(config, store) as there:
            for name, said in (await there.refresh()).items() if refresh else ():
                click.echo(f"{name}: {said}", err=True)
            found = search(there.models(), wanted)
        click.echo(as_json(found) if machine else as_text(found))
        return 0

    return with_store(config, act)


def as_json(models: Sequence[Model]) -> str:
    """A list of objects. Prices are dollars per million tokens as decimal strings, null where nobody knows them."""
    return json.dumps(list(map(_object, models)), indent=2, ensure_ascii=False)


def _object(model: Model) -> dict[str, Any]:
    return {
        "id": str(model.id),
        "provider": model.id.provider,
        "window": model.window,
        "max_output": model.max_output,
        "prices": facts.rates_to_json(model.rates) or None,
        "priced": model.priced,
        "local": model.local,
        "abilities": sorted(model.abilities),
        "retires_at": model.retires_at.isoformat() if model.retires_at else None,
        "successor": str(model.successor) if model.successor else None,
        "size": model.size,
        "privacy": model.privacy,
        "sources": {
            value: {"name": source.name, "as_of": source.as_of.isoformat() if source.as_of else None}
            for value, source in model.sources
        },
    }


def as_text(models: Sequence[Model]) -> str:
    """A table, the best first."""
    if not models:
        return "No model fits. `switchboard models --help` shows how to search."
    return table([("MODEL", "READS", "PRICE", "CAN", ""), *map(_row, models)])


def _row(model: Model) -> tuple[str, ...]:
    can = ", ".join(each for each in _SHOWN if each in model.abilities)
    own = any(source.name == OWN for _, source in model.sources)
    more = ", ".join(filter(None, ["entered here" if own else "", describe.ends(model)]))
    return str(model.id), describe.window(model), describe.price(model), can, more
