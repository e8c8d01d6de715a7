"""Uploaded files: known by their bytes, refused with a sentence."""

from __future__ import annotations

import pytest

from bot.core.errors import BadInput
from bot.knowledge.files import DOCUMENT_BYTES, IMAGE_BYTES, TEXT_BYTES, attachment
from tests.bot.knowledge.documents import packed

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20 + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20 + b"\xff\xd9"
GIF = b"GIF89a" + b"\0" * 20 + b"\x3b"
WEBP = b"RIFF" + (24).to_bytes(4, "little") + b"WEBP" + b"\0" * 20

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99
ZIP = packed({"readme.txt": b"Just an archive."})


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (GIF, "image/gif"),
        (WEBP, "image/webp"),
        ("Grüße\n".encode(), "text/plain"),
        (b"\n<!DOCTYPE html>\n<p>Hello", "text/html"),
        (b"%PDF-1.7\n", "application/pdf"),
    ],
)
def test_the_bytes_decide(data: bytes, media_type: str) -> None:
    """A name says nothing about what a file is."""
    assert attachment("anything.bin", data).media_type == media_type


@pytest.mark.parametrize("data", [PNG[:-6], JPEG[:-2], GIF[:-1], WEBP[:-5]])
def test_an_image_without_its_end_is_broken(data: bytes) -> None:
    """An upload that was cut is not sent to a model."""
    with pytest.raises(BadInput) as refused:
        attachment("photo.png", data)
    assert "broken" in refused.value.say


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"", "empty"),
        ("photo.PNG", b"no image at all", "not an image"),
        ("a.bin", b"%PD-1.7\xff\xfe\0", "is not an image"),
        ("a.txt", b"with\0nul", "is not an image"),
        ("a.txt", "schön".encode("latin-1"), "is not an image"),
        ("a.csv", b"\0\1\xff" * 9, "is not an image"),
        ("a.zip", ZIP, "is not an image"),
        ("a.docx", ZIP[:40], "its end is missing"),
        ("a.doc", OLE, "save it as .docx"),
        ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "protected with a password"),
        ("a.txt", b"x" * (TEXT_BYTES + 1), "larger than the 1 MB"),
        ("a.pdf", b"%PDF-1.7" + b"x" * DOCUMENT_BYTES, "larger than the 10 MB"),
        ("a.png", PNG[:8] + b"\0" * IMAGE_BYTES + PNG[8:], "larger than the 5 MB"),
    ],
    ids=map(str, range(13)),  # an archive carries the moment it was made at, and a test's name must not
)
def test_what_cannot_be_used_is_refused_by_name(name: str, data: bytes, words: str) -> None:
    """Each refusal is a sentence that names the file."""
    with pytest.raises(BadInput) as refused:
        attachment(name, data)
    assert words in refused.value.say
    assert name in refused.value.say


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("C:\\temp\\notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("a\n\x1b[31mb.txt", "a[31mb.txt"),
        ("", "file"),
        ("x" * 300 + ".txt", "x" * 116 + ".txt"),
    ],
)
def test_names_are_plain(name: str, kept: str) -> None:
    """Folders and control characters never get further than the form."""
    assert attachment(name, b"text").name == kept
