"""Application commands: what a set of them may hold, and where one can be used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.discord.refusals import JSON
from tests.fakes.discord.shapes import (
    Check,
    Invalid,
    Shape,
    Where,
    anything,
    flag,
    many,
    maybe,
    number,
    one,
    text,
)

SLASH, ON_USER, ON_MESSAGE = 1, 2, 3
SUB, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, FILE = range(1, 12)
MOST: Mapping[int, int] = {SLASH: 100, ON_USER: 15, ON_MESSAGE: 15}
CHARACTERS = 8_000
IN_GUILD, IN_BOT_DM, IN_PRIVATE = 0, 1, 2
BY_GUILD, BY_USER = 0, 1

_NAME = re.compile(r"[-_'\w]{1,32}")
_localized = maybe(anything)


def _name(value: Any, where: Where) -> None:
    if not isinstance(value, str) or not _NAME.fullmatch(value) or value != value.lower():
        raise Invalid(where, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


_choice = Shape({"name": text(100), "value": anything}, {"name_localizations": _localized})
_described: Mapping[str, Check] = {"type": anything, "name": _name, "description": text(100)}
_localizations: Mapping[str, Check] = {
    "name_localizations": _localized,
    "description_localizations": _localized,
}
_value = Shape(
    _described,
    {
        **_localizations,
        "required": flag,
        "choices": many(_choice, 25),
        "autocomplete": flag,
        "channel_types": anything,
        "min_value": number(-(2**53), 2**53),
        "max_value": number(-(2**53), 2**53),
        "min_length": number(0, 6000),
        "max_length": number(1, 6000),
        "options": many(anything, 0),
    },
)
_common: Mapping[str, Check] = {
    **_localizations,
    "id": anything,
    "type": one(SLASH, ON_USER, ON_MESSAGE),
    "default_member_permissions": maybe(anything),
    "dm_permission": maybe(flag),
    "default_permission": maybe(flag),
    "nsfw": flag,
    "contexts": maybe(many(one(IN_GUILD, IN_BOT_DM, IN_PRIVATE), 3)),
    "integration_types": maybe(many(one(BY_GUILD, BY_USER), 2, 1)),
}


def _options(value: Any, where: Where, depth: int = 0) -> None:
    """Values, or at the first two levels subcommands; required ones first; no name twice."""
    many(anything, 25)(value, where)
    names: set[str] = set()
    optional = False
    nesting = {option.get("type") in (SUB, GROUP) for option in value if isinstance(option, dict)}
    if len(nesting) > 1:
        raise Invalid(where, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-command and values do not mix")
    for place, option in enumerate(value):
        at = (*where, str(place))
        _option(option, at, depth)
        if option["name"] in names:
            raise Invalid(at, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option names must be unique")
        names.add(option["name"])
        if option.get("required") and optional:
            message = "Required options must be placed before non-required options"
            raise Invalid(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional = optional or not option.get("required")


def _option(option: Any, where: Where, depth: int) -> None:
    kind = option.get("type") if isinstance(option, dict) else None
    if (
        type(kind) is not int
        or not SUB <= kind <= FILE
        or (kind == GROUP and depth)
        or (kind == SUB and depth > 1)
    ):
        raise Invalid((*where, "type"), "BASE_TYPE_CHOICES", "Value must be one of the option types.")
    if kind in (SUB, GROUP):
        Shape(_described, {**_localizations, "options": anything})(option, where)
        nested = option.get("options", [])
        if kind == GROUP and any(one.get("type") != SUB for one in nested):
            raise Invalid((*where, "options"), "BASE_TYPE_CHOICES", "A group holds subcommands")
        if kind == SUB and any(one.get("type") in (SUB, GROUP) for one in nested):
            raise Invalid((*where, "options"), "BASE_TYPE_CHOICES", "A subcommand holds values")
        _options(nested, (*where, "options"), depth + 1)
        return
    _value(option, where)
    if option.get("autocomplete") and (option.get("choices") or kind not in (STRING, INTEGER, NUMBER)):
        message = "Autocomplete cannot be enabled here"
        raise Invalid((*where, "autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID", message)
    for place, choice in enumerate(option.get("choices", [])):
        fits = isinstance(choice["value"], str) if kind == STRING else type(choice["value"]) in (int, float)
        if not fits or len(str(choice["value"])) > 100:
            at = (*where, "choices", str(place), "value")
            raise Invalid(at, "STRING_TYPE_CONVERT", "The value does not fit its option")


_slash = Shape({"name": _name, "description": text(100)}, {**_common, "options": _options})
_menu = Shape(
    {"name": text(32), "type": one(ON_USER, ON_MESSAGE)},
    {**_common, "description": maybe(text(0, 0)), "options": many(anything, 0)},
)


def check(value: Any, where: Where = ()) -> JSON:
    """One command. Raises Invalid."""
    kind = value.get("type", SLASH) if isinstance(value, dict) else SLASH
    (_slash if kind == SLASH else _menu)(value, where)
    if sum(map(len, _characters(value))) > CHARACTERS:
        code = "APPLICATION_COMMAND_TOO_LARGE"
        raise Invalid(where, code, f"Command exceeds maximum size ({CHARACTERS})")
    return {**value, "type": kind}


def check_set(values: Any) -> list[JSON]:
    """All commands of one place. Raises Invalid."""
    many(anything, sum(MOST.values()))(values, ())
    checked = [check(value, (str(place),)) for place, value in enumerate(values)]
    for kind, most in MOST.items():
        names = [one["name"] for one in checked if one["type"] == kind]
        if len(names) > most:
            message = f"Maximum number of application commands reached ({most})"
            raise Invalid((str(most),), "APPLICATION_COMMANDS_MAXIMUM", message)
        if len(set(names)) < len(names):
            code = "APPLICATION_COMMANDS_DUPLICATE_NAME"
            raise Invalid((), code, "Application command names must be unique")
    return checked


def _characters(value: JSON) -> Iterator[str]:
    """What counts: names, descriptions, values; of localizations the longest."""
    for name in ("name", "description"):
        texts = [value.get(name) or "", *(value.get(f"{name}_localizations") or {}).values()]
        yield max(texts, key=len)
    yield from (str(choice["name"]) + str(choice["value"]) for choice in value.get("choices", []))
    for option in value.get("options", []):
        yield from _characters(option)


def usable(command: JSON, context: int, *, by_guild: bool, by_user: bool) -> bool:
    """Whether a command is offered in this kind of place, by the way in which its app got there."""
    contexts = command.get("contexts")
    if contexts is None:
        contexts = (
            [IN_GUILD, IN_BOT_DM, IN_PRIVATE] if command.get("dm_permission") is not False else [IN_GUILD]
        )
    types = command.get("integration_types") or [BY_GUILD]
    way = (by_guild and BY_GUILD in types) or (by_user and BY_USER in types)
    return context in contexts and way
