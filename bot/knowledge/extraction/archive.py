"""Office files are archives: what is in one is weighed before anything is unpacked."""

from __future__ import annotations

import io
import zipfile
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from bot.knowledge.extraction.gathering import Unreadable

_UNPACKED = 200_000_000  # bytes that all of it may come to
_MEMBERS = 10_000
_ENCRYPTED = 1
_BOMB = "unpacks to far more than a document needs, so it was left alone."
LOCKED = "is protected with a password; send a copy without one."
BROKEN = "is broken and cannot be opened; save or download it again."


def opened(data: bytes) -> zipfile.ZipFile:
    """The archive, found harmless. Raises Unreadable."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError) as error:
        raise Unreadable(BROKEN) from error
    members = archive.infolist()
    # What a member says of its size binds: no more of it is ever unpacked.
    if len(members) > _MEMBERS or sum(member.file_size for member in members) > _UNPACKED:
        raise Unreadable(_BOMB)
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise Unreadable(LOCKED)
    for member in members:
        if member.filename.endswith((".xml", ".rels")):
            _refuse_definitions(archive, member)
    return archive


def _refuse_definitions(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """No office program writes definitions of its own into a document; entities that explode need them."""
    with archive.open(member) as beginning:
        if b"<!DOCTYPE" in beginning.read(1_024):
            raise Unreadable(BROKEN)


class _Builder(TreeBuilder):
    """Takes no definitions, wherever they stand."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Called where a document brings definitions of its own."""
        raise Unreadable(BROKEN)


def tree(archive: zipfile.ZipFile, member: str) -> Element:
    """The root of an XML member. Raises Unreadable where there is none or it is broken."""
    parser = XMLParser(target=_Builder())  # noqa: S314 - the builder takes no definitions
    try:
        parser.feed(archive.read(member))
        root = parser.close()
    except (KeyError, ParseError) as error:
        raise Unreadable(BROKEN) from error
    if not isinstance(root, Element):
        raise Unreadable(BROKEN)
    return root
