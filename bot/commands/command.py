"""The desk where every surface hands in what people say, and the words it is described in."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from bot.calls import access
from bot.commands import COMMANDS
from bot.commands.complete import complete, matching
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
from bot.commands.offers import Offer, not_set_up, offered
from bot.commands.own import Own, own
from bot.commands.parse import Parsed, parse
from bot.commands.spoken import spoken
from bot.conversation.engine import Engine
from bot.conversation.settings import Choice, Settings
from bot.conversation.tasks import TaskDesk
from bot.core.errors import BadInput, SwitchboardError
from bot.core.provider import ModelId
from bot.core.view import Tone, View
from bot.providers.ollama.managed import Managed
from bot.providers.registry import Model, Registry
from bot.providers.status import ModelStatus, unseen
from bot.workbench.digester import Digester
from storage.errors import StorageError
from storage.store import Store

__all__ = [
    "COMMANDS",
    "Answer",
    "Asked",
    "Command",
    "Desk",
    "Offer",
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

    def __init__(
        self,
        store: Store,
        registry: Registry,
        engine: Engine,
        settings: Settings,
        *,
        tasks: TaskDesk | None = None,
        ollama: Managed | None = None,
        status: Callable[[ModelId], ModelStatus] = unseen,
        site: str = "",
        digests: Digester | None = None,
        mails: bool = False,
    ) -> None:
        """``tasks`` is the desk that this process's runner listens to, None for one that others' runners find.

        ``status`` tells how a model does, as far as this process knows. ``site`` is where people reach the site,
        without a slash at its end. ``digests`` None makes one that knows no address of any place.
        """
        tasks = tasks or TaskDesk(store.tasks)
        digests = digests or Digester(store, registry.models)
        self._tools = Tools(
            store, registry, engine, settings, COMMANDS, tasks, digests, ollama, status, site, mails
        )

    @property
    def tools(self) -> Tools:
        """What commands work with, for the pages that do the same."""
        return self._tools

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
        if not (asked.in_conversation or parsed.command.anywhere):
            raise BadInput(f"/{parsed.command.name} at {asked.place}", say=_not_here(parsed.command))
        return await parsed.command.handler(self._tools, asked, parsed.values)

    def line_of(self, text: str, *, mentioned: bool, in_conversation: bool) -> str | None:
        """The command line ("/model gpt-4.1") that a message without files means, None where it is something said.

        ``text`` is as a person reads it, a mention of us at its beginning taken out, which ``mentioned`` then says.
        ``in_conversation``: a direct message, or a place that has a conversation: only there ``!model`` counts.
        From memory.
        """
        words = text.strip()
        if not mentioned and not (in_conversation and words.startswith("!")):
            return None
        return self.spoken(words)

    def spoken(self, text: str) -> str | None:
        """The line that plain words mean ("model gpt"), None where they may be meant for a model. From memory."""
        return spoken(text, self._tools.commands, self._tools.registry.models())

    async def chosen(self, asked: Asked) -> Choice:
        """The model that answers where somebody asks, and why. Raises StorageDown."""
        return await self._tools.settings.chosen(asked.place, asked.person_id)

    async def allowed(self, asked: Asked) -> Callable[[Model], bool]:
        """Which models who asks may use there. What cannot be looked up now is left to the call to refuse."""
        try:
            rules = await access.rules(self._tools.store, asked.place, asked.person_id)
        except StorageError as error:
            log.warning("a choice is offered without its rules: %s", error)
            return lambda _: True
        return lambda model: access.permitted(rules, model.id)

    async def own(self, asked: Asked) -> Own:
        """What the person who asks has there: model, usage, budgets. Raises StorageDown."""
        return await own(self._tools, asked)

    def offers(self, typed: str, allowed: Callable[[Model], bool]) -> list[Offer]:
        """What a choice offers for what was typed: models, the best first, then what is not set up. From memory."""
        fitting = offered(model for model in self.models(typed) if allowed(model))
        return [*fitting, *self.absent(typed)]

    def absent(self, typed: str) -> list[Offer]:
        """The providers that are not set up and whose name has what was typed. From memory."""
        return not_set_up(self._tools.registry, typed)

    def models(self, typed: str) -> list[Model]:
        """The models that fit what was typed, the best first; all of them for "". From memory.

        A full name that no list has is taken at its word, as ``/model`` takes it.
        """
        registry = self._tools.registry
        if found := matching(typed, registry.models()):
            return found
        try:
            return [registry.model(registry.find(typed))]
        except SwitchboardError:
            return []

    def complete(self, text: str, limit: int = 25) -> tuple[Suggestion, ...]:
        """Ways to complete a half-typed line, best first."""
        return complete(text, self._tools.commands, self._tools.registry.models(), limit)


def _not_here(command: Command) -> str:
    say = "belongs to a conversation, and every thread is one of its own"
    return f"`/{command.name}` {say}: write `@Switchboard {command.name}` in a thread."


def _in_words(say: str) -> Answer:
    return Answer(View(say, tone=Tone.ERROR))
