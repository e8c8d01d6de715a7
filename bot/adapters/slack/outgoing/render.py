"""A view in Slack's form: Block Kit blocks, and the plain text that notifications show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.conversation.pages.inline import unpinged
from bot.core.view import Button, Tone, View

JSON = dict[str, Any]

EVENT = "switchboard"  # the type of our messages' metadata
ACTION = "say:"  # before the number of a button; its value is the command
THUMBS = f"{ACTION}thumbs"
_MARKS = {Tone.ERROR: "⚠️ "}
_PLAIN_START = ("#", ">", "|", "-", "*", "+", "`", "~", " ", "\t")
_TEXT, _FOOTER, _BLOCK = 4_000, 2_000, 11_000
_LABEL, _VALUE, _BUTTONS = 75, 2_000, 25
_GOOD, _BAD = "rate good ", "rate bad "


def words(view: View) -> str:
    """The Markdown of a view, marked by its tone; quoting a mention in it calls nobody."""
    text, mark = unpinged(view.text), _MARKS.get(view.tone, "")
    if not mark or not text.strip():
        return text
    alone = text.startswith(_PLAIN_START) or text[:1].isdigit()
    return f"{mark.strip()}\n\n{text}" if alone else mark + text


def fallback(view: View) -> str:
    """The text of a message for notifications and search: all of it, as far as Slack takes it."""
    text = words(view) or ", ".join(button.label for button in view.buttons) or "…"
    return _fitted(text, _TEXT)


def escaped(text: str) -> str:
    """The text with the three characters replaced that have a meaning in Slack's own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def blocks(view: View, picture: JSON | None = None) -> list[JSON]:
    """The whole message: its text, the block of its picture, and what stands beneath them."""
    text = words(view)
    body = [{"type": "markdown", "text": clipped(text, _BLOCK)}] if text.strip() else []
    return [*body, *([picture] if picture else []), *beneath(view)]


def beneath(view: View) -> list[JSON]:
    """Footer, buttons and thumbs."""
    thumbs, others = _apart(view.buttons)
    return [*_footer(view.footer), *_actions(others), *thumbs]


def metadata(key: str) -> JSON:
    """How our own key stands in a message; people do not see it."""
    return {"event_type": EVENT, "event_payload": {"key": key}}


def key_of(message: JSON) -> str | None:
    """Our key in a message that was read with its metadata, None where there is none."""
    given = message.get("metadata") or {}
    payload = given.get("event_payload") if given.get("event_type") == EVENT else None
    return str(payload.get("key", "")) if isinstance(payload, dict) else None


def clipped(text: str, most: int) -> str:
    """The text with its end replaced by an ellipsis where it is longer."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _fitted(text: str, most: int) -> str:
    """The text, escaped, clipped so that the escapes fit too and none is cut."""
    whole = escaped(text)
    if len(whole) <= most:
        return whole
    low, high = 0, most - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(escaped(text[:middle])) < most else (low, middle - 1)
    return f"{escaped(text[:low])}…"


def _footer(footer: str) -> list[JSON]:
    if not footer.strip():
        return []
    element = {"type": "plain_text", "text": clipped(footer, _FOOTER), "emoji": False}
    return [{"type": "context", "block_id": "footer", "elements": [element]}]


def _actions(buttons: Sequence[Button]) -> list[JSON]:
    # A command that does not fit cannot be cut: it would say something else.
    elements = [
        {
            "type": "button",
            "action_id": f"{ACTION}{number}",
            "text": _label(button),
            "value": button.command,
        }
        for number, button in enumerate(buttons)
        if button.label.strip() and 0 < len(button.command) <= _VALUE
    ]
    return [{"type": "actions", "block_id": "buttons", "elements": elements[:_BUTTONS]}] if elements else []


def _apart(buttons: Sequence[Button]) -> tuple[list[JSON], list[Button]]:
    """The pair of thumbs as Slack's own element, and the other buttons."""
    good = next((one for one in buttons if one.command.startswith(_GOOD)), None)
    bad = next((one for one in buttons if one.command.startswith(_BAD)), None)
    if good is None or bad is None:
        return [], list(buttons)
    element = {
        "type": "feedback_buttons",
        "action_id": THUMBS,
        "positive_button": _thumb(good, "Good answer"),
        "negative_button": _thumb(bad, "Bad answer"),
    }
    block = {"type": "context_actions", "block_id": "thumbs", "elements": [element]}
    return [block], [one for one in buttons if one not in (good, bad)]


def _thumb(button: Button, spoken: str) -> JSON:
    return {"text": _label(button), "value": button.command, "accessibility_label": spoken}


def _label(button: Button) -> JSON:
    return {"type": "plain_text", "text": clipped(button.label, _LABEL), "emoji": True}
