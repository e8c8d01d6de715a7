"""Files that come with a message: what they are is read from their bytes, never from their name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.core.errors import BadInput
from bot.core.message import Attachment

MOST_FILES = 10
IMAGE_BYTES = 5_000_000
TEXT_BYTES = 1_000_000
_NAME_CHARS = 120
_IMAGE_NAMES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})


@dataclass(frozen=True, slots=True)
class FileNote:
    """What a sent message says of a file that went with it. ``size`` is in bytes."""

    name: str
    media_type: str
    size: int


def attachment(name: str, data: bytes) -> Attachment:
    """One uploaded file. Raises BadInput where it is empty, too large, broken, or neither image nor text."""
    name = _plain(name)
    if not data:
        raise _refuse(f"“{name}” is empty.")
    media_type = _image_type(data)
    if media_type:
        return _image(name, media_type, data)
    if PurePosixPath(name.lower()).suffix in _IMAGE_NAMES:
        raise _refuse(f"“{name}” is not an image that can be read; it may be broken.")
    if not _is_text(data):
        raise _refuse(f"“{name}” is neither an image (PNG, JPEG, GIF, WebP) nor text in UTF-8.")
    if len(data) > TEXT_BYTES:
        raise _refuse(f"“{name}” is larger than the {TEXT_BYTES // 1_000_000} MB that a text file may have.")
    return Attachment(name, "text/plain", data)


def _image(name: str, media_type: str, data: bytes) -> Attachment:
    if len(data) > IMAGE_BYTES:
        raise _refuse(f"“{name}” is larger than the {IMAGE_BYTES // 1_000_000} MB that an image may have.")
    if not _is_whole(media_type, data):
        raise _refuse(f"“{name}” is broken: its end is missing. Save or download it again.")
    return Attachment(name, media_type, data)


def _refuse(say: str) -> BadInput:
    return BadInput("a file was refused", say=say)


def _plain(name: str) -> str:
    """A name without folders and control characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(letter for letter in last if letter.isprintable()).strip()
    return printable[-_NAME_CHARS:] or "file"


def _image_type(data: bytes) -> str:
    """The type of an image by its first bytes, "" for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return ""


def _is_whole(media_type: str, data: bytes) -> bool:
    """Whether the image has its end, the part that a broken upload loses."""
    match media_type:
        case "image/png":
            return b"IEND" in data
        case "image/jpeg":
            return b"\xff\xd9" in data[4:]
        case "image/gif":
            return b"\x3b" in data[-64:]
        case _:
            return len(data) >= int.from_bytes(data[4:8], "little") + 8


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False
