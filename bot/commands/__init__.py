"""What people can say to the bot, written once: every surface's commands are made from this tuple."""

from __future__ import annotations

from bot.commands.access import ACCESS
from bot.commands.agents import AGENT
from bot.commands.alerts import ALERTS
from bot.commands.approvals import APPROVE, DECLINE
from bot.commands.budget import BUDGET
from bot.commands.catalogue import MODELS
from bot.commands.chain import CHAIN
from bot.commands.conversation import CONTINUE, NEW, RETRY, STOP
from bot.commands.digest import DIGEST
from bot.commands.feedback import RATE
from bot.commands.follow import FOLLOW
from bot.commands.forget import FORGET
from bot.commands.fork import FORK
from bot.commands.grammar import Command
from bot.commands.help import HELP
from bot.commands.models import MODEL
from bot.commands.ollama import OLLAMA
from bot.commands.site import SETTINGS
from bot.commands.summarise import SUMMARISE
from bot.commands.system import SYSTEM
from bot.commands.usage import USAGE

COMMANDS: tuple[Command, ...] = (
    MODEL,
    MODELS,
    AGENT,
    SYSTEM,
    ACCESS,
    NEW,
    STOP,
    RETRY,
    CONTINUE,
    FORK,
    SUMMARISE,
    RATE,
    FOLLOW,
    CHAIN,
    FORGET,
    SETTINGS,
    OLLAMA,
    USAGE,
    BUDGET,
    APPROVE,
    DECLINE,
    DIGEST,
    ALERTS,
    HELP,
)
