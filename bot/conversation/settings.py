"""Which model answers here, and why: the nearest level that says so wins."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.place import Place, Scope
from bot.core.provider import ModelId
from bot.providers.registry import Registry
from storage.conversations import Conversation
from storage.store import Store

MODEL = "model"  # the setting's key at every level
INSTALLATION = "installation"

_WORDS = {
    Scope.CHANNEL: "the channel's default",
    Scope.WORKSPACE: "the workspace's default",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A model with the reason it was chosen, in words that finish "answered by … because it is …"."""

    model: ModelId
    reason: str
    level: str  # "thread", "channel", "person", "workspace", "installation", "default"


@dataclass(frozen=True, slots=True)
class _Level:
    name: str
    scope: str
    words: str


def place_scope(place: Place) -> str:
    """The settings scope of a place."""
    return f"place:{place}"


def person_scope(person_id: int) -> str:
    """The settings scope of a person."""
    return f"person:{person_id}"


def _levels(place: Place, person_id: int | None) -> list[_Level]:
    wide = {wider.scope: wider for wider in place.widen()}
    levels = [
        _Level(scope.value, place_scope(wide[scope]), _WORDS[scope]) for scope in _WORDS if scope in wide
    ]
    if person_id is not None:
        between = sum(level.name == "channel" for level in levels)
        levels.insert(between, _Level("person", person_scope(person_id), "your own default"))
    levels.append(_Level("installation", INSTALLATION, "this installation's default"))
    return levels


class Settings:
    """Finds the model for a place by widening: thread, channel, person, workspace, installation, default."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self.store, self._registry = store, registry

    async def choose(
        self, place: Place, person_id: int | None, conversation: Conversation | None = None
    ) -> Choice:
        """The model that answers here. One query; raises nothing but storage's errors."""
        if conversation is not None and conversation.current_model:
            return Choice(ModelId.parse(conversation.current_model), "set in this thread", "thread")
        levels = _levels(place, person_id)
        found = await self.store.settings.get_many([level.scope for level in levels], MODEL)
        for level in levels:
            if level.scope in found:
                return Choice(ModelId.parse(str(found[level.scope].value)), level.words, level.name)
        return Choice(self._registry.default(), "the default for what is configured", "default")
