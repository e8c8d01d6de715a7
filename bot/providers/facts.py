"""What is told of a model, as JSON: the form of the bundled data and of what the database keeps.

Reading takes what is well formed and leaves the rest: a newer version may have written more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from bot.core.provider import Ability, Listed, Rates

T = TypeVar("T")

_WORDS = {each.value: each for each in Ability}
_MOST = 1_000_000_000_000  # tokens or bytes; what is over it is no figure


def to_json(listed: Listed) -> dict[str, Any]:
    """All that is told, without the id."""
    told: dict[str, Any] = {
        "window": listed.window,
        "max_output": listed.max_output,
        "rates": rates_to_json(listed.rates),
        "has": sorted(listed.has),
        "lacks": sorted(listed.lacks),
        "retires_at": listed.retires_at.isoformat() if listed.retires_at else None,
        "successor": listed.successor,
        "size": listed.size,
        "changed_at": listed.changed_at.isoformat() if listed.changed_at else None,
    }
    return {name: value for name, value in told.items() if value not in (None, "", [], {})}


def from_json(model: str, told: Mapping[str, Any]) -> Listed:
    """The reverse, as far as it can be read."""
    return Listed(
        model,
        tokens(told.get("window")),
        tokens(told.get("max_output")),
        rates_from_json(told.get("rates")),
        _abilities(told.get("has")),
        _abilities(told.get("lacks")),
        day(told.get("retires_at")),
        text(told.get("successor")),
        tokens(told.get("size")),
        moment(told.get("changed_at")),
    )


def rates_to_json(rates: Rates | None) -> dict[str, str]:
    """Decimal strings, as people write them."""
    if rates is None:
        return {}
    told = {"input": rates.input, "cached": rates.cached, "output": rates.output}
    return {name: plain(value) for name, value in told.items() if value is not None}


def rates_from_json(told: object) -> Rates | None:
    """Dollars per million tokens, None where reading or writing has no price."""
    if not isinstance(told, Mapping):
        return None
    read, written = (dollars(told.get(name)) for name in ("input", "output"))
    return None if read is None or written is None else Rates(read, written, dollars(told.get("cached")))


def plain(value: Decimal) -> str:
    """A decimal without an exponent and without zeros at its end."""
    shown = f"{value:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def tokens(value: object) -> int | None:
    """A number above zero, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 1 <= value < _MOST else None


def dollars(value: object, times: int = 1) -> Decimal | None:
    """An amount of dollars, ``times`` as much; None where it is none or below zero."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value)) * times
    except InvalidOperation:
        return None
    return amount.normalize() if amount.is_finite() and 0 <= amount < 1_000_000 else None


def day(value: object) -> date | None:
    """A day from ISO 8601 or from seconds since 1970, None where it is none."""
    found = moment(value)
    return found.date() if found else None


def moment(value: object) -> datetime | None:
    """A time in UTC from ISO 8601 or from seconds since 1970, None where it is none."""
    try:
        match value:
            case bool():
                return None
            case str():
                found = datetime.fromisoformat(value)
                return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
            case int() | float():
                return datetime.fromtimestamp(value, UTC) if value > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
    return None


def text(value: object) -> str:
    """A text, empty where it is none."""
    return value if isinstance(value, str) else ""


def _abilities(value: object) -> frozenset[Ability]:
    words: Iterable[object] = value if isinstance(value, list) else ()
    return frozenset(_WORDS[word] for word in words if isinstance(word, str) and word in _WORDS)


def first(values: Iterable[object], read: Callable[[object], T | None]) -> T | None:
    """What the first value says that can be read."""
    return next((found for value in values if (found := read(value)) is not None), None)
