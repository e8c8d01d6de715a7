"""Gathering text piece by piece until there is enough of it, and the reasons why there is none."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass

# NUL and its kin, which PostgreSQL or a model would mind; halves of characters, which no encoding takes.
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BLANK = re.compile(r"[ \t]+$", re.MULTILINE)
_GAP = re.compile(r"\n{3,}")


class Unreadable(Exception):
    """Nothing can be read, and why: what follows a file's name in a sentence ("is empty.")."""


@dataclass(frozen=True, slots=True)
class Extract:
    """What was read of a document: its text, and how much of it that is ("12 pages")."""

    text: str
    extent: str


def clean(text: str) -> str:
    """Text without characters that are none, blanks at the ends of lines, and more than one empty line."""
    plain = _ODD.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n"))
    return _GAP.sub("\n\n", _BLANK.sub("", plain)).strip("\n")


def counted(number: int, noun: str) -> str:
    """So many of something: 1 page, 1,200 pages."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class Gathering:
    """Takes pieces while there is room: ``most`` characters, ``seconds`` of this process's time on a CPU.

    ``full`` once something was left out; whoever reads then stops.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._room, self._until = most, seconds
        self._pieces: list[str] = []
        self.full = False

    def take(self, pieces: Iterable[str]) -> int:
        """Take pieces until it is full; how many, of which the last may not be whole."""
        count = 0
        for piece in pieces:
            if self._room <= 0 or time.process_time() > self._until:
                self.full = True
                break
            self.full = len(piece) > self._room
            if taken := self._beginning(piece) if self.full else piece:
                self._pieces.append(taken)
                count += 1
            self._room -= len(piece) + 1
            if self.full:
                break
        return count

    def _beginning(self, piece: str) -> str:
        """What there is room for, up to the end of a line; nothing of a piece that has not begun well by then."""
        line = piece.rfind("\n", 0, self._room)
        if line > self._room // 2:
            return piece[:line]
        return "" if self._pieces else piece[: self._room]

    def extract(self, extent: str, *, between: str = "\n") -> Extract:
        """All that was taken; the model is told where it is not everything."""
        text = clean(between.join(self._pieces))
        return Extract(f"{text}\n[Only {extent} could be read.]" if self.full else text, extent)


def prose(gathering: Gathering, count: int) -> Extract:
    """What was gathered of so many paragraphs. Raises Unreadable where there are none."""
    if not count:
        raise Unreadable("has no text in it.")
    extent = counted(count, "paragraph")
    return gathering.extract(f"the first {extent}" if gathering.full else extent, between="\n\n")
