"""The commands as Discord is told of them and completes them, and its way back to a line. All pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bot.adapters.discord.outgoing.render import JSON
from bot.commands.command import COMMANDS, Command, Desk, Option, OptionKind
from bot.commands.describe import in_short
from bot.commands.models import DEFAULT, MODEL, TAKE_BACK
from bot.providers.registry import Model

RETRY, SWITCH, FORK = "Answer again", "Choose the model", "Fork from here"  # in the menu of a message
MOST = 25  # completions, and entries of a select
_SLASH, _ON_MESSAGE = 1, 3
_STRING, _INTEGER, _BOOLEAN = 3, 4, 5
_SERVERS, _DIRECT, _OTHERS = range(3)  # where a command may be used
_BY_SERVER, _BY_PERSON = range(2)  # who may install what offers it
_TEXT = 100  # characters of a description, a choice's name and value
_LARGEST = 999_999_999  # of numbers
_COMPLETED = frozenset({OptionKind.MODEL, OptionKind.COMMAND})


def _any(model: Model) -> bool:
    return True


def offered() -> list[JSON]:
    """Everything that is offered, as ``PUT /applications/{id}/commands`` takes it."""
    slash = [_command(command) for command in COMMANDS]
    menus = [{"type": _ON_MESSAGE, "name": name} for name in (RETRY, SWITCH, FORK)]
    return [
        *({**one, **_where(_SERVERS, _DIRECT, _OTHERS)} for one in slash),
        # Where we are not there are no messages of ours, nor of anybody to us.
        *({**one, **_where(_SERVERS, _DIRECT)} for one in menus),
    ]


def fingerprint(offer: Sequence[JSON]) -> str:
    """Changes when anything in the offer does."""
    return hashlib.sha256(json.dumps(offer, sort_keys=True).encode()).hexdigest()


def line_of(data: Mapping[str, Any]) -> str:
    """What a slash command says, as a line."""
    given = {str(one["name"]): one.get("value") for one in data.get("options") or ()}
    command = _named(str(data["name"]))
    options = () if command is None else command.options
    words = [_word(option, given[option.name]) for option in options if option.name in given]
    return " ".join([f"/{data['name']}", *(word for word in words if word)])


def choices(desk: Desk, data: Mapping[str, Any], allowed: Callable[[Model], bool] = _any) -> list[JSON]:
    """Ways to complete what is being typed, the best first, models as far as they are ``allowed``. From memory."""
    command = _named(str(data["name"]))
    typing = next((one for one in data.get("options") or () if one.get("focused")), None)
    options = () if command is None else command.options
    option = next((one for one in options if typing is not None and one.name == typing["name"]), None)
    if command is None or typing is None or option is None:
        return []
    pairs = _found(desk, command, option, str(typing.get("value") or ""), allowed)
    fitting = [(value, about) for value, about in pairs if 0 < len(value) <= _TEXT]
    return [{"name": _named_so(value, about), "value": value} for value, about in fitting[:MOST]]


def clipped(text: str, most: int = _TEXT) -> str:
    """The text, its end an ellipsis where it is too long."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _found(
    desk: Desk, command: Command, option: Option, typed: str, allowed: Callable[[Model], bool]
) -> Iterable[tuple[str, str]]:
    if option.kind is OptionKind.MODEL:
        if command is MODEL and DEFAULT.startswith(typed.lower()):
            yield DEFAULT, TAKE_BACK
        models = (model for model in desk.models(typed) if allowed(model))
        yield from ((str(model.id), in_short(model)) for model in models)
    elif option.kind is OptionKind.COMMAND:
        found = desk.complete(f"/{command.name} {typed}", MOST)
        yield from ((one.label, one.detail) for one in found)


def _named_so(value: str, about: str) -> str:
    return clipped(f"{value} — {about}" if about else value)


def _named(name: str) -> Command | None:
    return next((command for command in COMMANDS if command.name == name), None)


def _word(option: Option, value: Any) -> str:
    if option.kind is OptionKind.FLAG:
        return option.name if value else ""
    word = " ".join(str(value).split())
    if not (option.keyed and word):
        return word
    quoted = word.replace('"', "")
    return f'{option.name}:"{quoted}"' if " " in word else f"{option.name}:{word}"


def _where(*contexts: int) -> JSON:
    return {"contexts": list(contexts), "integration_types": [_BY_SERVER, _BY_PERSON]}


def _command(command: Command) -> JSON:
    made: JSON = {"type": _SLASH, "name": command.name, "description": clipped(command.summary)}
    # Discord wants those that must be given first.
    options = sorted(command.options, key=lambda option: not option.required)
    return {**made, "options": [_option(option) for option in options]} if options else made


def _option(option: Option) -> JSON:
    made: JSON = {
        "type": _STRING,
        "name": option.name,
        "description": clipped(option.summary),
        "required": option.required,
    }
    match option.kind:
        case OptionKind.NUMBER:
            return made | {"type": _INTEGER, "min_value": 1, "max_value": _LARGEST}
        case OptionKind.FLAG:
            return made | {"type": _BOOLEAN}
        case OptionKind.CHOICE:
            return made | {"choices": [{"name": one, "value": one} for one in option.choices]}
        case OptionKind.MODEL | OptionKind.COMMAND | OptionKind.TEXT | OptionKind.AGENT:
            return made | ({"autocomplete": True} if option.kind in _COMPLETED else {})
