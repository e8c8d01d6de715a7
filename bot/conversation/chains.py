"""Which models may stand in for the one that was chosen: a chain that somebody set, else the installation's default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.calls import access
from bot.conversation.settings import INSTALLATION, MODEL, Choice, place_scope
from bot.core.errors import BadInput, NotConfigured
from bot.core.place import Place, Scope
from bot.core.provider import ModelId
from bot.providers.registry import Model, Registry
from storage.store import Store

CHAIN = "chain"  # the setting's key at every level: a list of models, the first to be asked first

_WORDS = {
    Scope.THREAD: "this thread's chain",
    Scope.CHANNEL: "the channel's chain",
    Scope.WORKSPACE: "the workspace's chain",
}


@dataclass(frozen=True, slots=True)
class Chain:
    """Models in the order in which they are asked, and whose chain it is: words that finish "by …".

    An empty one that somebody set (``scope`` says where) lets nobody stand in. ``scope`` "" is nobody's.
    """

    models: tuple[ModelId, ...] = ()
    words: str = ""
    scope: str = ""

    def without(self, model: ModelId) -> tuple[ModelId, ...]:
        """Its models, each once, but for one."""
        return tuple(each for each in dict.fromkeys(self.models) if each != model)


class Chains:
    """Finds the chain of a place by widening: thread, channel, workspace, installation."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store, self._registry = store, registry

    async def of(self, place: Place) -> Chain | None:
        """The nearest chain that somebody set, None where nobody did. One query."""
        words = {place_scope(wider): _WORDS[wider.scope] for wider in place.widen()}
        words[INSTALLATION] = "this installation's chain"
        found = await self._store.settings.get_many(list(words), CHAIN)
        scope = next((scope for scope in words if scope in found), None)
        return None if scope is None else Chain(_models(found[scope].value), words[scope], scope)

    async def behind(self, choice: Choice, place: Place, person_id: int | None) -> Chain:
        """The models that may stand in for a choice, itself not among them.

        Without a chain that is the installation's default, where it may be used here, and where it is no move from a
        local model to a cloud one nor from a free one to a paid one: that only a chain may order.
        """
        chain = await self.of(place) or await self._default(choice.model, place, person_id)
        return Chain(chain.without(choice.model), chain.words, chain.scope)

    async def _default(self, chosen: ModelId, place: Place, person_id: int | None) -> Chain:
        try:
            default = await self._installation_s()
            if default == chosen or not _may_follow(
                self._registry.model(chosen), self._registry.model(default)
            ):
                return Chain()
        except (NotConfigured, BadInput):
            return Chain()
        if not access.permitted(await access.rules(self._store, place, person_id), default):
            return Chain()
        return Chain((default,), "this installation's default")

    async def _installation_s(self) -> ModelId:
        found = await self._store.settings.get_many([INSTALLATION], MODEL)
        set_ = found.get(INSTALLATION)
        return self._registry.default() if set_ is None else ModelId.parse(str(set_.value))


def _may_follow(chosen: Model, other: Model) -> bool:
    """Whether nobody has to be asked before the other one stands in."""
    return (other.local or not chosen.local) and (_is_free(other) or not _is_free(chosen))


def _is_free(model: Model) -> bool:
    return model.local or model.prices.worst_case(model.id, 1_000, 1_000, datetime.now(UTC)) == 0


def _models(value: object) -> tuple[ModelId, ...]:
    """The setting's value. What is no model is left out: nobody stands in by mistake."""
    named: Sequence[object] = value if isinstance(value, list) else []
    return tuple(ModelId.parse(each) for each in named if isinstance(each, str) and "/" in each.strip("/ "))
