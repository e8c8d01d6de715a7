"""Figures of reports in words, the same in chat and on the site."""

from __future__ import annotations

_STEADY = 0.02  # a change smaller than this is none


def compared(change: float) -> str:
    """What stands before "usual": "about", "11 % dearer than"."""
    if abs(change) < _STEADY:
        return "about as much as"
    return f"{abs(change):.0%} {'dearer' if change > 0 else 'cheaper'} than".replace("%", " %")


def seconds(milliseconds: int) -> str:
    """Milliseconds as people say them: "3.2 s", "14 s"."""
    value = milliseconds / 1000
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


def short(number: int) -> str:
    """A number as people say it: "1.2M", "34k"."""
    for least, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= least:
            return f"{number / least:.1f}{letter}".replace(".0", "")
    return str(number)
