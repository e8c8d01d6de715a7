"""What a person may read of conversations: those they took part in. Others see figures, not words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database, marks
from storage.rows import columns, fill

PAGE = 30  # conversations at once

_MINE = (
    "c.deleted_at IS NULL AND c.id IN (SELECT conversation_id FROM messages WHERE person_id = ?"
    " UNION SELECT id FROM conversations WHERE person_id = ?)"
)


@dataclass(frozen=True, slots=True)
class Read:
    """A conversation in a list. ``cost`` is nano-dollars so far, ``unpriced`` counts answers without a known price."""

    id: int
    place: str
    title: str
    current_model: str | None
    head_id: int | None
    cost: int
    unpriced: int
    created_at: datetime
    updated_at: datetime


class Reading:
    """Conversations for those who took part in them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def find(
        self, person_id: int, words: str = "", before: tuple[datetime, int] | None = None
    ) -> list[Read]:
        """A page of a person's conversations, the last used first, whose title or text has the words in any case.

        ``before`` is the last one of the page before: when it was used, and its number.
        """
        where, values = [_MINE], [person_id, person_id]
        bound: list[str | int | datetime] = [*values]
        if words:
            where.append(
                "(LOWER(c.title) LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM messages m"
                " WHERE m.conversation_id = c.id AND LOWER(m.text) LIKE ? ESCAPE '\\'))"
            )
            bound += [pattern := _pattern(words), pattern]
        if before is not None:
            where.append("(c.updated_at < ? OR (c.updated_at = ? AND c.id < ?))")
            bound += [before[0], *before]
        rows = await self._db.rows(
            f"SELECT {columns(Read, 'c')} FROM conversations c WHERE {' AND '.join(where)}"
            f" ORDER BY c.updated_at DESC, c.id DESC LIMIT {PAGE}",
            *bound,
        )
        return [fill(Read, row) for row in rows]

    async def taken_part(self, person_id: int, conversation_ids: Collection[int]) -> set[int]:
        """Those of these conversations that a person took part in. One query."""
        rows = await self._db.rows(
            f"SELECT c.id FROM conversations c WHERE c.id IN ({marks(conversation_ids)}) AND {_MINE}",
            *conversation_ids,
            person_id,
            person_id,
        )
        return {row["id"] for row in rows}

    async def one(self, conversation_id: int, person_id: int) -> Read | None:
        """A conversation of that number, None where the person took no part in it."""
        rows = await self._db.rows(
            f"SELECT {columns(Read, 'c')} FROM conversations c WHERE c.id = ? AND {_MINE}",
            conversation_id,
            person_id,
            person_id,
        )
        return fill(Read, rows[0]) if rows else None


def _pattern(words: str) -> str:
    escaped = words.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
