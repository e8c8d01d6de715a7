"""What the ledger's lines say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

CORRECTION = "correction"  # the kind of an entry that corrects another
PRICED = "priced"  # why a correction was made: the entry had no price


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What one attempt used. ``cost`` is nano-dollars, None unpriced; ``prices`` the JSON of the prices applied.

    ``estimated``: the tokens are our estimate. ``kind`` is what the call was for: "chat", "compare", "experiment",
    "embedding", "judge", "enhancer", "api", ... ``why`` is "chosen", "retry", "fallback" or "cheapest" (moved to
    when a budget was spent). ``credential`` is the name of the key that was used, None for the one that the
    reservation was made with.
    """

    at: datetime
    workspace_id: str
    place: str
    person_id: int | None
    provider: str
    model: str
    credential: str | None = ""
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
    """A line of the ledger. ``day`` is its date in the workspace's time zone.

    ``channel`` is that of its place, None where it does not count in the roll-ups yet. A correction names the entry
    that it ``corrects``: its cost is what has to be added, below 0 where that was too much.
    """

    credential: str = ""
    id: int = 0
    day: str = ""
    reservation_id: int | None = None
    channel: str | None = None
    corrects: int | None = None

    @property
    def tokens_per_second(self) -> float | None:
        """Output tokens in a second of writing, None where it is not known how long that took."""
        if self.latency_ms is None or self.first_token_ms is None or self.latency_ms <= self.first_token_ms:
            return None
        return self.output_tokens * 1000 / (self.latency_ms - self.first_token_ms)


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
