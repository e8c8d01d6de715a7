"""How much of what was said to others is handed on."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.message import Overheard

_LINES, _CHARACTERS = 50, 12_000


def newest(lines: Sequence[Overheard]) -> tuple[Overheard, ...]:
    """The newest lines that fit, the oldest first; empty ones are left out."""
    kept: list[Overheard] = []
    room = _CHARACTERS
    for line in reversed([line for line in lines if line.text.strip()]):
        room -= len(line.text)
        if room < 0 or len(kept) == _LINES:
            break
        kept.append(line)
    return tuple(reversed(kept))
