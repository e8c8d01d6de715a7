"""The tuple that every surface's commands are made from."""

import re

import pytest

from bot.commands import COMMANDS
from bot.commands.grammar import Command, OptionKind
from bot.commands.parse import parse


def test_names_and_aliases_are_unique() -> None:
    """No word means two things."""
    names = [name for command in COMMANDS for name in (command.name, *command.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_fits_every_surface(command: Command) -> None:
    """Slack takes 32 characters of a name, Discord 100 of a summary and required options first."""
    words = [command.name, *command.aliases, *(option.name for option in command.options)]
    assert all(re.fullmatch(r"[a-z-]{1,32}", word) for word in words)
    assert all(0 < len(text) <= 100 for text in [command.summary, *(o.summary for o in command.options)])
    required = [option.required for option in command.options]
    assert required == sorted(required, reverse=True)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_choices_stand_where_there_is_something_to_choose(command: Command) -> None:
    """And the words that take the rest stand last."""
    words = [option for option in command.options if not option.keyed]
    for place, option in enumerate(words, 1):
        assert bool(option.choices) == (option.kind is OptionKind.CHOICE)
        assert not option.rest or place == len(words)
    assert [*words, *(option for option in command.options if option.keyed)] == [*command.options]


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.example], ids=lambda command: command.name)
def test_an_example_works(command: Command) -> None:
    """What help shows can be typed."""
    parsed = parse(command.example, COMMANDS)
    assert parsed is not None
    assert parsed.command is command
