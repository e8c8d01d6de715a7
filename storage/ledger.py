"""The ledger: reservations before a call, entries after it, and what they do to the budgets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.budgets import BudgetLine, Charge
from storage.database import Database

__all__ = [
    "BudgetLine",
    "Charge",
    "Entry",
    "Ledger",
    "NewEntry",
    "Settlement",
    "settlement_from_json",
    "settlement_to_json",
]


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What one attempt used. ``cost`` is nano-dollars, None unpriced; ``prices`` the JSON of the prices applied.

    ``estimated``: the tokens are our estimate. ``why`` is "chosen", "retry" or "fallback".
    """

    at: datetime
    workspace_id: str
    place: str
    person_id: int | None
    provider: str
    model: str
    credential: str = ""
    kind: str = "chat"
    conversation_id: int | None = None
    message_id: int | None = None
    reply_id: int | None = None
    input_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: bool = False
    cost: int | None = None
    price_source: str = ""
    prices: str = "{}"
    outcome: str = "complete"
    error_kind: str | None = None
    first_token_ms: int | None = None
    latency_ms: int | None = None
    attempt: int = 1
    why: str = "chosen"


@dataclass(frozen=True, slots=True)
class Settlement:
    """An entry, and the reservation it settles."""

    reservation_id: int
    entry: NewEntry


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger. ``day`` is its date in the workspace's time zone."""

    id: int
    day: str
    reservation_id: int | None
    at: datetime
    workspace_id: str
    place: str
    person_id: int | None
    provider: str
    model: str
    credential: str
    kind: str
    conversation_id: int | None
    message_id: int | None
    reply_id: int | None
    input_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    estimated: bool
    cost: int | None
    price_source: str
    prices: str
    outcome: str
    error_kind: str | None
    first_token_ms: int | None
    latency_ms: int | None
    attempt: int
    why: str


def settlement_to_json(settlement: Settlement) -> dict[str, Any]:
    """A settlement as values that ``json.dumps`` takes."""
    raise NotImplementedError


def settlement_from_json(data: Mapping[str, Any]) -> Settlement:
    """The settlement that ``settlement_to_json`` made the values of."""
    raise NotImplementedError


class Ledger:
    """Reservations and entries. Every amount is nano-dollars."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def reserve(self, charge: Charge, amount: int, process: str) -> int:
        """Hold an amount (0 too) in every budget that applies; the id of the reservation.

        Raises NoRoom at the first hard budget without room; then nothing is held anywhere.
        """
        raise NotImplementedError

    async def settle(self, settlement: Settlement) -> int:
        """Write an entry and settle its reservation into the reserved periods; the id of the entry.

        A reservation that is settled already is left so, and the id of its entry returned. One that was released
        is settled all the same: what was used is owed.
        """
        raise NotImplementedError

    async def release(self, reservation_id: int) -> None:
        """Give back what a reservation holds; one that holds nothing any more is left as it is."""
        raise NotImplementedError

    async def reclaim(self, dead: Collection[str]) -> int:
        """Release what dead processes hold and no open reply names; how many reservations."""
        raise NotImplementedError

    async def rooms(self, charge: Charge) -> list[BudgetLine]:
        """The hard budgets that apply, as they stand, by id."""
        raise NotImplementedError

    async def billed(self, conversation_id: int | None = None) -> list[Entry]:
        """Every entry (of a conversation), by id."""
        raise NotImplementedError
