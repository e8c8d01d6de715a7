"""Receipts: what people read, beneath an answer, of the files that came with the question."""

from __future__ import annotations

from bot.conversation.context import Context, Read
from bot.conversation.inlining import Unread

_MOST = 5  # files that were not read and are spoken of one by one
_MARKUP = str.maketrans(dict.fromkeys("`*~|<>[]", "-"))


def receipts(context: Context) -> str:
    """One line for what was read, one for each file that was not; "" where no files came."""
    lines = ["Read " + " · ".join(map(_read, context.read))] if context.read else []
    lines += [_unread(one) for one in context.unread[:_MOST]]
    if more := len(context.unread) - _MOST:
        lines += [f"{more} more files were not read."] if more > 0 else []
    return "\n\n".join(f"> {line}" for line in lines)


def shown_name(name: str) -> str:
    """A file's name that stands in a text as it is."""
    return name.translate(_MARKUP)


def _read(file: Read) -> str:
    name = shown_name(file.name)
    if file.whole is None:
        return f"{name}: looked at"
    extent = f"{file.extent}, " if file.extent else ""
    if file.tokens < file.whole:
        until = f" (up to {file.until.translate(_MARKUP)})" if file.until else ""
        return f"{name}: {extent}first {file.tokens:,} of {file.whole:,} tokens{until}"
    return f"{name}: {extent}{file.whole:,} tokens"


def _unread(file: Unread) -> str:
    why = file.why.removeprefix(f"“{file.name}” ")
    if why != file.why:
        why = f"it {why}"
    elif why.startswith(("It ", "A ", "The ")):
        why = why[0].lower() + why[1:]
    return f"{shown_name(file.name)} was not read: {why}"
