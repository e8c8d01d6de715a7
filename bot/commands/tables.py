"""Small tables in what commands say."""

from __future__ import annotations

from collections.abc import Sequence

_MOST = 60  # characters of a cell


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table. What would break a cell is taken out of it."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    plain = " ".join(text.replace("|", "/").split())
    return plain if len(plain) <= _MOST else f"{plain[: _MOST - 1]}…"
