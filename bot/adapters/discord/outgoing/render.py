"""A view in Discord's form: the content of a message, and rows of buttons beneath it."""

from __future__ import annotations

import re
from typing import Any

from bot.adapters.discord.outgoing.keys import custom_id
from bot.adapters.discord.outgoing.tables import framed
from bot.conversation.pages.inline import unpinged
from bot.conversation.pages.pager import Room
from bot.core.surface import Limits
from bot.core.view import Button, Picture, Tone, View

JSON = dict[str, Any]

# Of 2,000 characters: the rest is for the mark of a tone, the form of the footer and the frames of tables.
LIMITS = Limits(page_chars=1_920, page_bytes=8_000, expected_stream=8.0, round_trip=0.05)
STOP = Button("Stop", "stop")
# No text of ours calls anybody, whatever stands in it. To be passed with every edit, too.
NOBODY: JSON = {"parse": [], "replied_user": False}
NO_PREVIEWS = 1 << 2  # the flag SUPPRESS_EMBEDS
_WHOLE = Room(2_000, 8_000)
_MARKS = {Tone.ERROR: "⚠️ "}
_PLAIN_START = ("#", ">", "|", "-", "*", "+", "`", "~", " ", "\t")
_DEEP = re.compile(r"^ {0,3}#{4,6}(?=[ \t])", re.MULTILINE)
_FENCED = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n]*$.*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_FORM = re.compile(r"([\\*_~`|<\[])")
_SECONDARY = 2
_LABEL, _IN_ROW, _ROWS, _DESCRIPTION = 80, 5, 5, 1_024


def content(view: View) -> str:
    """The text of a message, at most 2,000 characters: tables framed, the footer small beneath it."""
    footer = _footer(view.footer)
    text = _shallow(_words(view))
    text = framed(text, lambda changed: _WHOLE.holds(changed, footer))
    if not _WHOLE.holds(text, footer):
        text = _WHOLE.less(Room(len(footer) * 2, len(footer.encode()))).clip(text)
    whole = f"{text}{footer}" if text.strip() else footer.lstrip("\n")
    return whole or "…"


def components(view: View, key: str) -> list[JSON]:
    """Rows of buttons; each carries the key and what it says. What grows can be stopped."""
    buttons = view.buttons or ((STOP,) if view.growing else ())
    made = []
    for number, button in enumerate(buttons):
        # A command that does not fit cannot be cut: it would say something else.
        if button.label.strip() and button.command and (carried := custom_id(key, number, button.command)):
            made.append(
                {"type": 2, "style": _SECONDARY, "label": clipped(button.label, _LABEL), "custom_id": carried}
            )
    rows = [made[at : at + _IN_ROW] for at in range(0, len(made), _IN_ROW)]
    return [{"type": 1, "components": row} for row in rows[:_ROWS]]


def attached(body: JSON, picture: Picture | None) -> JSON:
    """A body that names the picture which goes with it."""
    if picture is None:
        return body
    named = {"id": 0, "filename": picture.name, "description": clipped(picture.alt, _DESCRIPTION)}
    return {**body, "attachments": [named]}


def clipped(text: str, most: int) -> str:
    """The text with its end replaced by an ellipsis where it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _words(view: View) -> str:
    """The Markdown of a view, marked by its tone; quoting a mention in it calls nobody."""
    text, mark = unpinged(view.text), _MARKS.get(view.tone, "")
    if not mark or not text.strip():
        return text
    alone = text.startswith(_PLAIN_START) or text[:1].isdigit()
    return f"{mark.strip()}\n{text}" if alone else mark + text


def _shallow(text: str) -> str:
    """Headings of the fourth level and below as the third, the deepest that Discord knows; not in code."""
    if "####" not in text:
        return text
    made, at = [], 0
    for code in _FENCED.finditer(text):
        made += [_DEEP.sub("###", text[at : code.start()]), code.group()]
        at = code.end()
    return "".join([*made, _DEEP.sub("###", text[at:])])


def _footer(footer: str) -> str:
    """A line in small letters, whose characters mean nothing but themselves."""
    line = " ".join(footer.split())
    plain = _FORM.sub(r"\\\1", unpinged(line))
    return f"\n-# {plain}" if line else ""
