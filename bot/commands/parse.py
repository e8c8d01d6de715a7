"""From a typed line to a command and the values of its options. Raises BadInput and nothing else."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.commands.grammar import Command, Option, OptionKind, Value
from bot.core.errors import BadInput

_LINE = re.compile(r"(?P<mark>[/!])(?P<name>[a-z-]+)(?:\s+(?P<rest>.*))?", re.DOTALL | re.IGNORECASE)
_NUMBER = re.compile(r"#?([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A command with the values of the options that were given; flags always have one."""

    command: Command
    values: dict[str, Value]


def parse(text: str, commands: Sequence[Command]) -> Parsed | None:
    """Read a line. None where it is ordinary text, a path, an exclamation: not ``/word`` or ``!command``."""
    line = _LINE.fullmatch(text)
    if line is None:
        return None
    name = line["name"].lower()
    command = find(name, commands)
    if command is not None:
        return Parsed(command, _values(command, line["rest"] or ""))
    if line["mark"] == "!":
        return None
    raise BadInput(f"no command {name}", say=_unknown(name, commands))


def find(name: str, commands: Iterable[Command]) -> Command | None:
    """The command of that name or alias."""
    return next((command for command in commands if name == command.name or name in command.aliases), None)


def nearest(name: str, names: Sequence[str]) -> str:
    """The most similar names, as a person reads them; all where none is similar."""
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5) or names
    return ", ".join(f"`{each}`" for each in near)


def _unknown(name: str, commands: Sequence[Command]) -> str:
    names = [f"/{each}" for command in commands for each in (command.name, *command.aliases)]
    near = nearest(f"/{name}", names)
    return f"There is no command `/{name}`. Nearest: {near}. To send it as a message, begin with a space."


def _values(command: Command, rest: str) -> dict[str, Value]:
    values: dict[str, Value] = {o.name: False for o in command.options if o.kind is OptionKind.FLAG}
    keyed, rest = _keyed([option for option in command.options if option.keyed], rest)
    values |= keyed
    left = [option for option in command.options if not option.keyed]
    while rest := rest.strip():
        word, _, after = _split(rest)
        option = next((option for option in left if _accepts(option, word)), None)
        if option is None:
            raise BadInput(
                f"/{command.name} has no place for {word[:40]!r}", say=_no_place(command, left, word)
            )
        left.remove(option)
        values[option.name] = rest if option.rest else _value(option, word)
        rest = "" if option.rest else after
    missing = next((option for option in left if option.required), None)
    if missing is not None:
        raise BadInput(f"/{command.name} lacks {missing.name}", say=_missing(command, missing))
    return values


def _keyed(options: Sequence[Option], rest: str) -> tuple[dict[str, Value], str]:
    """What is written with its name (``scope:me``, ``for:"Ada L."``) at either end of the words, and what is left."""
    values: dict[str, Value] = {}
    by_name = {option.name: option for option in options}
    if not by_name:
        return values, rest
    names = "|".join(map(re.escape, by_name))
    value = r"(\"[^\"]*\"|\S+)"
    ends = (rf"\s*({names}):{value}(?:\s+|$)", rf"(?:^|.*\s)(({names}):{value})\s*$")
    while found := re.match(ends[0], rest, re.IGNORECASE):
        values[found[1].lower()] = _given(by_name[found[1].lower()], found[2])
        rest = rest[found.end() :]
    while found := re.match(ends[1], rest, re.IGNORECASE | re.DOTALL):
        values[found[2].lower()] = _given(by_name[found[2].lower()], found[3])
        rest = rest[: found.start(1)]
    return values, rest


def _given(option: Option, word: str) -> Value:
    word = word.strip('"')
    if _accepts(option, word):
        return _value(option, word)
    if option.choices:
        near = nearest(word.lower(), option.choices)
        raise BadInput(
            f"no {option.name} {word[:40]!r}",
            say=f"There is no {option.name} “{_cut(word)}”. Nearest: {near}.",
        )
    raise BadInput(f"{option.name} {word[:40]!r}", say=f"{option.name} wants a number, not “{_cut(word)}”.")


def _cut(word: str) -> str:
    return word if len(word) <= 40 else f"{word[:39]}…"


def _split(text: str) -> tuple[str, str, str]:
    parts = text.split(maxsplit=1)
    return parts[0], " ", parts[1] if len(parts) > 1 else ""


def _accepts(option: Option, word: str) -> bool:
    match option.kind:
        case OptionKind.CHOICE:
            return word.lower() in option.choices
        case OptionKind.FLAG:
            return word.lower() in (option.name, f"--{option.name}")
        case OptionKind.NUMBER:
            return _NUMBER.fullmatch(word) is not None
        case OptionKind.TEXT | OptionKind.MODEL | OptionKind.COMMAND | OptionKind.AGENT:
            return True


def _value(option: Option, word: str) -> Value:
    match option.kind:
        case OptionKind.CHOICE:
            return word.lower()
        case OptionKind.FLAG:
            return True
        case OptionKind.NUMBER:
            return int(word.removeprefix("#"))
        case OptionKind.TEXT | OptionKind.MODEL | OptionKind.COMMAND | OptionKind.AGENT:
            return word


def _no_place(command: Command, left: Sequence[Option], word: str) -> str:
    shown = _cut(word)
    choices = [choice for option in left for choice in option.choices]
    if choices:
        return f"“{shown}” is not one of the choices. Nearest: {nearest(word.lower(), choices)}."
    return f"“{shown}” is too much for `/{command.name}`; it is written `{command.usage}`."


def _missing(command: Command, option: Option) -> str:
    choices = f" ({nearest('', option.choices)})" if option.choices else ""
    example = f" For example: `{command.example}`." if command.example else ""
    return f"`/{command.name}` needs {option.name}{choices}: {option.summary}.{example}"
