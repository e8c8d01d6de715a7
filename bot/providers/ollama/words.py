"""Bytes, times and models as people say them."""

from __future__ import annotations

from datetime import datetime

_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


def amount(size: int) -> str:
    """Bytes with two digits that mean something: "2.0 GB", "815 MB"."""
    for unit, name in _UNITS:
        if size >= unit:
            value = size / unit
            return f"{value:.1f} {name}" if value < 10 else f"{value:,.0f} {name}"
    return f"{size} bytes"


def span(seconds: float) -> str:
    """A time to come: "45 s", "3 min", "2 h 10 min"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def ago(moment: datetime, now: datetime) -> str:
    """How long something is past: "today", "3 days ago"."""
    days = (now.date() - moment.astimezone(now.tzinfo).date()).days
    if days <= 0:
        return "today"
    return "yesterday" if days == 1 else f"{days} days ago"


def window(tokens: int) -> str:
    """A context: "128k"."""
    return f"{tokens // 1024}k" if tokens >= 1024 else str(tokens)
