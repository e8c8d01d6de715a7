"""Tables, which Discord does not know: shown as columns of a fixed width, in a block of code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_RULE = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_BAR = re.compile(r"(?<!\\)\|")
_WIDE = frozenset("WF")


def framed(text: str, fits: Callable[[str], bool]) -> str:
    """The text with each table in a block of code, its columns aligned as far as all of it still fits."""
    if "|" not in text or "-" not in text:
        return text
    lines = text.split("\n")
    for begin, end in reversed(_found(lines)):
        rows = lines[begin:end]
        for shown in (_aligned(rows), rows):
            changed = [*lines[:begin], "```", *shown, "```", *lines[end:]]
            if fits("\n".join(changed)):
                lines = changed
                break
    return "\n".join(lines)


def _found(lines: Sequence[str]) -> list[tuple[int, int]]:
    """From where to where the tables of a text reach."""
    found: list[tuple[int, int]] = []
    mark, at = "", 0
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        if fence is not None:
            mark = "" if mark and fence[1].startswith(mark) else mark or fence[1]
        elif not mark and _begins(lines, at):
            end = at + 2
            while end < len(lines) and "|" in lines[end]:
                end += 1
            if not any("```" in line for line in lines[at:end]):
                found.append((at, end))
            at = end
            continue
        at += 1
    return found


def _begins(lines: Sequence[str], at: int) -> bool:
    if at + 1 >= len(lines) or "|" not in lines[at] or "|" not in lines[at + 1]:
        return False
    plain = not lines[at].startswith("    ") and not lines[at].lstrip().startswith(">")
    return (
        plain
        and _RULE.fullmatch(lines[at + 1]) is not None
        and len(_cells(lines[at])) == len(_cells(lines[at + 1]))
    )


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [cell.strip().replace("\\|", "|") for cell in _BAR.split(inner)]


def _aligned(lines: Sequence[str]) -> list[str]:
    rows = [_cells(line) for number, line in enumerate(lines) if number != 1]
    columns = max(map(len, rows))
    rows = [[*row, *[""] * (columns - len(row))] for row in rows]
    widths = [max(1, *(_width(row[column]) for row in rows)) for column in range(columns)]
    shown = [_line(row, widths) for row in rows]
    return [shown[0], "-|-".join("-" * width for width in widths), *shown[1:]]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
    return " | ".join(padded).rstrip()


def _width(text: str) -> int:
    """Columns that the text takes where each letter is as wide as another."""
    return sum(
        0 if unicodedata.category(char) in ("Mn", "Cf") else 1 + (unicodedata.east_asian_width(char) in _WIDE)
        for char in text
    )
