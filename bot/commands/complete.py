"""What a half-typed line may become, best first.

First what begins with what was typed, then what contains it, then what has its letters in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from bot.commands import describe
from bot.commands.grammar import Command, Option, OptionKind, Suggestion
from bot.commands.parse import find
from bot.providers.registry import Model

T = TypeVar("T")

_LOOSE = 2  # the score of a match by letters alone


def complete(
    text: str, commands: Sequence[Command], models: Sequence[Model], limit: int
) -> tuple[Suggestion, ...]:
    """At most ``limit`` ways to complete the line; none where it is no command."""
    mark, line = text[:1], text[1:]
    if mark not in ("/", "!"):
        return ()
    name, space, rest = line.partition(" ")
    if not space:
        found = ranked(name, commands, lambda command: (command.name, *command.aliases))
        return tuple(_of_command(mark, command) for _, command in found[:limit])
    command = find(name.lower(), commands)
    if command is None:
        return ()
    before, gap, word = rest.rpartition(" ")
    start = f"{mark}{name} {before}{gap}"
    values = [value for option in command.options for value in _values(option, word, commands, models, limit)]
    return tuple(Suggestion(start + value, value, detail) for value, detail in values[:limit])


def ranked(typed: str, items: Iterable[T], names: Callable[[T], Sequence[str]]) -> list[tuple[int, T]]:
    """What matches, best first, each with its score (0 is best); among equals the order stays."""
    wanted = typed.lower()
    scored = [(score, item) for item in items if (score := _score(wanted, names(item))) is not None]
    return sorted(scored, key=lambda pair: pair[0])


def matching(typed: str, models: Iterable[Model]) -> list[Model]:
    """The models that fit what was typed, the best first; all of them where nothing was."""
    return [model for _, model in ranked(typed, models, _names)]


def containing(typed: str, models: Iterable[Model]) -> list[Model]:
    """The models whose name contains what was typed, those that begin with it first."""
    return [model for score, model in ranked(typed, models, _names) if score < _LOOSE]


def _names(model: Model) -> tuple[str, str]:
    return str(model.id), model.id.model


def _score(wanted: str, names: Sequence[str]) -> int | None:
    lowered = [name.lower() for name in names]
    if any(name.startswith(wanted) for name in lowered):
        return 0
    if any(wanted in name for name in lowered):
        return 1
    return _LOOSE if any(_in_order(wanted, name) for name in lowered) else None


def _in_order(letters: str, name: str) -> bool:
    at = 0
    for letter in letters:
        at = name.find(letter, at) + 1
        if not at:
            return False
    return True


def _of_command(mark: str, command: Command) -> Suggestion:
    space = " " if command.options else ""
    return Suggestion(f"{mark}{command.name}{space}", f"{mark}{command.name}", command.summary)


def _values(
    option: Option, word: str, commands: Sequence[Command], models: Sequence[Model], limit: int
) -> list[tuple[str, str]]:
    """What an option may be, with its detail."""
    match option.kind:
        case OptionKind.MODEL:
            found = matching(word, models)[:limit]
            return [(str(model.id), describe.in_short(model)) for model in found]
        case OptionKind.COMMAND:
            named = ranked(word, commands, lambda each: (each.name, *each.aliases))
            return [(each.name, each.summary) for _, each in named]
        case OptionKind.CHOICE | OptionKind.FLAG:
            words = option.choices or (option.name,)
            if option.keyed:
                words = tuple(f"{option.name}:{each}" for each in words) if word else ()
                words = tuple(each for each in words if each.startswith(word.lower()))
            return [(each, option.summary) for _, each in ranked(word, words, lambda each: (each,))]
        case OptionKind.TEXT | OptionKind.NUMBER | OptionKind.AGENT:
            return []
