"""Which model answers here, and why, and what is answered at all: the nearest level that says so wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.calls import access
from bot.conversation.agents import AUTO, Wish, fulfilled, wish_of
from bot.core.place import Place, Scope
from bot.core.provider import ModelId
from bot.providers.registry import Registry
from storage.agents import Agent
from storage.conversations import Conversation
from storage.settings import Setting
from storage.store import Store

MODEL = "model"  # the setting's key at every level
LAST = "last"  # a person's value for it: what they used last, which stands at LAST_USED
LAST_USED = "model.last"
FOLLOW = "follow"  # which messages of a channel's threads are answered: THREADS or MENTIONS
LEFT = "footer.left"  # whether footers say what is left of the tightest budget: true or false
THREADS, MENTIONS = "threads", "mentions"
INSTALLATION = "installation"

_WORDS = {
    Scope.CHANNEL: "the channel's default",
    Scope.WORKSPACE: "the workspace's default",
}
_LAST_WORDS = "the one you used last, as you wished"
_WISHES = {
    Wish.CHEAP: "a cheap model",
    Wish.LARGE: "one that reads much at once",
    Wish.REASONING: "one that thinks first",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A model with the reason it was chosen, in words that finish "answered by … because it is …"."""

    model: ModelId
    reason: str
    level: str  # "thread", "agent", "channel", "person", "workspace", "installation", "default"


@dataclass(frozen=True, slots=True)
class Standing:
    """What one level says. ``value`` is a model, LAST, or an agent's "auto:" and a wish; None: nothing.

    ``by`` is a person's id and ``at`` when it was said, None where that is not known. ``choice`` is what comes of it.
    """

    level: str
    value: str | None = None
    by: int | None = None
    at: datetime | None = None
    choice: Choice | None = None


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


def _levels(place: Place | None, person_id: int | None) -> list[_Level]:
    wide = {wider.scope: wider for wider in place.widen()} if place else {}
    levels = [
        _Level(scope.value, place_scope(wide[scope]), _WORDS[scope]) for scope in _WORDS if scope in wide
    ]
    if person_id is not None:
        between = sum(level.name == "channel" for level in levels)
        levels.insert(between, _Level("person", person_scope(person_id), "your own default"))
    levels.append(_Level("installation", INSTALLATION, "this installation's default"))
    return levels


