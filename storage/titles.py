"""A conversation's first title, taken from what was said in it first."""

from __future__ import annotations

_LONGEST = 80  # characters


def headline(text: str) -> str:
    """The first line of a text as a title."""
    line = " ".join(text.strip().partition("\n")[0].split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"
