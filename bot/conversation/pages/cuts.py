"""Where a page that is full ends: at a paragraph, else a line, a sentence, a word, a character.

The choice looks at nothing behind ``limit`` but the one character there, so it comes out the same however
the text arrives.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from bot.conversation.pages import markdown
from bot.conversation.pages.inline import open_marks
from bot.conversation.pages.markdown import Context

_SENTENCE = re.compile(r"[.!?…][\"')\]*_]*\s+|[\u3002\uff01\uff1f]\s*")
_WORD = re.compile(r"\s+")
_TRIES = 60  # candidates within a line that are looked at before giving up on a clean one
_JOINER = "\u200d"
_FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


@dataclass(frozen=True, slots=True)
class Line:
    """Where a line begins, and what it stands in."""

    at: int
    context: Context


class Break(IntEnum):
    """How good a place the start of a line is to turn the page."""

    NEVER = 0
    LINE = 1
    BLOCK = 2


def choose(text: str, lines: Sequence[Line], limit: int) -> int:
    """Where the page ends that begins with the first of ``lines`` and has room up to ``limit``.

    ``lines`` are those that begin at or before ``limit``. The result lies behind the page's start and not
    behind ``limit``; the page begun there re-opens what is open.
    """
    start = lines[0].at
    breaks = {lines[i].at: _quality(text, lines, i, limit) for i in range(1, len(lines))}

    def latest(least: float, quality: Break) -> int | None:
        edge = start + least * (limit - start)
        return max((at for at, good in breaks.items() if good >= quality and at >= edge), default=None)

    return (
        latest(0.6, Break.BLOCK)
        or _before_whole(lines, limit)
        or latest(0.5, Break.LINE)
        or _within(text, lines, limit, _SENTENCE, least=0.5)
        or _within(text, lines, limit, _WORD, least=0.3)
        or latest(0.0, Break.LINE)
        or _within(text, lines, limit, _WORD, least=0.1, clean=False)
        or _character(text, start, limit)
    )


def _quality(text: str, lines: Sequence[Line], i: int, limit: int) -> Break:
    here, above = lines[i], lines[i - 1]
    line = text[here.at : limit + 1].partition("\n")[0]
    if not line.strip() and here.at < limit:
        return Break.NEVER
    if (block := _in_block(here.context, above.context, line)) is not None:
        return block
    if not text[above.at : here.at].strip():
        return Break.BLOCK if not here.context.items or not markdown.indent(line) else Break.LINE
    if markdown.begins_block(line):
        return Break.BLOCK if line[:1] == "#" else Break.LINE
    return Break.LINE if not open_marks(text[block_start(text, lines, i) : here.at]) else Break.NEVER


def _in_block(here: Context, above: Context, line: str) -> Break | None:
    """Within code and tables: not right under the line that opens them. None outside."""
    if here.fence is not None:
        return Break.LINE if above.fence is not None else Break.NEVER
    if here.header and not line.strip("|:- \t>"):
        return Break.NEVER
    if here.table and "|" in line:
        return Break.LINE if above.table else Break.NEVER
    return None


def block_start(text: str, lines: Sequence[Line], i: int) -> int:
    """Where the paragraph, item or cell begins that line ``i`` would go on with."""
    while i > 0:
        i -= 1
        if lines[i].context.fence is not None:
            return lines[i + 1].at
        if markdown.begins_block(text[lines[i].at : lines[i + 1].at]):
            return lines[i].at
    return lines[0].at


def _before_whole(lines: Sequence[Line], limit: int) -> int | None:
    """The start of the table or code that the limit falls into, where it is worth moving as a whole."""
    start, last = lines[0].at, lines[-1].context
    if last.fence is None and not last.table:
        return None
    for i in range(len(lines) - 1, 0, -1):
        outside = lines[i].context
        if outside.fence is None and not outside.table and not outside.header:
            least = 0.4 if last.table else 0.75
            return lines[i].at if lines[i].at - start >= least * (limit - start) else None
    return None


def _within(
    text: str,
    lines: Sequence[Line],
    limit: int,
    pattern: re.Pattern[str],
    *,
    least: float,
    clean: bool = True,
) -> int | None:
    """The last place in the last line that the pattern ends at and that cuts no link, code or bold text."""
    last, start = lines[-1], lines[0].at
    edge = max(last.at, int(start + least * (limit - start)))
    block = (
        last.at if markdown.begins_block(text[last.at : limit]) else block_start(text, lines, len(lines) - 1)
    )
    for at in _ends(pattern, text, edge, limit):
        if at <= start or markdown.begins_block(text[at:limit]):
            continue
        if not clean or last.context.fence is not None or not open_marks(text[block:at]):
            return at
    return None


def _ends(pattern: re.Pattern[str], text: str, edge: int, limit: int) -> Iterator[int]:
    found = [one.end() for one in pattern.finditer(text, edge, limit) if "\n" not in one.group()]
    yield from found[-1 : -_TRIES - 1 : -1]


def _character(text: str, start: int, limit: int) -> int:
    """The limit, or a little before it where it would part what is seen as one character."""
    for at in range(limit, max(start, limit - 32), -1):
        if not _parts(text[start : at + 1]):
            return at
    return limit


def _parts(text: str) -> bool:
    """Whether a cut before the last character would part what people see as one."""
    left, right = text[-2], text[-1]
    if left in _FLAGS and right in _FLAGS:
        return (len(text) - len(text.rstrip(_FLAGS))) % 2 == 0
    return (
        _JOINER in {left, right}
        or left + right == "\r\n"
        or unicodedata.category(right) in {"Mn", "Me", "Mc", "Sk"}
        or "\U0001f3fb" <= right <= "\U0001f3ff"
        or "\ud800" <= left <= "\udbff"
    )