class Settings:
    """Finds the model for a place by widening: thread, agent, channel, person, workspace, installation, default."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self.store, self._registry = store, registry

    async def choose(
        self,
        place: Place,
        person_id: int | None,
        conversation: Conversation | None = None,
        agent: Agent | None = None,
    ) -> Choice:
        """The model that answers here; ``agent`` is the conversation's. Raises nothing but storage's errors."""
        if (own := _own(conversation)) is not None:
            return own
        if agent is not None and (brought := await self._brought(agent, place, person_id)) is not None:
            return brought
        levels = _levels(place, person_id)
        found = await self._found(levels)
        for level in levels:
            if (choice := _choice(level, found)) is not None:
                return choice
        return self._default()

    async def chosen(self, place: Place, person_id: int | None) -> Choice:
        """The model that answers in the place as it now stands, its conversation's own choice included."""
        conversation = await self.store.conversations.current(str(place))
        return await self.choose(place, person_id, conversation, await self.agent(conversation))

    async def agent(self, conversation: Conversation | None) -> Agent | None:
        """The agent of a conversation, None where it has none or that was removed."""
        if conversation is None or conversation.agent_id is None:
            return None
        return await self.store.agents.get(conversation.agent_id)

    async def standings(self, place: Place, person_id: int) -> list[Standing]:
        """What every level says about a place and a person, the narrowest first; the last is the default."""
        conversation = await self.store.conversations.current(str(place))
        levels = _levels(place, person_id)
        own = [await self._threads(conversation), await self._agents(conversation, place, person_id)]
        return [*own, *await self._standing(levels)]

    async def defaults(self, place: Place | None) -> list[Standing]:
        """What is said for everybody: by a channel, its workspace, the installation, and else.

        The narrowest first; without a place only the last two.
        """
        return await self._standing(_levels(place, None))

    async def used(self, person_id: int | None, model: ModelId) -> None:
        """A person asks a model, or switches to it: kept for those who want what they used last."""
        if person_id is None:
            return
        scope = person_scope(person_id)
        found = await self.store.settings.get_table([scope], [MODEL, LAST_USED])
        wish, last = found.get((scope, MODEL)), found.get((scope, LAST_USED))
        if wish is not None and wish.value == LAST and (last is None or last.value != str(model)):
            await self.store.settings.note(scope, LAST_USED, str(model))

    async def follows(self, place: Place) -> bool:
        """Whether messages in this place's threads are answered without a mention, once a conversation is there.

        Channel, workspace, installation; where none says so they are.
        """
        scopes = [level.scope for level in _levels(place, None)]
        found = await self.store.settings.get_many(scopes, FOLLOW)
        nearest = next((found[scope].value for scope in scopes if scope in found), THREADS)
        return bool(nearest == THREADS)

    async def shows_left(self, place: Place) -> bool:
        """Whether footers here say what is left of the tightest budget: channel, workspace, installation; else no."""
        scopes = [level.scope for level in _levels(place, None)]
        found = await self.store.settings.get_many(scopes, LEFT)
        return next((found[scope].value is True for scope in scopes if scope in found), False)

    def _default(self) -> Choice:
        return Choice(self._registry.default(), "the default for what is configured", "default")

    async def _standing(self, levels: list[_Level]) -> list[Standing]:
        found = await self._found(levels)
        standings = []
        for level in levels:
            setting = found.get((level.scope, MODEL))
            choice = _choice(level, found)
            standings.append(
                Standing(level.name)
                if setting is None
                else Standing(level.name, str(setting.value), setting.set_by, setting.set_at, choice)
            )
        default = self._default()
        return [*standings, Standing("default", str(default.model), choice=default)]

    async def _found(self, levels: list[_Level]) -> Mapping[tuple[str, str], Setting]:
        return await self.store.settings.get_table([level.scope for level in levels], [MODEL, LAST_USED])

    async def _brought(self, agent: Agent, place: Place, person_id: int | None) -> Choice | None:
        """The model that an agent brings, found where it only has a wish; None where it brings none."""
        wish = wish_of(agent)
        if wish is None:
            if agent.model is None or agent.model.startswith(AUTO):
                return None
            return Choice(ModelId.parse(agent.model), f"the model of the agent {agent.name}", "agent")
        rules = await access.rules(self.store, place, person_id)
        models = [model for model in self._registry.models() if access.permitted(rules, model.id)]
        model = fulfilled(wish, models)
        reason = f"what the agent {agent.name}, which wants {_WISHES[wish]}, finds here"
        return None if model is None else Choice(model, reason, "agent")

    async def _threads(self, conversation: Conversation | None) -> Standing:
        own = _own(conversation)
        if own is None or conversation is None:
            return Standing("thread")
        row = await self.store.audit.last("set model", f"conversation:{conversation.id}")
        by, at = (None, None) if row is None else (row.person_id, row.at)
        return Standing("thread", str(own.model), by, at, own)

    async def _agents(self, conversation: Conversation | None, place: Place, person_id: int) -> Standing:
        agent = await self.agent(conversation)
        if agent is None:
            return Standing("agent")
        brought = await self._brought(agent, place, person_id)
        return Standing("agent", agent.model, agent.created_by, agent.updated_at, brought)


def _own(conversation: Conversation | None) -> Choice | None:
    """What a conversation has chosen itself."""
    if conversation is None or not conversation.current_model:
        return None
    return Choice(ModelId.parse(conversation.current_model), "set in this thread", "thread")


def _choice(level: _Level, found: Mapping[tuple[str, str], Setting]) -> Choice | None:
    """What a level says, None where it says nothing, or wants what was used last and that is not known."""
    setting = found.get((level.scope, MODEL))
    if setting is None:
        return None
    if setting.value != LAST:
        return Choice(ModelId.parse(str(setting.value)), level.words, level.name)
    last = found.get((level.scope, LAST_USED))
    return None if last is None else Choice(ModelId.parse(str(last.value)), _LAST_WORDS, level.name)
