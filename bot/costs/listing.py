"""Prices in words, and the list of those that were set."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from bot.providers.rates import Rates, plain
from storage.price_overrides import Override


@dataclass(frozen=True, slots=True)
class Line:
    """One price that was set. ``state`` is "in force", "later", or "replaced" by one that began after it."""

    model: str
    state: str
    valid_from: datetime
    input: str
    output: str
    cached: str | None
    cache_write: str | None
    per_request: str | None
    note: str
    set_at: datetime


def lines(kept: Sequence[Override], now: datetime) -> list[Line]:
    """By model, the latest to begin first, as they came."""
    found: list[Line] = []
    held: set[tuple[str, str]] = set()
    for each in kept:
        name = (each.provider, each.model.lower())
        state = "later" if each.valid_from > now else "replaced" if name in held else "in force"
        if state == "in force":
            held.add(name)
        found.append(
            Line(
                f"{each.provider}/{each.model}",
                state,
                each.valid_from,
                each.input,
                each.output,
                each.cached,
                each.cache_write,
                each.per_request,
                each.note,
                each.set_at,
            )
        )
    return found


def as_json(found: Sequence[Line]) -> str:
    """A list of objects, times in ISO 8601."""
    return json.dumps(
        [asdict(line) for line in found], default=datetime.isoformat, indent=2, ensure_ascii=False
    )


def as_text(found: Sequence[Line]) -> str:
    """A line for each."""
    if not found:
        return "No price was set: `switchboard prices set MODEL --input … --output …` sets one."
    return "\n".join(
        f"{line.model}: {figures(line)}, from {line.valid_from:%Y-%m-%d %H:%M} UTC, {line.state}"
        + (f" ({line.note})" if line.note else "")
        for line in found
    )


def figures(of: Override | Line) -> str:
    """What it costs: "$2 in, $10 out, $0.2 cached per million"."""
    more = [("cached", of.cached), ("written to the cache", of.cache_write)]
    told = [f"${of.input} in", f"${of.output} out", *(f"${rate} {kind}" for kind, rate in more if rate)]
    fee = f", ${of.per_request} per request" if of.per_request else ""
    return f"{', '.join(told)} per million{fee}"


def rates(of: Rates) -> str:
    """The same of a complete entry of a price list, as short prompts cost."""
    assert of.input is not None
    assert of.output is not None
    fee = f", ${plain(of.per_request)} per request" if of.per_request else ""
    longer = ", more where prompts are long" if of.tiers else ""
    return f"${plain(of.input)} in, ${plain(of.output)} out per million{fee}{longer}"
