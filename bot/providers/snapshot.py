"""The bundled data: what is known of models without asking anybody. Read where it is first needed, never at import.

``data/models.json`` has for each provider and model what each source says, the nearest to the truth first;
``tests/snapshot.py`` makes it, ``data/NOTICE`` says of what.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from bot.core.provider import Listed
from bot.providers import facts
from bot.providers.models import Layer, Source

_MAKERS = {"x-ai": "xai", "mistralai": "mistral", "deepseek-ai": "deepseek"}  # by what routers call them


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The file's content, and its sources by name."""

    sources: Mapping[str, Source]
    models: Mapping[str, Mapping[str, Mapping[str, Any]]]

    def layers(self, provider: str, model: str) -> list[Layer]:
        """What the sources tell of a model; of one that a router passes on, what they tell of it at its maker's."""
        if (told := self._told(provider, model)) is not None:
            return [Layer(self.sources[name], facts.from_json(model, said)) for name, said in told.items()]
        maker, slash, name = model.partition("/")
        told = self._told(_MAKERS.get(maker, maker), name) if slash else None
        return [
            Layer(self.sources[source], _general(facts.from_json(model, said)))
            for source, said in (told or {}).items()
        ]

    def _told(self, provider: str, model: str) -> Mapping[str, Any] | None:
        known = self.models.get(provider, {})
        name = model.partition(":")[0]
        return known.get(model) or known.get(name) or known.get(name.replace(".", "-"))


@cache
def snapshot() -> Snapshot:
    """The bundled data; a few milliseconds the first time."""
    data = json.loads((files("bot.providers") / "data" / "models.json").read_text(encoding="utf-8"))
    sources = {
        name: Source(f"{name} {about['version']}", facts.day(about["as_of"]))
        for name, about in data["sources"].items()
    }
    return Snapshot(sources, data["models"])


@lru_cache(maxsize=4096)
def bundled(provider: str, model: str) -> tuple[Layer, ...]:
    """What the bundled data tells of a model."""
    return tuple(snapshot().layers(provider, model))


def _general(told: Listed) -> Listed:
    """What holds of a model whoever serves it."""
    return Listed(told.id, told.window, has=told.has, lacks=told.lacks)
