"""What was used, for reports: read from the roll-ups, a single thread from its entries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from storage.database import Database, Row, marks
from storage.figures import BUCKETS, SUMS, Figures
from storage.rollups import figures_from
from storage.summing import KIND, PERSON, of_entries

EVER = ("0000-01-01", "9999-12-31")  # every day there is

_LEAN = ("requests", "unpriced", "input_tokens", "output_tokens", "cost")
_ADDED = ", ".join(f"SUM({name}) AS {name}" for name in _LEAN)
_TIMED = ", ".join(f"SUM({name}) AS {name}" for name in (*SUMS, *BUCKETS))
# What tells the lines of a report apart, in the words of the table that it is read from.
_OF_DAYS = {
    "channel": "channel",
    "credential": "provider || '/' || credential",
    "kind": "kind",
    "model": "provider || '/' || model",
    "person": "CAST(person_id AS VARCHAR(20))",
    "provider": "provider",
    "day": "day",
}
_OF_ENTRIES = _OF_DAYS | {"kind": KIND, "person": f"CAST({PERSON} AS VARCHAR(20))"}
_COLUMN = {"workspace": "workspace_id", "channel": "channel", "person": "person_id"}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose use is meant: "installation" (subject ""), "workspace", "channel", "person" or "thread".

    The subject is the workspace's id, the channel's place, the id of the person or of the conversation.
    ``within`` narrows it to what has these values, as pairs of what ``Reports.by`` tells apart and its key:
    (("model", "openai/gpt-4.1"),). It does not narrow a thread, nor lists of threads.
    """

    kind: str
    subject: str = ""
    within: tuple[tuple[str, str], ...] = ()

    @property
    def number(self) -> int:
        """The subject as the id of a person or a conversation."""
        return int(self.subject)


@dataclass(frozen=True, slots=True)
class ThreadUse:
    """What was used in one conversation."""

    conversation_id: int
    place: str
    title: str
    figures: Figures


