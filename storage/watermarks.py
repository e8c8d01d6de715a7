"""How far each place was read: what came after that is made up for once the platform is heard again."""

from __future__ import annotations

from collections.abc import Mapping

from storage.database import Database, Statements, first
from storage.following import place_followed, plain
from storage.places import add_workspace, workspace_of
from storage.rows import now

# Only ever forward; ids are numbers as text, of up to 63 bits.
_FORWARD = (
    "INSERT INTO places (place, workspace_id, watermark, updated_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (place) DO UPDATE SET watermark = excluded.watermark"
    " WHERE places.watermark IS NULL OR CAST(places.watermark AS BIGINT) < CAST(excluded.watermark AS BIGINT)"
)


class Places:
    """Places as strings, each with the id of the newest message that was looked at there."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def watermark(self, place: str) -> str | None:
        """The newest message of a place that was looked at; None where none was."""
        row = first(await self._db.rows("SELECT watermark FROM places WHERE place = ?", place))
        return None if row is None else row["watermark"]

    async def watermarks(self, within: str) -> dict[str, str | None]:
        """Places with a conversation or a watermark, the last used first, each with its watermark.

        ``within`` is a platform ("discord") or a workspace ("discord:7").
        """
        rows = await self._db.rows(
            "SELECT place, watermark FROM places WHERE place LIKE ? ESCAPE '!'"
            " AND (current_conversation_id IS NOT NULL OR watermark IS NOT NULL) ORDER BY updated_at DESC, place",
            _inside(within),
        )
        return {row["place"]: row["watermark"] for row in rows}

    async def workspaces(self) -> list[str]:
        """Every workspace in which something was said to us."""
        return [row["id"] for row in await self._db.rows("SELECT id FROM workspaces ORDER BY id")]

    async def without_sending(self, period: str) -> list[str]:
        """Workspaces to which nothing goes, or went, under this period."""
        rows = await self._db.rows(
            "SELECT id FROM workspaces w WHERE NOT EXISTS"
            " (SELECT 1 FROM sendings s WHERE s.target = w.id AND s.period = ?) ORDER BY id",
            period,
        )
        return [row["id"] for row in rows]

    async def first_places(self, workspace_id: str, limit: int = 50) -> list[str]:
        """Where the first conversations of a workspace were, the oldest first."""
        rows = await self._db.rows(
            "SELECT place FROM conversations WHERE workspace_id = ? ORDER BY id LIMIT ?", workspace_id, limit
        )
        return [row["place"] for row in rows]

    async def last_places(self, person_id: int, limit: int = 100) -> list[str]:
        """Where a person last said something to us, the latest first."""
        rows = await self._db.rows(
            "SELECT place FROM inbox WHERE person_id = ? ORDER BY id DESC LIMIT ?", person_id, limit
        )
        return list(dict.fromkeys(row["place"] for row in rows))

    async def of_message(self, within: str, key: str, page: str) -> str | None:
        """The place in a channel of what came under an inbox key, or of the reply with this page; None of neither."""
        return await place_followed(self._db, within, key, page)

    async def set_watermark(self, place: str, message_id: str) -> None:
        """A message was looked at, and all before it. An older one than before changes nothing."""
        await self.set_watermarks({place: message_id})

    async def set_watermarks(self, looked_at: Mapping[str, str]) -> None:
        """The same for many places, all or none."""
        for message_id in looked_at.values():
            if not message_id.isdecimal():
                raise ValueError(f"not a number: {message_id!r}")
        if not looked_at:
            return
        async with self._db.transaction() as tx:
            await _enter_all(tx, looked_at)


async def _enter_all(tx: Statements, looked_at: Mapping[str, str]) -> None:
    for workspace in sorted({workspace_of(place) for place in looked_at}):
        await add_workspace(tx, workspace)
    # Always in the same order: two processes that write the same places do not wait for one another in a ring.
    for place in sorted(looked_at):
        await tx.write(_FORWARD, place, workspace_of(place), looked_at[place], now())


def _inside(within: str) -> str:
    """A LIKE pattern of the places in a platform or a workspace."""
    return f"{plain(within)}{'/' if ':' in within else ':'}%"
