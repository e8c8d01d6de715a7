"""How long a provider asks to wait, wherever it hides it: in headers, in the error's body, in its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

from bot.providers.counting import inner

_SAID = re.compile(
    r"(?:try again|retry|available) (?:in|after) (?:about )?((?:\d+(?:\.\d+)?\s?(?:ms|[hms])[a-z]*\s?)+)",
    re.IGNORECASE,
)
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s?(ms|[hms])")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_LONGEST = 86_400.0  # seconds; a reset further off is no wait but a quota
_KEYS = ("retryDelay", "retry_after", "retry_after_seconds", "retryAfter")


def wait_of(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by ``retry-after-ms``, or by ``retry-after`` in seconds or as a date."""
    milliseconds = number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = number(text)
    if seconds is not None or text is None:
        return seconds
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (until - now).total_seconds()) if until.tzinfo else None


def in_error(error: Mapping[str, Any]) -> float | None:
    """Seconds that an error object names: Google's RetryInfo, OpenRouter's metadata, or its message."""
    details = error.get("details")
    places = [error, error.get("metadata"), *(details if isinstance(details, list) else [])]
    for place in places:
        for key in _KEYS:
            if (found := span(inner(place, key))) is not None:
                return found
    headers = inner(error, "metadata", "headers")
    if isinstance(headers, dict):
        lower = {str(name).lower(): str(value) for name, value in headers.items()}
        if (reset := until_reset(lower, datetime.now(UTC))) is not None:
            return reset
    said = _SAID.search(str(error.get("message") or ""))
    return span(said[1]) if said else None


def until_reset(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until the rate limit that is used up begins anew, by its headers; the soonest where none is."""
    resets = list(_resets(headers, now))
    used_up = [seconds for seconds, empty in resets if empty]
    if used_up:
        return max(used_up)
    return min((seconds for seconds, _ in resets), default=None)


def span(value: object) -> float | None:
    """Seconds in a number or in words like ``14s``, ``6m0s``, ``120ms``."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    plain = number(str(value))
    if plain is not None:
        return plain if plain <= _LONGEST else None
    parts = _SPAN.findall(str(value))
    return sum(float(amount) * _UNITS[unit] for amount, unit in parts) if parts else None


def number(text: str | None) -> float | None:
    """A number that is none below zero, or None."""
    try:
        found = float(text or "")
    except ValueError:
        return None
    return max(0.0, found) if isfinite(found) else None


def _resets(headers: Mapping[str, str], now: datetime) -> Iterator[tuple[float, bool]]:
    """Each reset in seconds from now, and whether its limit is used up."""
    for name, value in headers.items():
        if "ratelimit" not in name or "reset" not in name:
            continue
        seconds = _until(value, now)
        if seconds is not None:
            yield seconds, headers.get(name.replace("reset", "remaining")) == "0"


def _until(value: str, now: datetime) -> float | None:
    """Seconds until a moment, given as a span, as seconds or milliseconds since 1970, or as a date."""
    plain = number(value)
    if plain is not None and plain > _LONGEST:
        epoch = plain / 1000 if plain > 1e11 else plain
        seconds = epoch - now.timestamp()
    elif plain is None and "T" in value:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        seconds = (moment - now).total_seconds() if moment.tzinfo else -1.0
    else:
        return span(value)
    return seconds if 0 <= seconds <= _LONGEST else None
