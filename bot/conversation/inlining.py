"""Texts of files within a turn: behind a fence that they cannot close, and cut where they are too long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.core.message import Attachment
from bot.knowledge.kinds import language
from bot.providers.tokens import estimate

_SLACK = 64  # tokens that parts estimated one by one may come to more together
_CUT = "[Only the beginning of {name} fits here: about {tokens:,} of its {whole:,} tokens.]"
_MARKS = re.compile(r"^\[((?:page|slide|sheet) [^\]\n]+)\]$", re.MULTILINE)
_LEFT_OUT = "[{name} is too long to fit here.]"


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that the model does not get, and why, in a sentence."""

    name: str
    why: str


class Inlined:
    """A file's text as it stands in a turn. ``extent`` says how much of a document it is, "" of a text file."""

    def __init__(self, name: str, content: str, extent: str = "") -> None:
        self.name, self.extent, self._content = name, extent, content
        self._cut_to: int | None = None

    @classmethod
    def of(cls, file: Attachment) -> Inlined:
        """From a file that came with a message."""
        if file.content is not None:
            return cls(file.name, file.content, file.extent)
        return cls(file.name, file.data.decode("utf-8", errors="replace"))

    @property
    def until(self) -> str:
        """Where it was cut, by the marks within ("page 12"); "" where it was not, or where there are none."""
        if self._cut_to is None:
            return ""
        marks = _MARKS.findall(self._content)
        return marks[-1] if marks else ""

    @cached_property
    def whole(self) -> int:
        """Our estimate of all of it, in tokens. Not made before it is asked for: most files of a past are not."""
        return estimate(self._content)

    @property
    def tokens(self) -> int:
        """Our estimate of what is left of it."""
        return self.whole if self._cut_to is None else self._cut_to

    @property
    def weight(self) -> int:
        """What it takes of a request, in tokens."""
        return self.tokens + self._frame

    @cached_property
    def _frame(self) -> int:
        """The tokens around it, the longest mark included."""
        mark = _CUT.format(name=self.name, tokens=self.whole, whole=self.whole)
        return estimate(f"{self._head}\n\n{self._fence}\n{mark}")

    @cached_property
    def _head(self) -> str:
        told = f" ({self.extent})" if self.extent else ""
        return f"\n\nFile {self.name}{told}:\n{self._fence}{language(self.name)}"

    @cached_property
    def _fence(self) -> str:
        fence = "```"
        while fence in self._content:
            fence += "`"
        return fence

    @property
    def text(self) -> str:
        """The file in its fence, with a mark for the model where something is missing."""
        if self.whole and not self.tokens:
            return "\n\n" + _LEFT_OUT.format(name=self.name)
        mark = _CUT.format(name=self.name, tokens=self.tokens, whole=self.whole)
        told = f"\n{mark}" if self.tokens < self.whole else ""
        return f"{self._head}\n{self._content}\n{self._fence}{told}"

    def cut(self, most: int) -> None:
        """Keep the beginning only, so that it weighs ``most`` tokens at most; it ends with a line where it can."""
        budget = most - self._frame
        if budget >= self.tokens:
            return
        content, size = self._content, len(self._content)
        tokens = self.tokens
        while size and tokens > budget:
            size = int(size * 0.98 * budget / tokens) if budget > 0 else 0
            tokens = estimate(content[:size])
        line = content.rfind("\n", 0, size) + 1
        self._content = content[: line if line > size // 2 else size]
        self._cut_to = estimate(self._content)


def share(files: Sequence[Inlined], room: int) -> None:
    """Cut files to ``room`` tokens in all: short ones stay whole, the long ones get equal parts of what is left."""
    if sum(file.weight for file in files) <= room:
        return
    left = max(0, room - _SLACK)
    waiting = sorted(files, key=lambda file: file.weight)
    for number, file in enumerate(waiting):
        file.cut(left // (len(waiting) - number))
        left = max(0, left - file.weight)
