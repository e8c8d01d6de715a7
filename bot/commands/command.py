"""The desk where every surface hands in what people say, and the words it is described in."""

from __future__ import annotations

import logging
import secrets

from bot.commands import COMMANDS
from bot.commands.complete import complete
from bot.commands.grammar import (
    Answer,
    Asked,
    Command,
    Option,
    OptionKind,
    Suggestion,
    Tools,
    Value,
    Values,
)
from bot.commands.parse import Parsed, parse
from bot.conversation.engine import Engine
from bot.conversation.settings import Settings
from bot.core.errors import SwitchboardError
from bot.core.view import Tone, View
from bot.providers.registry import Registry
from storage.errors import StorageError
from storage.store import Store

__all__ = [
    "COMMANDS",
    "Answer",
    "Asked",
    "Command",
    "Desk",
    "Option",
    "OptionKind",
    "Parsed",
    "Suggestion",
    "Value",
    "Values",
]

log = logging.getLogger(__name__)


class Desk:
    """Takes a line, does what it says, and always has an answer in words."""

    def __init__(self, store: Store, registry: Registry, engine: Engine, settings: Settings) -> None:
        self._tools = Tools(store, registry, engine, settings, COMMANDS)

    async def run(self, asked: Asked, text: str) -> Answer | None:
        """Answer a line; None where it is no command but something said. Never raises but by cancellation.

        A button's command is a line too, with "/" before it.
        """
        try:
            parsed = parse(text, self._tools.commands)
            return None if parsed is None else await self.perform(asked, parsed)
        except (SwitchboardError, StorageError) as error:
            return _in_words(error.say)
        except Exception:  # whatever it was, the person must hear of it
            number = secrets.token_hex(4)
            log.exception("a command at %s failed (%s)", asked.place, number)
            return _in_words(f"Something went wrong on our side ({number}). Please try again.")

    async def perform(self, asked: Asked, parsed: Parsed) -> Answer:
        """Do what a command and its values say; raises what goes wrong."""
        return await parsed.command.handler(self._tools, asked, parsed.values)

    def complete(self, text: str, limit: int = 25) -> tuple[Suggestion, ...]:
        """Ways to complete a half-typed line, best first."""
        return complete(text, self._tools.commands, self._tools.registry.models(), limit)


def _in_words(say: str) -> Answer:
    return Answer(View(say, tone=Tone.ERROR))
