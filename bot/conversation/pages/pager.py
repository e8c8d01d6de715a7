"""Turns the text of an answer into pages that each fit one message, while it is still growing.

A page, once full, never changes: where it ends depends on nothing that comes later. Code goes on in a fence
of its own on the next page, a table under its header, a list at its depth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.pages import cuts, markdown
from bot.conversation.pages.cuts import Line
from bot.conversation.pages.inline import half_ping, open_marks, settled, unpinged
from bot.conversation.pages.markdown import START, Context, after
from bot.core.surface import Limits

_INK = re.compile(r"\S")
_BARE_MARK = re.compile(r"[ \t>]*(?:[-=*+#]+|\d{1,9}[.)]?)[ \t]*")
_CLOSING = 44  # characters that the marks closing a page take at most


@dataclass(frozen=True, slots=True)
class Room:
    """Characters (UTF-16 units, as the strictest platform counts) and UTF-8 bytes."""

    chars: int
    bytes: int

    def holds(self, *texts: str) -> bool:
        """Whether the texts fit together."""
        if all(text.isascii() for text in texts):
            return sum(map(len, texts)) <= min(self.chars, self.bytes)
        joined = "".join(texts)
        chars = len(joined.encode("utf-16-le", "surrogatepass")) // 2
        return chars <= self.chars and len(joined.encode("utf-8", "surrogatepass")) <= self.bytes

    def less(self, other: Room) -> Room:
        """What is left without the other."""
        return Room(self.chars - other.chars, self.bytes - other.bytes)

    def clip(self, text: str) -> str:
        """The text, with its end replaced by an ellipsis where it does not fit."""
        if self.holds(text):
            return text
        low, high = 0, min(len(text), self.chars)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.holds(text[:middle], "…") else (low, middle - 1)
        return text[:low] + "…"


def footer_room(limits: Limits) -> Room:
    """What every page keeps free for a footer and the platform's own mark of growing."""
    return Room(min(160, limits.page_chars // 5), min(320, limits.page_bytes // 5))


def text_room(limits: Limits) -> Room:
    """What a page has for text."""
    return Room(limits.page_chars, limits.page_bytes).less(footer_room(limits))


@dataclass(frozen=True, slots=True)
class Page:
    """What one message shows: the text, ready for the platform, and how far into the source it reaches.

    The last ``closing`` characters of a growing page only close what is open there.
    """

    text: str
    end: int
    closing: int = 0


@dataclass(frozen=True, slots=True)
class _Opening:
    """How a page begins: what it stands in, the inline marks open there, and whether it cuts a line."""

    context: Context = START
    marks: tuple[str, ...] = ()
    midline: bool = False
    quote: str = ""


class Pager:
    """The pages of one growing text. The text itself is passed in each time and only ever gets longer."""

    def __init__(self, limits: Limits, text: str = "", starts: Sequence[int] = (0,)) -> None:
        self._room = text_room(limits).less(Room(_CLOSING, _CLOSING))
        self.starts = [0]
        self._openings = [_Opening()]
        self._lines = [Line(0, START)]
        for start in starts:
            if start > self.starts[-1]:
                self.cut(text, start)

    def turn(self, text: str) -> None:
        """Begin as many new pages as the text needs."""
        while (limit := self._overflow(text)) is not None:
            self._scan(text)
            reached = [line for line in self._lines if line.at <= limit]
            self.cut(text, cuts.choose(text, reached, limit))

    def cut(self, text: str, at: int) -> None:
        """End the last page at ``at`` and begin the next there, or behind the line breaks that follow."""
        self._scan(text)
        at = _line_start(text, at)
        while len(self._lines) > 1 and self._lines[-1].at > at:
            self._lines.pop()
        opening = self._opening(text, at)
        self.starts.append(at)
        self._openings.append(opening)
        self._lines = [Line(at, opening.context)]

    def recut(self, text: str, index: int, at: int) -> None:
        """End page ``index``, the last or any other, at ``at`` and turn what follows anew."""
        del self.starts[index + 1 :], self._openings[index + 1 :]
        self._lines = [Line(self.starts[index], self._openings[index].context)]
        self.cut(text, at)
        self.turn(text)

    def page(self, text: str, index: int, *, growing: bool = False) -> Page:
        """The page as it is to be shown; its text is empty where there is nothing to see.

        ``growing`` holds back, on the last page, what is not settled yet, and closes what is open.
        """
        if index + 1 < len(self.starts):
            end, closing = self.starts[index + 1], self._closing(index + 1)
        elif growing:
            return self._growing(text, index)
        else:
            end, closing = len(text), _fence_end(self._reached(text))
        opened, start = self._begin(text, index)
        body = unpinged(text[start:end]).rstrip()
        return Page(opened + body + closing if body.strip() else "", end)

    def _growing(self, text: str, index: int) -> Page:
        end, closing = self._settled(text)
        opened, start = self._begin(text, index)
        if self._openings[index].context.table and text.find("\n", start) < 0:
            # Until its first line is whole, nobody knows whether the page goes on with the table.
            return Page("", start)
        body = unpinged(text[start:end]).rstrip()
        return Page(opened + body + closing, end, len(closing)) if body.strip() else Page("", end)

    def _scan(self, text: str) -> None:
        """Note the lines that have come to an end since the last time."""
        line = self._lines[-1]
        at, context = line.at, line.context
        while (end := text.find("\n", at)) >= 0:
            context = after(context, text[at:end])
            at = end + 1
            self._lines.append(Line(at, context))

    def _overflow(self, text: str) -> int | None:
        """How far the last page has room, None where everything fits."""
        opened, start = self._begin(text, len(self.starts) - 1)
        most = min(len(text), start + self._room.chars)
        if most == len(text) and self._room.holds(opened, unpinged(text[start:])):
            return None
        low, high = start + 1, most
        while low < high:
            middle = (low + high + 1) // 2
            fits = self._room.holds(opened, unpinged(text[start:middle]))
            low, high = (middle, high) if fits else (low, middle - 1)
        return low if _INK.search(text, low) else None

    def _begin(self, text: str, index: int) -> tuple[str, int]:
        """What a page re-opens, and where in the source its own text begins."""
        opening, start = self._openings[index], _line_start(text, self.starts[index])
        fence = opening.context.fence
        first = self._line(text, start)
        if fence is not None and not opening.midline and fence.closed_by(first):
            # The page before has closed its code itself: that line is not shown, and nothing is re-opened.
            start = min(len(text), start + len(first) + 1)
            return self._short(_parents(opening.context, self._line(text, start)), ""), start
        if fence is not None:
            opened = _parents(opening.context, fence.line) + fence.line
            return self._short(opened, f"{fence.prefix}{fence.mark}\n"), start
        marks = "".join(opening.marks)
        return self._short(_reopened(opening, first) + marks, marks), start

    def _line(self, text: str, at: int) -> str:
        return text[at : at + self._room.chars].partition("\n")[0]

    def _short(self, opened: str, instead: str) -> str:
        """What is re-opened, unless it takes more than a third of the page."""
        return opened if Room(self._room.chars // 3, self._room.bytes // 3).holds(opened) else instead

    def _opening(self, text: str, at: int) -> _Opening:
        line, first = self._lines[-1], self._openings[-1]
        if line.context.fence is not None:
            return _Opening(line.context, midline=line.at < at)
        here, block = text[line.at : at], self._block(text)
        if here and markdown.begins_block(here) and not (first.midline and len(self._lines) == 1):
            block = line.at
        open_here = open_marks(self._marks(block) + text[block:at])
        marks = tuple(one.mark for one in open_here if not one.is_link)
        if not here:
            return _Opening(line.context, marks)
        quote = first.quote if first.midline and len(self._lines) == 1 else markdown.quote(here)
        context = after(line.context, here)
        return _Opening(Context(context.fence, items=context.items), marks, midline=True, quote=quote)

    def _block(self, text: str) -> int:
        """Where the block begins that the last line would go on with."""
        return cuts.block_start(text, self._lines, len(self._lines) - 1)

    def _marks(self, block: int) -> str:
        """The marks re-opened before a block that began on an earlier page."""
        return "".join(self._openings[-1].marks) if block == self.starts[-1] else ""

    def _closing(self, index: int) -> str:
        """The marks that close the page before this one."""
        opening = self._openings[index]
        return _fence_end(opening.context) or "".join(reversed(opening.marks))

    def _reached(self, text: str) -> Context:
        """What the end of the text stands in, were its last line complete."""
        self._scan(text)
        line = self._lines[-1]
        return after(line.context, text[line.at :])

    def _settled(self, text: str) -> tuple[int, str]:
        """How far the last page may be shown while more is to come, and the marks that close it."""
        self._scan(text)
        line = self._lines[-1]
        tail = text[line.at :]
        if line.context.fence is not None:
            return self._settled_code(tail, line)
        above = self._lines[-2].at if len(self._lines) > 1 else line.at
        if line.context.header and not tail.strip("|:- \t>"):
            return (above, "") if text[above : above + 8].lstrip(" \t>")[:1] == "|" else (half_ping(text), "")
        if tail.lstrip(" \t>")[:1] == "|" or markdown.is_fence(tail):
            return line.at, ""
        block = line.at if markdown.begins_block(tail) else self._block(text)
        before = self._marks(block)
        end, closing = settled(before + text[block:])
        end = max(block, block + end - len(before))
        # A mark by itself would be a heading's underline or an empty item: it waits for what follows it.
        return (line.at, "") if _BARE_MARK.fullmatch(text, line.at, max(line.at, end)) else (end, closing)

    def _settled_code(self, tail: str, line: Line) -> tuple[int, str]:
        fence = line.context.fence
        assert fence is not None
        half_end = tail.strip(" \t>") and not tail.strip(f" \t>{fence.mark[0]}")
        if not tail.strip() and len(self._lines) > 1 and self._lines[-2].context.fence is None:
            return self._lines[-2].at, ""
        return line.at + (0 if half_end else half_ping(tail)), _fence_end(line.context)


def _line_start(text: str, at: int) -> int:
    """There, or behind the line breaks that stand there."""
    while text[at : at + 1] in {"\r", "\n"}:
        at += 1
    return at


def _fence_end(context: Context) -> str:
    return f"\n{context.fence.prefix}{context.fence.mark}" if context.fence is not None else ""


def _parents(context: Context, before: str) -> str:
    """Lines that stand for the list items within which a line with such a beginning is nested."""
    column = markdown.width(markdown.indent(before))
    lines = [item.line for item in context.items if item.content <= column]
    return markdown.nested([*lines, before])[: -len(before)] if lines and before else ""


def _reopened(opening: _Opening, first: str) -> str:
    context = opening.context
    if opening.midline:
        lines = markdown.nested([item.line for item in context.items])
        return opening.quote + (f"{lines} " if lines else "")
    return _parents(context, first) + (context.table if context.table and "|" in first else "")
