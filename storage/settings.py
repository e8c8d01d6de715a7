"""Settings that the site and the commands change; the narrowest scope that has a key wins, elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.audit import NULL, record
from storage.database import Database, Row, Statements, marks
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

    async def get_table(self, scopes: Sequence[str], keys: Sequence[str]) -> dict[tuple[str, str], Setting]:
        """The settings of several keys at these scopes, by scope and key; what is not set is not in it. One query."""
        rows = await self._db.rows(
            "SELECT scope, key, value, set_by, set_at FROM settings"
            f" WHERE key IN ({marks(keys)}) AND scope IN ({marks(scopes)})",
            *keys,
            *scopes,
        )
        return _table(rows)

    async def everywhere(self, keys: Sequence[str]) -> dict[tuple[str, str], Setting]:
        """The same of every scope that has one."""
        rows = await self._db.rows(
            f"SELECT scope, key, value, set_by, set_at FROM settings WHERE key IN ({marks(keys)}) ORDER BY scope",
            *keys,
        )
        return _table(rows)

    async def beneath(self, scope: str, keys: Sequence[str]) -> dict[tuple[str, str], Setting]:
        """The same of every place in a workspace or channel, which is itself not among them."""
        escaped = scope.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        rows = await self._db.rows(
            "SELECT scope, key, value, set_by, set_at FROM settings"
            f" WHERE key IN ({marks(keys)}) AND scope LIKE ? ESCAPE '!'",
            *keys,
            f"{escaped}/%",
        )
        return _table(rows)

    async def of_people(self, key: str) -> dict[int, Setting]:
        """The settings of a key that people have of their own, by the person's id."""
        rows = await self._db.rows(
            "SELECT scope, value, set_by, set_at FROM settings WHERE key = ? AND scope LIKE 'person:%'", key
        )
        found = ((row["scope"].removeprefix("person:"), row) for row in rows)
        return {
            int(person): Setting(json.loads(row["value"]), row["set_by"], moment(row["set_at"]))
            for person, row in found
            if person.isdecimal()
        }

    async def note(self, scope: str, key: str, value: Any) -> None:
        """Keep what was noticed and nobody decided, such as what was used last. Not audited."""
        await _put(self._db, scope, key, value, None)

    async def of_key(self, key: str) -> dict[str, Setting]:
        """The settings of a key at every scope that has one, by scope."""
        return {scope: setting for (scope, _), setting in (await self.everywhere((key,))).items()}

    async def set(self, scope: str, key: str, value: Any, by: int | None) -> None:
        """Set a value that ``json.dumps`` takes. Audited."""
        async with self._db.transaction() as tx:
            before = await _take(tx, scope, key)
            await _put(tx, scope, key, value, by)
            after = NULL if value is None else value
            await record(tx, by, "set", f"{scope} {key}", before=before, after=after)

    async def clear(self, scope: str, key: str, by: int | None) -> None:
        """Take a setting back; where there is none nothing happens. Audited."""
        async with self._db.transaction() as tx:
            before = await _take(tx, scope, key)
            if await tx.write("DELETE FROM settings WHERE scope = ? AND key = ?", scope, key):
                await record(tx, by, "clear", f"{scope} {key}", before=before)


def _table(rows: Sequence[Row]) -> dict[tuple[str, str], Setting]:
    return {
        (row["scope"], row["key"]): Setting(json.loads(row["value"]), row["set_by"], moment(row["set_at"]))
        for row in rows
    }


async def _take(tx: Statements, scope: str, key: str) -> Any:
    """The value that is about to change, its row locked: NULL where it is null, None where there is none."""
    rows = await tx.written(
        "UPDATE settings SET value = value WHERE scope = ? AND key = ? RETURNING value", scope, key
    )
    if not rows:
        return None
    value = json.loads(rows[0]["value"])
    return NULL if value is None else value


async def _put(statements: Statements, scope: str, key: str, value: Any, by: int | None) -> None:
    await statements.write(
        "INSERT INTO settings (scope, key, value, set_by, set_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (scope, key) DO UPDATE"
        " SET value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at",
        scope,
        key,
        json.dumps(value),
        by,
        now(),
    )


async def use_up(tx: Statements, scope: str, key: str, by: int | None) -> Any:
    """Take a setting that holds once; None where there is none. Audited."""
    rows = await tx.written("DELETE FROM settings WHERE scope = ? AND key = ? RETURNING value", scope, key)
    if not rows:
        return None
    value = json.loads(rows[0]["value"])
    await record(tx, by, "use up", f"{scope} {key}", before=value)
    return value
