"""Settings that the site and the commands change; the narrowest scope that has a key wins, elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.audit import record
from storage.database import Database, Statements, marks
from storage.rows import moment, now


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
        rows = await self._db.rows(
            f"SELECT scope, value, set_by, set_at FROM settings WHERE key = ? AND scope IN ({marks(scopes)})",
            key,
            *scopes,
        )
        return {
            row["scope"]: Setting(json.loads(row["value"]), row["set_by"], moment(row["set_at"]))
            for row in rows
        }

    async def set(self, scope: str, key: str, value: Any, by: int | None) -> None:
        """Set a value that ``json.dumps`` takes. Audited."""
        async with self._db.transaction() as tx:
            before = await _take(tx, scope, key)
            await tx.write(
                "INSERT INTO settings (scope, key, value, set_by, set_at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (scope, key) DO UPDATE"
                " SET value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at",
                scope,
                key,
                json.dumps(value),
                by,
                now(),
            )
            await record(tx, by, "set", f"{scope} {key}", before=before, after=value)

    async def clear(self, scope: str, key: str, by: int | None) -> None:
        """Take a setting back; where there is none nothing happens. Audited."""
        async with self._db.transaction() as tx:
            before = await _take(tx, scope, key)
            if await tx.write("DELETE FROM settings WHERE scope = ? AND key = ?", scope, key):
                await record(tx, by, "clear", f"{scope} {key}", before=before)


async def _take(tx: Statements, scope: str, key: str) -> Any:
    """The value that is about to change, its row locked."""
    rows = await tx.written(
        "UPDATE settings SET value = value WHERE scope = ? AND key = ? RETURNING value", scope, key
    )
    return json.loads(rows[0]["value"]) if rows else None
