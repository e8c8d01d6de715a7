"""Discord's own writing, read: mentions, channels, emojis and moments as a person sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

# A fence, or code in one line: there nothing is a mention.
_CODE = re.compile(r"(```.*?```|``.+?``|`[^`\n]+`)", re.DOTALL)
_MENTION = re.compile(r"<@(?P<role>&?)!?(?P<id>\d+)>")
_TOKEN = re.compile(
    r"<(?:@!?(?P<user>\d+)|@&(?P<role>\d+)|#(?P<channel>\d+)|a?:(?P<emoji>\w+):\d+"
    r"|t:(?P<moment>-?\d{1,14})(?::[tTdDfFRsS])?|/(?P<command>[^:<>]+):\d+|id:(?P<page>\w+))>"
)
_BETWEEN = r"[\s,:]*"


@dataclass(frozen=True, slots=True)
class Names:
    """What people, roles and channels are called, by id."""

    users: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)


NOBODY = Names()


def readable(text: str, names: Names = NOBODY) -> str:
    """What a person reads of a message's text, as Markdown; code stays as it is."""
    parts = _CODE.split(text)
    return "".join(
        part if _is_code(n) else _TOKEN.sub(lambda found: _token(found, names), part)
        for n, part in enumerate(parts)
    )


def mentioned(text: str) -> Iterator[str]:
    """The ids of the people, bots and roles that a text mentions, in turn; what stands in code mentions nobody."""
    for n, part in enumerate(_CODE.split(text)):
        if not _is_code(n):
            yield from (found["id"] for found in _MENTION.finditer(part))


def channels_in(text: str) -> Iterator[str]:
    """The ids of the channels that a text names."""
    yield from (found["channel"] for found in _TOKEN.finditer(text) if found["channel"])


def first_mentioned(text: str) -> str:
    """The id of whom or of which role a text begins with, "" where it begins with nobody."""
    found = _MENTION.match(text.lstrip())
    return found["id"] if found else ""


def without_mention(text: str, ours: frozenset[str]) -> tuple[str, bool]:
    """The text without a mention of one of ``ours`` at its beginning or end, and whether it began with one.

    A mention within a sentence stays: the sentence needs it.
    """
    if not ours:
        return text.strip(), False
    mention = rf"<@[!&]?(?:{'|'.join(sorted(ours))})>"
    began = re.match(rf"\s*{mention}{_BETWEEN}", text)
    if began:
        text = text[began.end() :]
    ended = re.search(rf"(?:\s|^){mention}\s*$", text)
    if ended and not _in_code(text, ended.end()):
        text = text[: ended.start()]
    return text.strip(), began is not None


def _is_code(place: int) -> bool:
    return place % 2 == 1


def _in_code(text: str, end: int) -> bool:
    return any(found.start() < end <= found.end() for found in _CODE.finditer(text))


def _token(found: re.Match[str], names: Names) -> str:
    kind = str(found.lastgroup)
    value = str(found[kind])
    if kind == "moment":
        return _moment(found[0], int(value))
    form, known = {
        "user": ("@{}", names.users),
        "role": ("@{}", names.roles),
        "channel": ("#{}", names.channels),
        "page": ("#{}", {}),
        "emoji": (":{}:", {}),
        "command": ("/{}", {}),
    }[kind]
    return form.format(known.get(value) or value)


def _moment(written: str, seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return written
