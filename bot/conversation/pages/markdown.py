"""What a line of Markdown stands in: a fence, a table, a list. Knows the marks of blocks, not their looks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

# Bounded, so that closing and opening a fence again always fits a page.
_FENCE = re.compile(
    r"([ \t>]{0,24}(?:(?:[-*+]|\d{1,3}[.)])[ \t]{1,4})?)(`{3,16}(?=[^`]*$)|~{3,16}(?!~))(.*)$"
)
_ITEM = re.compile(r"([ \t]*)([-*+]|\d{1,9}[.)])([ \t]+|$)")
_DELIMITER = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)+")
_BLOCK = re.compile(r"[ \t>]*(?:#{1,6}[ \t]|\||(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)|`{3}|~{3})")
_MARKS = "`~>-*+|0123456789"
_NUMBERED = re.compile(r"[ \t]*(?!1[.)])\d{1,9}[.)][ \t]")
_TAB = 4


@dataclass(frozen=True, slots=True)
class Fence:
    """An open code fence: what stands before its mark on each of its lines, the mark, and what follows it."""

    prefix: str
    mark: str
    info: str

    @property
    def line(self) -> str:
        """The line that opens it again."""
        return f"{self.prefix}{self.mark}{self.info}\n"

    def closed_by(self, line: str) -> bool:
        """Whether this line ends the code."""
        bare = line.strip(" \t>\r")
        return len(bare) >= len(self.mark) and not bare.strip(self.mark[0])


@dataclass(frozen=True, slots=True)
class Item:
    """A list item that is still open: the columns of its mark and of its text, and the mark."""

    column: int
    content: int
    mark: str

    @property
    def line(self) -> str:
        """A line that stands for an item whose text is on an earlier page."""
        return f"{' ' * self.column}{self.mark} …"


@dataclass(frozen=True, slots=True)
class Context:
    """What the next line stands in.

    ``table`` holds the header and delimiter rows of an open table, ``header`` the line above where it may
    turn out to be such a header, ``blank`` whether a blank line is above (kept within lists only).
    """

    fence: Fence | None = None
    table: str = ""
    header: str = ""
    items: tuple[Item, ...] = ()
    blank: bool = False


START = Context()


def after(context: Context, line: str) -> Context:
    """What the line behind this one stands in; ``line`` is without its newline."""
    if context.fence is not None:
        return replace(context, fence=None) if context.fence.closed_by(line) else context
    bare = line.strip()
    if context is START and bare[:1] not in _MARKS and "|" not in line:
        return context
    if fence := _FENCE.match(line):
        return _opened(context, fence)
    table, header = _table(context, line, bare)
    items = _items(context, line, bare)
    now = Context(None, table, header, items, blank=not bare and bool(items))
    return START if now == START else now


def _opened(context: Context, match: re.Match[str]) -> Context:
    prefix, mark, info = match.group(1), match.group(2), match.group(3).rstrip()
    items = _items(context, match.group(0), "fence")
    if _ITEM.match(prefix):
        prefix = " " * width(prefix)
    return Context(Fence(prefix, mark, info), items=items)


def _table(context: Context, line: str, bare: str) -> tuple[str, str]:
    if "|" not in line or not bare:
        return "", ""
    if context.table:
        return context.table, ""
    if context.header and is_delimiter(line):
        return f"{context.header}\n{line}\n", ""
    return "", line


def _items(context: Context, line: str, bare: str) -> tuple[Item, ...]:
    items = context.items
    if match := _ITEM.match(line):
        column = width(match.group(1))
        content = width(match.group(0)) if match.group(3) else column + len(match.group(2)) + 1
        # Five columns or more after the mark are an indented code block inside the item.
        if content - column - len(match.group(2)) > _TAB:
            content = column + len(match.group(2)) + 1
        return (*(item for item in items if item.content <= column), Item(column, content, match.group(2)))
    if items and bare and (context.blank or line[:1] in "#|"):
        return tuple(item for item in items if item.content <= width(indent(line)))
    return items


def nested(lines: Sequence[str]) -> str:
    """Lines of a list, each within the one above; a number other than 1 needs a blank line to begin a list."""
    apart = ("\n" + line if _NUMBERED.match(line) else line for line in lines[1:])
    return "\n".join([*lines[:1], *apart])


def width(text: str) -> int:
    """How many columns the text takes."""
    return len(text.expandtabs(_TAB))


def indent(line: str) -> str:
    """The white space a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def is_delimiter(line: str) -> bool:
    """Whether the line is the row of dashes under a table's header."""
    return "|" in line and _DELIMITER.match(line) is not None


def is_fence(line: str) -> bool:
    """Whether the line may open a fence."""
    return _FENCE.match(line) is not None


def begins_block(line: str) -> bool:
    """Whether the line cannot go on with the paragraph above it."""
    return not line.strip() or _BLOCK.match(line) is not None


def quote(line: str) -> str:
    """The quotation marks a line begins with."""
    match = _QUOTE.match(line)
    return match.group(0) if match else ""
