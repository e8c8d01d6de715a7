"""How our own key stands in a message of ours, and the command in a button of it (docs/adr/0013)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MARK = "s"
_MOST = 100  # characters of a custom_id


def custom_id(key: str, number: int, command: str) -> str | None:
    """``s:<key>:<number>:<command>``; without the key where all does not fit, None where the command does not.

    ``key`` is that of the message's post, or where that is no longer known the message's id. The number keeps
    two buttons of one message apart.
    """
    for carried in (key, ""):
        if len(made := f"{MARK}:{carried}:{number}:{command}") <= _MOST:
            return made
    return None


def command_of(custom_id: str) -> str | None:
    """The command that a click on this says, None where the button is none of these."""
    parts = custom_id.split(":", 3)
    return parts[3] if len(parts) == 4 and parts[0] == MARK and parts[2].isdigit() else None


def keys_of(message: Mapping[str, Any]) -> Iterator[str]:
    """Every key that a message carries, as far as Discord shows it."""
    if message.get("nonce"):
        yield str(message["nonce"])
    for row in message.get("components") or ():
        for one in row.get("components") or ():
            parts = str(one.get("custom_id", "")).split(":", 3)
            if len(parts) == 4 and parts[0] == MARK and parts[1]:
                yield parts[1]
