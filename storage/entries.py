"""What the ledger's lines say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any


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
class Entry(NewEntry):
    """A line of the ledger. ``day`` is its date in the workspace's time zone."""

    id: int = 0
    day: str = ""
    reservation_id: int | None = None


def settlement_to_json(settlement: Settlement) -> dict[str, Any]:
    """A settlement as values that ``json.dumps`` takes."""
    entry = asdict(settlement.entry)
    return {"reservation_id": settlement.reservation_id, "entry": {**entry, "at": entry["at"].isoformat()}}


def settlement_from_json(data: Mapping[str, Any]) -> Settlement:
    """The settlement that ``settlement_to_json`` made the values of."""
    names = {field.name for field in fields(NewEntry)}  # a newer process may have written more
    entry = {name: value for name, value in data["entry"].items() if name in names}
    return Settlement(
        data["reservation_id"], NewEntry(**{**entry, "at": datetime.fromisoformat(entry["at"])})
    )
