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
    """A file that came with a message, already downloaded. ``media_type`` is what its bytes are, not its name.

    Of a document that was read ``content`` is its text and ``extent`` how much of it that is ("12 pages").
    """

    name: str
    media_type: str
    data: bytes
    content: str | None = None
    extent: str = ""

    @property
    def is_image(self) -> bool:
        """Whether a model that sees can look at it."""
        return self.media_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Promised:
    """A file that came with a message and is fetched before the answer begins.

    ``ref`` is what its surface needs to find it, in the surface's own form; ``size`` is in bytes, 0 where unknown.
    Name, type and size are what the platform says of it, not yet what its bytes are.
    """

    name: str
    media_type: str
    size: int
    ref: str


@dataclass(frozen=True, slots=True)
class Overheard:
    """Something said in a thread to others, before or between what was said to us."""

    author_name: str
    text: str


@dataclass(frozen=True, slots=True)
class Author:
    """Who said it: the platform's own id, and the person it belongs to once that is known."""

    external_id: str
    name: str = ""
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A person wrote something that is addressed to us.

    ``overheard`` is what the thread had said before, as far as no earlier message carried it.

    ``in_reply_to`` names an earlier message of the same place, which this one then follows in place of the last one:
    a person's message by the key it came under (as in Incoming), a message of ours by the platform's id that its
    ``Posted`` had. One that is not known counts for nothing.
    """

    text: str
    attachments: tuple[Attachment, ...] = ()
    promised: tuple[Promised, ...] = ()
    overheard: tuple[Overheard, ...] = ()
    in_reply_to: str = ""


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """A person wants another answer to what was asked: a retry, perhaps by another model.

    ``reply_id`` names the reply to do again, None the last one. With ``go_on`` the text so far is kept and continued.
    ``anyway``: they have read that it is expensive.
    """

    reply_id: int | None = None
    model: str | None = None
    go_on: bool = False
    anyway: bool = False


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
