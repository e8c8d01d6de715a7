"""The message in which a model is chosen, and the form to search in. All that they need stands in them. All pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.adapters.discord.commands.offering import MOST, clipped
from bot.adapters.discord.outgoing.render import JSON, NOBODY
from bot.commands.describe import as_option
from bot.commands.models import DEFAULT, TAKE_BACK
from bot.commands.offers import NOT_SET_UP, Offer
from bot.conversation.pages.inline import unpinged
from bot.core.provider import ModelId
from bot.providers.registry import Model

SELECT, SEARCH, TYPED = "pick", "seek", "typed"
_ROW, _BUTTON, _STRINGS, _INPUT, _LABEL = 1, 2, 3, 4, 18
_SECONDARY, _SHORT = 2, 1
_TEXT, _CONTENT, _TYPED = 100, 2_000, 100


def window(
    heading: str,
    models: Sequence[Model],
    current: ModelId,
    thread: str,
    *,
    absent: Sequence[Offer] = (),
    searched: bool = False,
) -> JSON:
    """The message: a sentence, the choice among the best 25, and the way to all others, listed or not.

    ``current`` is the model that answers now. What was ``searched`` for is without the way back. ``absent`` are
    providers that are not set up: Discord disables no entry, so they stand last, and say how when they are chosen.
    """
    fitting = [model for model in models if len(str(model.id)) <= _TEXT]
    room = MOST if searched else MOST - 1
    options = _options(fitting, current, room)
    if not searched:
        options = [{"label": "Default", "value": DEFAULT, "description": TAKE_BACK}, *options]
    options += [_absent(one) for one in absent if len(one.value) <= _TEXT][: MOST - len(options)]
    rows = (
        [_row({"type": _STRINGS, "custom_id": f"{SELECT}:{thread}", "options": options})] if options else []
    )
    button = {"type": _BUTTON, "style": _SECONDARY, "label": "Search", "custom_id": f"{SEARCH}:{thread}"}
    rows.append(_row(button))
    return {"content": clipped(unpinged(heading), _CONTENT), "components": rows, "allowed_mentions": NOBODY}


def found(
    typed: str, models: Sequence[Model], current: ModelId, thread: str, absent: Sequence[Offer] = ()
) -> JSON:
    """The same message after a search."""
    more = len(models) - MOST
    heading = f"Models with “{typed}”:" if models or absent else f"No model fits “{typed}”."
    if more > 0:
        heading = f"{heading} the best {MOST}; more letters find the other {more}."
    return window(heading, models, current, thread, absent=absent, searched=True)


def form(thread: str) -> JSON:
    """The form with one line to search in."""
    line = {
        "type": _INPUT,
        "custom_id": TYPED,
        "style": _SHORT,
        "max_length": _TYPED,
        "placeholder": "Part of a name, or a whole one that no list has",
    }
    return {
        "custom_id": f"{SEARCH}:{thread}",
        "title": "Choose the model",
        "components": [{"type": _LABEL, "label": "Model", "component": line}],
    }


def typed_in(components: Sequence[Mapping[str, Any]]) -> str:
    """What was typed into the form."""
    for one in components:
        inner = one.get("component")
        if isinstance(inner, Mapping) and inner.get("custom_id") == TYPED:
            return str(inner.get("value") or "").strip()
    return ""


def part_of(custom_id: str) -> tuple[str, str] | None:
    """Which part of the choice it is and which thread it is about; None where it is none."""
    kind, colon, thread = custom_id.partition(":")
    return (kind, thread) if colon and kind in (SELECT, SEARCH) else None


def chosen(value: str) -> str:
    """What the message says once something was chosen there."""
    return "Done." if value == DEFAULT else f"{value} is chosen."


def _options(models: Sequence[Model], current: ModelId, room: int) -> list[JSON]:
    """The entries, those of a provider beside each other, with the one that answers now among them and marked."""
    first = list(models[:room])
    now = next((model for model in models if model.id == current), None)
    if now is not None and now not in first:
        first[-1] = now
    order = {provider: n for n, provider in enumerate(dict.fromkeys(one.id.provider for one in first))}
    first.sort(key=lambda model: order[model.id.provider])
    return [_option(model, marked=model.id == current) for model in first]


def _option(model: Model, *, marked: bool) -> JSON:
    name = str(model.id)
    made: JSON = {"label": name, "value": name, "description": clipped(as_option(model))}
    return made | {"default": True} if marked else made


def _absent(offer: Offer) -> JSON:
    label = clipped(f"{offer.label} ({NOT_SET_UP.lower()})")
    return {"label": label, "value": offer.value, "description": clipped(offer.about)}


def _row(one: JSON) -> JSON:
    return {"type": _ROW, "components": [one]}
