"""Settings that the site and the commands change; the narrowest scope that has a key wins, elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Database


@dataclass(frozen=True, slots=True)
class Setting:
    """A value (what its JSON says) with who set it and when; ``set_by`` None: set at the first start."""

    value: Any
    set_by: int | None
    set_at: datetime


class Settings:
    """Values by scope ("installation", "place:<place>", "person:<id>") and key."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get_many(self, scopes: Sequence[str], key: str) -> dict[str, Setting]:
        """The settings of a key at these scopes, by scope; scopes without one are not in it. One query."""
        raise NotImplementedError

    async def set(self, scope: str, key: str, value: Any, by: int | None) -> None:
        """Set a value that ``json.dumps`` takes. Audited."""
        raise NotImplementedError

    async def clear(self, scope: str, key: str, by: int | None) -> None:
        """Take a setting back; where there is none nothing happens. Audited."""
        raise NotImplementedError
