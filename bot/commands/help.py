"""``/help``: everything that can be said here, made from the commands themselves."""

from __future__ import annotations

from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.commands.parse import find, nearest
from bot.core.errors import BadInput
from bot.core.view import Tone, View


async def _help(tools: Tools, asked: Asked, values: Values) -> Answer:
    wanted = str(values.get("command", "")).lower().lstrip("/!")
    if not wanted:
        return Answer(View(overview(tools.commands), tone=Tone.NOTICE))
    command = find(wanted, tools.commands)
    if command is None:
        near = nearest(wanted, [each.name for each in tools.commands])
        raise BadInput(f"no command {wanted}", say=f"There is no command `/{wanted}`. Nearest: {near}.")
    return Answer(View(detail(command), tone=Tone.NOTICE))


def overview(commands: tuple[Command, ...]) -> str:
    """All commands, a line each."""
    lines = [f"- `{command.usage}` — {command.summary}" for command in commands]
    return "\n".join(["Write a message and a model answers. Commands:", "", *lines])


def detail(command: Command) -> str:
    """One command with its options, other names and example."""
    parts = [f"`{command.usage}` — {command.summary}"]
    if command.options:
        parts.append("\n".join(f"- `{option.name}`: {_about(option)}" for option in command.options))
    if command.aliases:
        parts.append("Also: " + ", ".join(f"`/{alias}`" for alias in command.aliases) + ".")
    if command.example:
        parts.append(f"Example: `{command.example}`")
    return "\n\n".join(parts)


def _about(option: Option) -> str:
    choices = f" ({', '.join(option.choices)})" if option.choices else ""
    return f"{option.summary}{choices}"


HELP = Command(
    name="help",
    summary="what can be said here",
    handler=_help,
    options=(Option("command", OptionKind.COMMAND, "the one to explain"),),
    example="/help model",
    anywhere=True,
)
