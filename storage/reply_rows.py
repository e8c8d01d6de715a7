"""Replies as values, and how they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import Row, Statements, Value, marks
from storage.inbox import InboxItem
from storage.rows import columns, fill


@dataclass(frozen=True, slots=True)
class PageRow:
    """One platform message of a reply. ``state`` is "intended", "sent" or "sealed"; ``start`` an offset in the text."""

    id: int
    reply_id: int
    number: int
    key: str
    message_id: str | None
    state: str
    start: int


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """A reply. ``state`` is "open" or "sealed"; ``phase`` "waiting" (nothing came yet), "growing" or "ended".

    ``text`` is the journal, ``shown`` how many characters of it people see, ``ended`` the engine's JSON of how it
    ended. ``parent_id`` is the message the answer hangs under: the question, or the answer that is gone on with.
    ``message_id`` is the answer's message, made at the seal. ``amended`` counts edits of what it answers while it was
    open.
    """

    id: int
    conversation_id: int
    message_id: int | None
    question_id: int
    parent_id: int
    place: str
    process: str
    fence: int
    state: str
    phase: str
    outcome: str | None
    model: str | None
    reason: str | None
    text: str
    shown: int
    ended: str | None
    attempt: int
    stop_requested: bool
    reservation_id: int | None
    created_at: datetime
    sealed_at: datetime | None
    amended: int = 0
    pages: tuple[PageRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A burst taken from the inbox, to be answered once. ``person_id`` is who asked last.

    ``model_override`` is the model that a retry asked for; ``anyway``: though it is expensive.
    """

    reply: ReplyRow
    items: tuple[InboxItem, ...]
    question_id: int
    person_id: int | None
    model_override: str | None = None
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class SealedMessage:
    """The answer's message. ``cost`` is nano-dollars, None unpriced.

    ``outcome`` is "complete", "stopped", "interrupted", "failed" or "refused".
    """

    text: str
    outcome: str
    model: str | None = None
    reason: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int | None = None
    latency_ms: int | None = None
    first_token_ms: int | None = None


async def read(statements: Statements, where: str, *values: Value) -> list[ReplyRow]:
    """The replies that a condition is true of, with their pages."""
    return await with_pages(
        statements, await statements.rows(f"SELECT {columns(ReplyRow)} FROM replies WHERE {where}", *values)
    )


async def with_pages(statements: Statements, rows: Sequence[Row]) -> list[ReplyRow]:
    """Rows of replies as values, with their pages."""
    pages: dict[int, list[PageRow]] = {row["id"]: [] for row in rows}
    if pages:
        found = await statements.rows(
            f"SELECT {columns(PageRow)} FROM pages WHERE reply_id IN ({marks(pages)}) ORDER BY reply_id, number",
            *pages,
        )
        for page in found:
            pages[page["reply_id"]].append(fill(PageRow, page))
    return [fill(ReplyRow, row, pages=tuple(pages[row["id"]])) for row in rows]
