"""A command in plain words, after the bot's name: only what can hardly be meant for a model is one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot.commands.complete import containing
from bot.commands.grammar import Command, Option, OptionKind, Value
from bot.commands.parse import find, parse
from bot.core.errors import BadInput
from bot.providers.registry import Model

_WORDS = re.compile(r"(?P<mark>[/!]?)(?P<name>[a-z-]+)(?P<rest>\s.*)?", re.DOTALL | re.IGNORECASE)
_ENDS = ".!?… "  # people speak to a bot in sentences


def spoken(text: str, commands: Sequence[Command], models: Iterable[Model]) -> str | None:
    """The line ("/model gpt") that the words mean, None where they may be meant for a model.

    With a mark (``/model``, ``!model``) a command's name is enough. Without one everything that follows it must make
    sense to that command: "stop" is one, "stop the war" is not.
    """
    found = _WORDS.fullmatch(text.strip()) or _WORDS.fullmatch(text.strip(_ENDS))
    command = find(found["name"].lower(), commands) if found is not None else None
    if found is None or command is None:
        return None
    rest = (found["rest"] or "").strip()
    if found["mark"]:
        return _line(command, rest)
    line = _line(command, rest.rstrip(_ENDS))
    return line if _makes_sense(line, commands, models) else None


def _line(command: Command, rest: str) -> str:
    return f"/{command.name} {rest}".rstrip()


def _makes_sense(line: str, commands: Sequence[Command], models: Iterable[Model]) -> bool:
    try:
        parsed = parse(line, commands)
    except BadInput:
        return False
    if parsed is None or "\n" in line:
        return False
    given = [option for option in parsed.command.options if option.name in parsed.values]
    chosen = any(option.kind is OptionKind.CHOICE for option in given)
    return all(
        _fits(option, value, commands, models) or (chosen and _names(option, value))
        for option in given
        for value in (parsed.values[option.name],)
    )


def _names(option: Option, value: Value) -> bool:
    """Whether it is one word, as in "ollama pull llama3.2": after a choice nobody would begin a sentence so."""
    return option.kind is OptionKind.TEXT and len(str(value).split()) == 1


def _fits(option: Option, value: Value, commands: Sequence[Command], models: Iterable[Model]) -> bool:
    """Whether a value that the option takes is really one of its own; a sentence fits into most."""
    match option.kind:
        case OptionKind.MODEL:
            alone = option.rest and len(str(value).split()) == 1
            return alone or "/" in str(value) or bool(containing(str(value), models))
        case OptionKind.COMMAND:
            return find(str(value).lower().lstrip("/!"), commands) is not None
        case OptionKind.TEXT:
            return False
        case OptionKind.CHOICE | OptionKind.FLAG | OptionKind.NUMBER | OptionKind.AGENT:
            return True  # a name alone; whatever follows it is a text, which fits nowhere
