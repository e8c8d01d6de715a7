"""What providers listed: the models that are there now, and the facts of those that were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.core.provider import Listed


class Known:
    """The last list of each provider. A model that vanished keeps its facts, for the messages that name it."""

    def __init__(self) -> None:
        self._ids: dict[str, tuple[str, ...]] = {}
        self._facts: dict[str, dict[str, tuple[Listed, datetime]]] = {}
        self._at: dict[str, datetime] = {}

    def take(
        self,
        provider: str,
        there: Sequence[Listed],
        at: datetime,
        gone: Iterable[tuple[Listed, datetime]] = (),
    ) -> None:
        """A list takes the place of the last one; ``gone`` are facts of models that are on it no more."""
        facts = self._facts.setdefault(provider, {})
        facts.update({each.id: (each, when) for each, when in gone})
        facts.update({each.id: (each, at) for each in there})
        self._ids[provider] = tuple(each.id for each in there)
        self._at[provider] = at

    def forget(self, provider: str) -> None:
        """The list was another server's, or for another key."""
        self._ids.pop(provider, None)
        self._at.pop(provider, None)
        self._facts.pop(provider, None)

    def ids(self, provider: str) -> tuple[str, ...] | None:
        """The ids of the last list, in its order; None where there was none."""
        return self._ids.get(provider)

    def told(self, provider: str, model: str) -> tuple[Listed, datetime] | None:
        """What a list told of a model when it was last on one, and when that was."""
        return self._facts.get(provider, {}).get(model)

    def listed_at(self, provider: str) -> datetime | None:
        """When the last list came."""
        return self._at.get(provider)
