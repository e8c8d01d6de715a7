"""What a person is shown, before a platform gives it its form."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """What kind of thing is shown; surfaces may colour it."""

    REPLY = "reply"
    NOTICE = "notice"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Button:
    """A button. ``command`` is what a click says, in the words of the commands (``retry``, ``model demo/quick``)."""

    label: str
    command: str


@dataclass(frozen=True, slots=True)
class View:
    """One platform message. ``text`` is Markdown (CommonMark with tables); ``footer`` one plain line beneath it.

    ``growing`` is true while more text is to come; ``private_to`` limits it to one person (external id).
    """

    text: str
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    growing: bool = False
    tone: Tone = Tone.REPLY
    private_to: str | None = None
