"""One turn of a conversation, and what an adapter hands to the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.place import Place


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message, already downloaded. ``media_type`` is what its bytes are, not its name."""

    name: str
    media_type: str
    data: bytes

    @property
    def is_image(self) -> bool:
        """Whether a model that sees can look at it."""
        return self.media_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Author:
    """Who said it: the platform's own id, and the person it belongs to once that is known."""

    external_id: str
    name: str = ""
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A person wrote something that is addressed to us."""

    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """A person wants another answer to what was asked: a retry, perhaps by another model.

    ``reply_id`` names the reply to do again, None the last one. With ``go_on`` the text so far is kept and continued.
    """

    reply_id: int | None = None
    model: str | None = None
    go_on: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """What an adapter writes to the inbox before it acknowledges.

    ``key`` is the platform's id of the message or interaction within the place's workspace; repeats of one
    key fall together. ``sent_at`` is UTC.
    """

    key: str
    place: Place
    author: Author
    what: Said | AskedAgain
    sent_at: datetime
