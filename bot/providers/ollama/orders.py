"""The written form of an order to get a model, as a task keeps it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from bot.providers.ollama.names import Name

PULL = "ollama pull"  # the kind of such tasks


@dataclass(frozen=True, slots=True)
class PullOrder:
    """Get ``name``, on behalf of a person. ``update``: it is there already in an older version."""

    name: str
    person_id: int | None
    update: bool = False

    @classmethod
    def from_json(cls, text: str) -> PullOrder:
        """Read the task's payload."""
        found = json.loads(text)
        return cls(str(found["name"]), found.get("person_id"), bool(found.get("update")))

    def to_json(self) -> str:
        """The task's payload."""
        return json.dumps(asdict(self))

    @property
    def short(self) -> str:
        """The model as people write it."""
        return Name.parse(self.name).short
