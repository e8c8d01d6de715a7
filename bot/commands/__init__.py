"""What people can say to the bot, written once: every surface's commands are made from this tuple."""

from __future__ import annotations

from bot.commands.conversation import CONTINUE, NEW, RETRY, STOP
from bot.commands.grammar import Command
from bot.commands.help import HELP
from bot.commands.models import MODEL

COMMANDS: tuple[Command, ...] = (MODEL, NEW, STOP, RETRY, CONTINUE, HELP)
