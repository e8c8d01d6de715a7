"""What people thought of answers: one verdict per person and answer, the last one given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.database import Database
from storage.rows import columns, fill, now


@dataclass(frozen=True, slots=True)
class Opinion:
    """What people thought of a model's answers: how many verdicts of either kind."""

    model: str
    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one person thought of one answer. ``verdict`` is "good" or "bad"; ``model`` gave the answer."""

    message_id: int
    person_id: int
    verdict: str
    model: str | None
    created_at: datetime


class Feedback:
    """Every verdict."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def set(self, message_id: int, person_id: int, verdict: str, model: str | None = None) -> None:
        """Keep what a person thinks of an answer, and the model that gave it (None: as the answer's message says).

        A later verdict replaces an earlier one.
        """
        await self._db.write(
            "INSERT INTO feedback (message_id, person_id, verdict, model, created_at)"
            " VALUES (?, ?, ?, COALESCE(?, (SELECT model FROM messages WHERE id = ?)), ?)"
            " ON CONFLICT (message_id, person_id) DO UPDATE"
            " SET verdict = excluded.verdict, model = excluded.model, created_at = excluded.created_at",
            message_id,
            person_id,
            verdict,
            model,
            message_id,
            now(),
        )

    async def clear(self, message_id: int, person_id: int, verdict: str) -> None:
        """Take a verdict back; where the person has given none, or the other one since, nothing happens."""
        await self._db.write(
            "DELETE FROM feedback WHERE message_id = ? AND person_id = ? AND verdict = ?",
            message_id,
            person_id,
            verdict,
        )

    async def by_model(
        self, workspace_id: str, since: datetime, until: datetime, channel: str | None = None
    ) -> list[Opinion]:
        """The verdicts given in a workspace (or one channel of it) in a time, by model, the most judged first."""
        inside, values = (
            ("", ())
            if channel is None
            else (" AND (c.place = ? OR c.place LIKE ?)", (channel, f"{channel}/%"))
        )
        rows = await self._db.rows(
            "SELECT f.model, SUM(CASE WHEN f.verdict = 'good' THEN 1 ELSE 0 END) AS good,"
            " SUM(CASE WHEN f.verdict = 'bad' THEN 1 ELSE 0 END) AS bad FROM feedback f"
            " JOIN messages m ON m.id = f.message_id JOIN conversations c ON c.id = m.conversation_id"
            f" WHERE f.created_at >= ? AND f.created_at < ? AND c.workspace_id = ? AND f.model IS NOT NULL{inside}"
            " GROUP BY f.model ORDER BY COUNT(*) DESC, f.model",
            since,
            until,
            workspace_id,
            *values,
        )
        return [Opinion(row["model"], int(row["good"]), int(row["bad"])) for row in rows]

    async def of(self, message_id: int) -> list[Verdict]:
        """The verdicts on an answer, in the order they were first given."""
        rows = await self._db.rows(
            f"SELECT {columns(Verdict)} FROM feedback WHERE message_id = ? ORDER BY id", message_id
        )
        return [fill(Verdict, row) for row in rows]
