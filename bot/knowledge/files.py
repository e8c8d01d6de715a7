"""Files that come with a message: what they are is read from their bytes, and a name decides only between texts."""

from __future__ import annotations

import codecs
import io
import zipfile

from bot.core.errors import BadInput
from bot.core.message import Attachment
from bot.knowledge import kinds

MOST_FILES = 10
IMAGE_BYTES = 5_000_000
TEXT_BYTES = 1_000_000
DOCUMENT_BYTES = 10_000_000
MOST_BYTES = max(IMAGE_BYTES, TEXT_BYTES, DOCUMENT_BYTES)
_NAME_CHARS = 120
_IMAGE_NAMES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
_DIRECTORY_BYTES = 1_000_000  # of an archive's list of contents, as large as an office file's ever is
_PARTS = {
    "word/document.xml": kinds.WORD,
    "xl/workbook.xml": kinds.EXCEL,
    "ppt/presentation.xml": kinds.SLIDES,
}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_WHAT = (
    "an image (PNG, JPEG, GIF, WebP), a PDF, an office file (Word, Excel, PowerPoint, OpenDocument) "
    "or text in UTF-8"
)


def attachment(name: str, data: bytes) -> Attachment:
    """One uploaded file. Raises BadInput where it is empty, too large, broken, or of no kind that can be read.

    A document has no text yet: ``bot.knowledge.reading`` gets it.
    """
    name = plain_name(name)
    if not data:
        raise _refuse(f"“{name}” is empty.")
    media_type = _image_type(data)
    if media_type:
        return _image(name, media_type, data)
    if kinds.suffix(name) in _IMAGE_NAMES:
        raise _refuse(f"“{name}” is not an image that can be read; it may be broken.")
    if media_type := _document_type(name, data):
        return _within(name, media_type, data, DOCUMENT_BYTES, "a document")
    media_type = _text_type(name, data)
    if not media_type:
        raise _refuse(f"“{name}” is not {_WHAT}.")
    return _within(name, media_type, data, TEXT_BYTES, "a text file")


def refuse_size(name: str, size: int) -> None:
    """Raise BadInput where a file of so many bytes is too large whatever it is; to be asked before it is fetched."""
    if size > MOST_BYTES:
        raise _refuse(
            f"“{plain_name(name)}” is larger than the {MOST_BYTES // 1_000_000} MB that a file may have."
        )


def _within(name: str, media_type: str, data: bytes, most: int, what: str) -> Attachment:
    if len(data) > most:
        raise _refuse(f"“{name}” is larger than the {most // 1_000_000} MB that {what} may have.")
    return Attachment(name, media_type, data)


def _image(name: str, media_type: str, data: bytes) -> Attachment:
    if len(data) <= IMAGE_BYTES and not _is_whole(media_type, data):
        raise _refuse(f"“{name}” is broken: its end is missing. Save or download it again.")
    return _within(name, media_type, data, IMAGE_BYTES, "an image")


def _refuse(say: str) -> BadInput:
    return BadInput("a file was refused", say=say)


def plain_name(name: str) -> str:
    """A file's name without folders and control characters."""
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


def _document_type(name: str, data: bytes) -> str:
    """The type of a PDF or an office file, "" for anything else. Raises BadInput for those of old."""
    if data.startswith(_OLD_OFFICE):
        if _LOCKED in data:
            raise _refuse(f"“{name}” is protected with a password; send a copy without one.")
        raise _refuse(
            f"“{name}” has an old office format; save it as .docx, .xlsx, .pptx or PDF and send that."
        )
    if b"%PDF-" in data[:1_024]:
        return kinds.PDF
    return _office_type(name, data) if data.startswith(b"PK\x03\x04") else ""


def _office_type(name: str, data: bytes) -> str:
    """What an archive says that it is; its parts are not unpacked."""
    end = data.rfind(b"PK\x05\x06")
    if end < 0:
        raise _refuse(f"“{name}” is broken: its end is missing. Save or download it again.")
    if (
        int.from_bytes(data[end + 12 : end + 16], "little") > _DIRECTORY_BYTES
        or b"PK\x06\x07" in data[end - 20 : end]
    ):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for part, media_type in _PARTS.items():
                if part in archive.NameToInfo:
                    return media_type
    except (zipfile.BadZipFile, ValueError):
        return ""
    # OpenDocument names itself in the very first bytes, before anything that is packed.
    named = data[38:120].split(b"PK", 1)[0].decode("ascii", "replace") if data[30:38] == b"mimetype" else ""
    return named if named in {kinds.OPEN_TEXT, kinds.OPEN_SHEET, kinds.OPEN_SLIDES} else ""


def _text_type(name: str, data: bytes) -> str:
    """Plain text, a table or a page; "" for what is no text."""
    is_table = kinds.suffix(name) in kinds.TABLE_NAMES
    try:
        text = data.decode()
    except UnicodeDecodeError:
        # Spreadsheets still save tables as their system wrote before there was UTF-8.
        return kinds.TABLE if is_table and _is_old_text(data) else ""
    if "\0" in text:
        return ""
    if is_table:
        return kinds.TABLE
    beginning = text[:1_000].lstrip("\ufeff \t\r\n").lower()
    return kinds.PAGE if beginning.startswith(("<!doctype html", "<html")) else kinds.TEXT


def _is_old_text(data: bytes) -> bool:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    return not any(byte < 0x20 and byte not in b"\t\r\n\f" for byte in data[:10_000])