class Reports:
    """Figures by what they are to be told apart by. Days are dates, "2026-11-21", the first and the last both in it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def by(
        self, scope: Scope, dimension: str, first: str, last: str, *, timed: bool = True
    ) -> dict[str, Figures]:
        """The figures for each value of a dimension.

        That is "channel", "credential" (provider/name), "kind", "model" (provider/model), "person" (an id, "0" for
        nobody), "provider" or "day". Without ``timed`` it is there sooner, and has
        requests, tokens read and written, and cost only.
        """
        match scope.kind:
            case "thread":
                rows = await self._of_thread(scope, dimension, first, last)
            case _ if scope.within:
                rows = await self._of_days(scope, dimension, first, last, timed=timed)
            case "channel" | "person" if dimension == "day":
                rows = await self._of_subject(scope, first, last, timed=timed)
            case "channel" | "person":
                rows = await self._of_days(scope, dimension, first, last, timed=timed)
            case _:
                rows = await self._of_totals(scope, dimension, first, last, timed=timed)
        timed = timed or scope.kind == "thread"
        found: dict[str, Figures] = {}
        for row in rows:
            key = _provider(row["subject"]) if dimension == "provider" else row["subject"]
            figures = figures_from(row, SUMS if timed else _LEAN, timed=timed)
            found[key] = found[key] + figures if key in found else figures
        return found

    async def daily(self, scope: Scope, dimension: str, first: str, last: str) -> dict[str, dict[str, int]]:
        """What each value of a dimension cost on each day, in nano-dollars: day, then value. Not for threads."""
        where, values = _where(scope)
        if scope.kind in ("channel", "person"):
            table, subject = "usage_days", _OF_DAYS[dimension]
        else:
            table, subject = "usage_totals", "subject"
            where, values = f"{where} dimension = ? AND", (*values, dimension)
        rows = await self._db.rows(
            f"SELECT day, {subject} AS subject, SUM(cost) AS cost FROM {table} WHERE {where} day BETWEEN ? AND ?"
            f" GROUP BY day, {subject}",
            *values,
            first,
            last,
        )
        found: dict[str, dict[str, int]] = {}
        for row in rows:
            found.setdefault(row["day"], {})[row["subject"]] = int(row["cost"] or 0)
        return found

    async def threads(self, scope: Scope, first: str, last: str, limit: int = 20) -> list[ThreadUse]:
        """The conversations that cost most, the dearest first; of unpriced ones those with most requests."""
        where, values = _where(scope)
        rows = await self._db.rows(
            f"SELECT conversation_id, SUM(cost) AS cost, SUM(requests) AS requests FROM usage_threads WHERE {where}"
            " day BETWEEN ? AND ? GROUP BY conversation_id ORDER BY 2 DESC, 3 DESC, 1 LIMIT ?",
            *values,
            first,
            last,
            limit,
        )
        ids = [row["conversation_id"] for row in rows]
        person = scope.number if scope.kind == "person" else None
        figures, known = await self._figures(ids, person, first, last), await self._titles(ids)
        return [ThreadUse(one, *known.get(one, ("", "")), figures.get(one, Figures())) for one in ids]

    async def usual(self, channel: str, first: str, last: str, *, but: int) -> tuple[int, int]:
        """How many conversations of a channel were used in these days, ``but`` one, and what they cost together."""
        [row] = await self._db.rows(
            "SELECT COUNT(DISTINCT conversation_id) AS threads, SUM(cost) AS cost FROM usage_threads"
            " WHERE channel = ? AND day BETWEEN ? AND ? AND conversation_id <> ?",
            channel,
            first,
            last,
            but,
        )
        return row["threads"], int(row["cost"] or 0)

    async def calendar(self, workspace_id: str) -> tuple[str, int]:
        """Time zone and first weekday (0 Monday) of a workspace; UTC and Monday where it is not known."""
        rows = await self._db.rows(
            "SELECT time_zone, first_weekday FROM workspaces WHERE id = ?", workspace_id
        )
        return (rows[0]["time_zone"], rows[0]["first_weekday"]) if rows else ("UTC", 0)

    async def _of_thread(self, scope: Scope, dimension: str, first: str, last: str) -> Collection[Row]:
        subject = _OF_ENTRIES[dimension]
        return await self._db.rows(
            f"SELECT {subject} AS subject, {of_entries()} FROM usage_entries WHERE conversation_id = ?"
            f" AND day BETWEEN ? AND ? GROUP BY {subject}",
            scope.number,
            first,
            last,
        )

    async def _of_days(
        self, scope: Scope, dimension: str, first: str, last: str, *, timed: bool
    ) -> Collection[Row]:
        subject, (where, values) = _OF_DAYS[dimension], _where(scope)
        return await self._db.rows(
            f"SELECT {subject} AS subject, {_TIMED if timed else _ADDED} FROM usage_days WHERE {where}"
            f" day BETWEEN ? AND ? GROUP BY {subject}",
            *values,
            first,
            last,
        )

    async def _of_subject(self, scope: Scope, first: str, last: str, *, timed: bool) -> Collection[Row]:
        """The days of a channel or a person, from the totals."""
        return await self._db.rows(
            f"SELECT day AS subject, {_TIMED if timed else _ADDED} FROM usage_totals"
            " WHERE dimension = ? AND subject = ? AND day BETWEEN ? AND ? GROUP BY day",
            scope.kind,
            scope.subject,
            first,
            last,
        )

    async def _of_totals(
        self, scope: Scope, dimension: str, first: str, last: str, *, timed: bool
    ) -> Collection[Row]:
        """From the totals by dimension: days from those by kind, which are the fewest, providers from models."""
        subject = "day" if dimension == "day" else "subject"
        kept = {"day": "kind", "provider": "model"}.get(dimension, dimension)
        where, values = _where(scope)
        return await self._db.rows(
            f"SELECT {subject} AS subject, {_TIMED if timed else _ADDED} FROM usage_totals WHERE {where}"
            f" dimension = ? AND day BETWEEN ? AND ? GROUP BY {subject}",
            *values,
            kept,
            first,
            last,
        )

    async def _figures(
        self, conversations: Collection[int], person_id: int | None, first: str, last: str
    ) -> dict[int, Figures]:
        """What was used in some conversations (by one person), from their entries."""
        own, values = (f" AND {PERSON} = ?", (person_id,)) if person_id is not None else ("", ())
        rows = await self._db.rows(
            f"SELECT conversation_id, {of_entries()} FROM usage_entries"
            f" WHERE conversation_id IN ({marks(conversations)}) AND day BETWEEN ? AND ?{own} GROUP BY conversation_id",
            *conversations,
            first,
            last,
            *values,
        )
        return {row["conversation_id"]: figures_from(row) for row in rows}

    async def _titles(self, conversations: Collection[int]) -> dict[int, tuple[str, str]]:
        rows = await self._db.rows(
            f"SELECT id, place, title FROM conversations WHERE id IN ({marks(conversations)})", *conversations
        )
        return {row["id"]: (row["place"], row["title"]) for row in rows}


def _where(scope: Scope) -> tuple[str, tuple[str | int, ...]]:
    """A condition on the scope's rows, to be followed by others, and its values."""
    conditions = [f"{_OF_DAYS[dimension]} = ? AND" for dimension, _ in scope.within]
    values: list[str | int] = [key for _, key in scope.within]
    if scope.kind != "installation":
        conditions.append(f"{_COLUMN[scope.kind]} = ? AND")
        values.append(scope.number if scope.kind == "person" else scope.subject)
    return " ".join(conditions), tuple(values)


def _provider(model: str) -> str:
    return model.partition("/")[0]
