"""Replies: the durable record of a message that is growing, with its pages and its journal. All under the fence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.conversations import Claim
from storage.database import Database
from storage.inbox import InboxItem
from storage.ledger import Settlement
from storage.notices import NewNotice


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
    ``message_id`` is the answer's message, made at the seal.
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
    pages: tuple[PageRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A burst taken from the inbox, to be answered once. ``person_id`` is who asked last.

    ``model_override`` is the model that a retry asked for; ``go_on_from`` the reply whose text is to be continued.
    """

    reply: ReplyRow
    items: tuple[InboxItem, ...]
    question_id: int
    person_id: int | None
    model_override: str | None = None
    go_on_from: ReplyRow | None = None


@dataclass(frozen=True, slots=True)
class SealedMessage:
    """The answer's message. ``cost`` is nano-dollars; ``outcome`` "complete", "stopped", "interrupted", "failed" or
    "refused".
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


class Replies:
    """Every reply. What takes a claim raises ClaimLost where its fence is old, and then writes nothing."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def take(self, claim: Claim) -> Taken | None:
        """Turn what waits into user messages and open one reply to them; None where nothing waits.

        Said items win over again items; an again item alone makes a retry of the reply it names (None: the last),
        under the same question, and is passed over where there is nothing to do again.
        """
        raise NotImplementedError

    async def adopt(self, claim: Claim, reply_id: int) -> ReplyRow:
        """Move an open reply of the claim's conversation to the claim's process and fence; the row as it now stands."""
        raise NotImplementedError

    async def begin(
        self, claim: Claim, reply_id: int, *, model: str, reason: str, reservation_id: int, attempt: int
    ) -> None:
        """Note which model is about to be asked, why, and on which reservation."""
        raise NotImplementedError

    async def journal(self, claim: Claim, reply_id: int, text: str, shown: int, *, phase: str) -> bool:
        """Keep the text so far and how much of it is shown. One statement; whether somebody asked to stop."""
        raise NotImplementedError

    async def intend_page(
        self, claim: Claim, reply_id: int, number: int, key: str, start: int, text: str, shown: int
    ) -> bool:
        """The journal's write and, in the same transaction, a page about to be posted under ``key``.

        Whether somebody asked to stop. Intending the same key again is no error.
        """
        raise NotImplementedError

    async def page_sent(self, claim: Claim, key: str, message_id: str) -> None:
        """The platform took a page, and this is its id."""
        raise NotImplementedError

    async def page_sealed(self, claim: Claim, key: str) -> None:
        """A page shows its last text."""
        raise NotImplementedError

    async def end(self, claim: Claim, reply_id: int, text: str, ended: str, outcome: str) -> None:
        """The provider is done: keep all the text and the JSON of how it ended; phase "ended"."""
        raise NotImplementedError

    async def seal(
        self,
        claim: Claim,
        reply_id: int,
        *,
        message: SealedMessage,
        settlement: Settlement | None = None,
        notices: tuple[NewNotice, ...] = (),
    ) -> int:
        """Write the answer's message, its ledger entry, settlement and notices, and seal the reply, all or nothing.

        The id of the message. It becomes the conversation's head unless it was refused or failed without a text.
        Sealing again under the same claim changes nothing and returns the same id.
        """
        raise NotImplementedError

    async def open_of(self, conversation_id: int) -> list[ReplyRow]:
        """The open replies of a conversation with their pages, the oldest first."""
        raise NotImplementedError

    async def get(self, reply_id: int) -> ReplyRow | None:
        """A reply with its pages."""
        raise NotImplementedError

    async def last(self, conversation_id: int) -> ReplyRow | None:
        """The newest reply of a conversation with its pages."""
        raise NotImplementedError

    async def request_stop(self, conversation_id: int) -> int:
        """Ask the open replies of a conversation to stop, wherever they grow; how many there are."""
        raise NotImplementedError

    async def stops(self, process: str) -> list[int]:
        """The open replies of a process that somebody asked to stop."""
        raise NotImplementedError
