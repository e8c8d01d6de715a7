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
class Picture:
    """A picture that goes with a message: its bytes, what it shows in words, and its file's name."""

    png: bytes
    alt: str
    name: str


@dataclass(frozen=True, slots=True)
class View:
    """One platform message. ``text`` is Markdown (CommonMark with tables); ``footer`` one plain line beneath it.

    ``growing`` is true while more text is to come; the last ``closing`` characters of ``text`` then only close
    what is open there (a fence, emphasis) and will stand further on in the next text. ``private_to`` limits it to
    one person (external id). ``picture`` goes with a message that is posted whole and not edited.
    """

    text: str
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    growing: bool = False
    closing: int = 0
    tone: Tone = Tone.REPLY
    private_to: str | None = None
    picture: Picture | None = None
