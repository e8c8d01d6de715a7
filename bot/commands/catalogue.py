"""``/models``: all models in pages, filtered by words, and how to set up what is not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.calls import access
from bot.calls.access import Rule
from bot.commands import describe
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.commands.offers import missing, way_to
from bot.core.view import Button, Tone, View
from bot.providers import catalog
from bot.providers.registry import Model
from bot.providers.search import parse, search
from bot.providers.status import Status

_PAGE = 12  # models on a page
_WAYS = 3  # providers whose way of being set up is said in full
_HOW = (
    "Words filter: part of a name, `local`, `cloud`, `images`, `tools`, `free`, `unpriced`, "
    "`<2` (dollars per million), `>100k`, `status:available`, `sort:price`."
)


async def _models(tools: Tools, asked: Asked, values: Values) -> Answer:
    query, wanted = str(values.get("query", "")).strip(), int(values.get("page", 1))
    asks = parse(query)
    found = search(tools.registry.models(), asks, lambda model: tools.status(model).status)
    pages = max(1, -(-len(found) // _PAGE))
    page = min(max(wanted, 1), pages)
    rules = await access.rules(tools.store, asked.place, asked.person_id)
    shown = found[(page - 1) * _PAGE : page * _PAGE]
    parts = [_head(len(found), query, page, pages), *_groups(tools, shown, rules)]
    if page == pages:
        parts += _absent(tools, " ".join(asks.words))
    parts.append(_HOW)
    return Answer(View("\n\n".join(parts), buttons=_turns(query, page, pages), tone=Tone.NOTICE))


def _head(count: int, query: str, page: int, pages: int) -> str:
    models = "1 model" if count == 1 else f"{count:,} models"
    what = f"{models} with “{query}”" if query else models
    return (
        f"{what}, page {page} of {pages}:"
        if pages > 1
        else f"{what}:"
        if count
        else f"No model fits “{query}”."
    )


def _groups(tools: Tools, models: Sequence[Model], rules: Sequence[Rule]) -> list[str]:
    """Each provider's models under its name and what becomes of the text there."""
    parts = []
    for provider, group in groupby(models, key=lambda model: model.id.provider):
        row, mine = catalog.row(provider), list(group)
        name = provider if row is None else row.name
        where = "nothing leaves this machine" if mine[0].local else f"the text goes to {mine[0].privacy}"
        lines = [_line(tools, model, rules) for model in mine]
        parts.append("\n".join([f"**{name}**: {where.rstrip('. ')}.", *lines]))
    return parts


def _line(tools: Tools, model: Model, rules: Sequence[Rule]) -> str:
    seen, said = tools.status(model.id), describe.in_short(model)
    if seen.status in (Status.SLOW, Status.FAILING):
        said = f"{said}, {seen.status} now"
    elif seen.tokens_per_second:
        said = f"{said}, {seen.tokens_per_second:.0f} tokens a second"
    closed = "" if access.permitted(rules, model.id) else " — may not be used here"
    return f"- `{model.id}`: {said}{closed}"


def _absent(tools: Tools, named: str) -> list[str]:
    """What is not set up: how, where only a few fit what was asked for; else their names."""
    rows = missing(tools.registry, named)
    if not rows:
        return []
    if named and len(rows) <= _WAYS:
        return ["\n".join(f"- {way_to(tools.registry, row)}" for row in rows)]
    names = ", ".join(row.name for row in rows)
    return [f"**Not set up here**: {names}. `/models` and a name says how."]


def _turns(query: str, page: int, pages: int) -> tuple[Button, ...]:
    said = f"models {query}".strip()
    before = (Button("Previous page", f"{said} page:{page - 1}"),) if page > 1 else ()
    after = (Button("Next page", f"{said} page:{page + 1}"),) if page < pages else ()
    return (*before, *after)


MODELS = Command(
    name="models",
    summary="browse all models, filtered by words",
    handler=_models,
    options=(
        Option(
            "query",
            OptionKind.MODEL,
            "part of a name, local, images, free, <2, >100k, sort:price",
            rest=True,
        ),
        Option("page", OptionKind.NUMBER, "which page", keyed=True),
    ),
    example="/models local",
    anywhere=True,
)
