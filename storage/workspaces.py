"""Workspaces: their clocks, the channels in which something was said, and what both are called."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from storage.audit import record
from storage.database import Database
from storage.places import channel_of, workspace_of
from storage.rows import columns, fill, now
from storage.settings import Settings

_NAME = "channel.name"  # the key, at the channel's place
_LOOKED_AT = 1_000  # places, the last used first, among which channels are looked for


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace. ``first_weekday`` is 0 for Monday to 6 for Sunday."""

    id: str
    name: str
    time_zone: str
    first_weekday: int


class Workspaces:
    """Every workspace that something was said in."""

    def __init__(self, db: Database) -> None:
        self._db, self._settings = db, Settings(db)

    async def get(self, workspace_id: str) -> Workspace | None:
        """The workspace of that id."""
        rows = await self._db.rows(f"SELECT {columns(Workspace)} FROM workspaces WHERE id = ?", workspace_id)
        return fill(Workspace, rows[0]) if rows else None

    async def set_clock(self, workspace_id: str, time_zone: str, first_weekday: int, by: int | None) -> None:
        """Say when days and weeks begin there. ``time_zone`` is one that there is. Audited."""
        async with self._db.transaction() as tx:
            before = await tx.written(
                "UPDATE workspaces SET name = name WHERE id = ? RETURNING time_zone, first_weekday",
                workspace_id,
            )
            if not before:
                return
            await tx.write(
                "UPDATE workspaces SET time_zone = ?, first_weekday = ? WHERE id = ?",
                time_zone,
                first_weekday,
                workspace_id,
            )
            await record(
                tx,
                by,
                "set clock",
                f"workspace:{workspace_id}",
                before={key: before[0][key] for key in ("time_zone", "first_weekday")},
                after={"time_zone": time_zone, "first_weekday": first_weekday},
            )

    async def channels(self, workspace_id: str) -> list[str]:
        """The channels in which something was said, as places, the last used first."""
        rows = await self._db.rows(
            "SELECT place FROM places WHERE workspace_id = ? ORDER BY updated_at DESC LIMIT ?",
            workspace_id,
            _LOOKED_AT,
        )
        found = dict.fromkeys(channel_of(row["place"]) for row in rows)
        return [channel for channel in found if channel != workspace_id]

    async def note_names(self, channel: str, name: str, workspace: str = "") -> None:
        """Keep what its platform calls a channel, a place, and the workspace where it says so. Not audited.

        A name that is kept already is not written again.
        """
        home = workspace_of(channel)
        known = await self.get(home)
        if workspace and (known is None or known.name != workspace):
            await self._db.write(
                "INSERT INTO workspaces (id, name, created_at) VALUES (?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                home,
                workspace,
                now(),
            )
        if name and (await self.channel_names([channel])).get(channel) != name:
            await self._settings.note(f"place:{channel}", _NAME, name)

    async def channel_names(self, channels: Collection[str]) -> dict[str, str]:
        """What channels are called on their platform, by place, as far as that is known. One query."""
        scopes = {f"place:{channel}": channel for channel in channels}
        found = await self._settings.get_many(list(scopes), _NAME) if scopes else {}
        return {scopes[scope]: str(setting.value) for scope, setting in found.items()}
