"""Conversations, their messages as a tree, and the claim that makes one process their only writer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write in a conversation, until somebody claims it with a higher fence."""

    conversation_id: int
    process: str
    fence: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation. ``cost`` is nano-dollars so far, ``unpriced`` counts the answers whose price nobody knows."""

    id: int
    place: str
    workspace_id: str
    title: str
    current_model: str | None
    agent_id: int | None
    system: str | None
    head_id: int | None
    parent_message_id: int | None
    person_id: int | None
    cost: int
    unpriced: int
    owner: str | None
    fence: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. ``outcome`` is set on answers; ``cost`` is nano-dollars, None where unpriced or not an answer."""

    id: int
    conversation_id: int
    parent_id: int | None
    role: str
    person_id: int | None
    author_name: str
    external_id: str | None
    text: str
    model: str | None
    reason: str | None
    outcome: str | None
    input_tokens: int
    output_tokens: int
    cost: int | None
    latency_ms: int | None
    first_token_ms: int | None
    created_at: datetime
    day: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message, with its bytes."""

    id: int
    message_id: int
    name: str
    media_type: str
    size: int
    data: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation as a list shows it."""

    id: int
    place: str
    title: str
    updated_at: datetime


class Conversations:
    """Every conversation."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def claim(self, conversation_id: int, process: str, dead: Collection[str] = ()) -> Claim | None:
        """Become the owner of a conversation that nobody owns, or whose owner is among the dead; else None.

        To go on with a conversation after a failure of its own, a process names itself among the dead.
        """
        raise NotImplementedError

    async def release(self, claim: Claim) -> None:
        """Give a claim back; one that is lost already is left as it is."""
        raise NotImplementedError

    async def get(self, conversation_id: int) -> Conversation:
        """The conversation, deleted or not. Raises LookupError where there is none."""
        raise NotImplementedError

    async def current(self, place: str) -> Conversation | None:
        """The conversation that a place is in."""
        raise NotImplementedError

    async def start_new(self, place: str, person_id: int | None = None) -> Conversation:
        """An empty conversation, from now on the place's current one; nothing of the old one is carried over."""
        raise NotImplementedError

    async def branch(self, message_id: int) -> list[Message]:
        """The messages that lead to this one, the first said first, this one last."""
        raise NotImplementedError

    async def attachments(self, message_ids: Collection[int]) -> dict[int, list[Attachment]]:
        """The files of messages, by message; a message without files is not in it."""
        raise NotImplementedError

    async def set_model(self, conversation_id: int, model: str | None, by: int | None = None) -> None:
        """Set the model of this conversation, None for none of its own. Audited; ``by`` is the person."""
        raise NotImplementedError

    async def rename(self, conversation_id: int, title: str) -> None:
        """Give a conversation a title."""
        raise NotImplementedError

    async def delete(self, conversation_id: int, by: int | None = None) -> None:
        """Take a conversation out of every list; its ledger entries stay. Audited."""
        raise NotImplementedError

    async def list_for_person(
        self, person_id: int, platform: str, limit: int, before: datetime | None = None
    ) -> list[Listed]:
        """The conversations a person started on a platform, the last used first; ``before`` goes on from an
        ``updated_at`` of an earlier page.
        """
        raise NotImplementedError
