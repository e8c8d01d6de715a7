"""Marks within a line of Markdown: which are open at its end, and pings taken out of quoted mentions."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\\.|(?<!`)`{1,16}(?!`)|\*\*|__|~~|!?\[|\]\(|\]|\)|<(?=https?:)|>")
_ENDING = re.compile(
    r"(?:<?https?://\S*|(?<![^\W_])<?h(?:t(?:t(?:ps?(?::/?)?)?)?)?|!?\[[^\[\]\n]*\]|[*_~`\[<\\|]+)\Z"
)
_HALF_PING = re.compile(
    r"(?:@(?:e(?:v(?:e(?:r(?:y(?:o(?:ne?)?)?)?)?)?)?|h(?:e(?:re?)?)?|c(?:h(?:a(?:n(?:n(?:el?)?)?)?)?)?)?"
    r"|<(?:[@!#][^<>|\s]{0,40})?)\Z",
    re.IGNORECASE,
)
_PING = re.compile(
    r"@(?=(?:everyone|here|channel)\b)"
    r"|<(?=@[!&]?[A-Za-z0-9]+[|>]|!(?:here|channel|everyone|subteam\^)|#[A-Z0-9]+[|>])",
    re.IGNORECASE,
)
_PARTNERS = {"]": "[", ")": "(", ">": "<"}
_EMPHASIS = frozenset(("**", "__", "~~"))
_UNPINGED = "\u200b"  # zero-width space
_PATIENCE = 300  # characters after which an unclosed bracket or backtick is taken for plain text


def unpinged(text: str) -> str:
    """The text with every mention broken by an invisible space, so that quoting one calls nobody."""
    if "@" not in text and "<" not in text:
        return text
    return _PING.sub(lambda match: match.group(0) + _UNPINGED, text)


def half_ping(text: str) -> int:
    """Where at the end of a growing text a mention may have begun; its length where none has."""
    found = _HALF_PING.search(text, max(0, len(text) - 44))
    return found.start() if found else len(text)


@dataclass(frozen=True, slots=True)
class Open:
    """A mark that was opened at ``at`` and is not closed: ``**``, a backtick, ``[`` or ``(`` of a link."""

    at: int
    mark: str

    @property
    def is_link(self) -> bool:
        """Whether a half link begins here."""
        return self.mark in {"[", "(", "<"}


def open_marks(text: str) -> list[Open]:
    """The marks of one block that are open at its end, outermost first."""
    stack: list[Open] = []
    for match in _TOKEN.finditer(text):
        found, at = match.group(), match.start()
        if stack and stack[-1].mark[0] == "`":
            if found == stack[-1].mark:
                stack.pop()
        elif found in _EMPHASIS:
            _emphasis(stack, text, at, found)
        elif found[0] == "`" or found in {"[", "![", "<"}:
            stack.append(Open(at, found.lstrip("!")))
        elif found[0] in _PARTNERS:
            begun = _close(stack, _PARTNERS[found[0]])
            if found == "](" and begun is not None:
                stack.append(Open(begun, "("))
    return [one for one in stack if one.mark in _EMPHASIS or len(text) - one.at <= _PATIENCE]


def _emphasis(stack: list[Open], text: str, at: int, mark: str) -> None:
    behind = text[at + len(mark) : at + len(mark) + 1]
    before = text[at - 1 : at]
    if any(one.mark == mark for one in stack):
        if before.strip():
            _close(stack, mark)
    elif behind.strip() and not (before.isascii() and before.isalnum()):
        stack.append(Open(at, mark))


def _close(stack: list[Open], mark: str) -> int | None:
    """Close the innermost such mark, and with it whatever was opened within and is thereby plain text.

    Returns where it was opened, None where there is no such mark.
    """
    for position in range(len(stack) - 1, -1, -1):
        if stack[position].mark == mark:
            at = stack[position].at
            del stack[position:]
            return at
    return None


def settled(text: str) -> tuple[int, str]:
    """How much of a growing block may be shown, and the marks that close what is open there.

    A half link, address or mention and marks at the very end wait until it is known what they become.
    """
    end = half_ping(text)
    if (ending := _ENDING.search(text, max(0, end - _PATIENCE), end)) is not None:
        end = half_ping(text[: ending.start()])
    marks = open_marks(text[:end])
    for position, one in enumerate(marks):
        if one.is_link:
            end, marks = one.at, marks[:position]
            break
    while marks and not text[marks[-1].at + len(marks[-1].mark) : end].strip():
        end = marks.pop().at
    return end, "".join(one.mark for one in reversed(marks))
