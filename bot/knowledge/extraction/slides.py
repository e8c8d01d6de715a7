"""PowerPoint: the words of each slide and what its speaker notes."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from bot.knowledge.extraction.archive import opened, tree
from bot.knowledge.extraction.gathering import Extract, Gathering, Unreadable, clean, counted

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_NOTES = "/notesSlide"
_DECK = "ppt/presentation.xml"


def read(data: bytes, gathering: Gathering) -> Extract:
    """Its slides in the order they are shown, each beneath its number. Raises Unreadable."""
    archive = opened(data)
    members = list(_slides(archive))
    return slides((_slide(archive, member) for member in members), len(members), gathering)


def slides(found: Iterable[str], total: int, gathering: Gathering) -> Extract:
    """The words of so many slides, each beneath its number. Raises Unreadable where there are none."""
    texts = list[str]()

    def numbered() -> Iterator[str]:
        for number, text in enumerate(found, 1):
            texts.append(text)
            yield f"[slide {number}]\n{text}\n"

    done, whole = gathering.take(numbered()), counted(total, "slide")
    if not any(texts):
        raise Unreadable(f"has {whole} but no text in {'it' if total == 1 else 'them'}.")
    return gathering.extract(f"the first {done:,} of {whole}" if gathering.full else whole)


def _slides(archive: zipfile.ZipFile) -> Iterator[str]:
    related = _related(archive, _DECK)
    for slide in tree(archive, _DECK).iter(f"{_P}sldId"):
        if (found := related.get(slide.get(f"{_R}id", ""))) is not None:
            yield found[1]


def _related(archive: zipfile.ZipFile, member: str) -> dict[str, tuple[str, str]]:
    """What a member points to within the archive: by id the kind and the member's name."""
    folder, name = posixpath.split(member)
    beside = f"{folder}/_rels/{name}.rels"
    if beside not in archive.namelist():
        return {}
    found = {}
    for one in tree(archive, beside):
        if one.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
            found[one.get("Id", "")] = (one.get("Type", ""), target)
    return found


def _slide(archive: zipfile.ZipFile, member: str) -> str:
    text = "\n".join(_paragraphs(tree(archive, member)))
    for kind, notes in _related(archive, member).values():
        if kind.endswith(_NOTES) and (said := "\n".join(_noted(tree(archive, notes)))):
            text += f"\nNotes: {said}"
    return clean(text)


def _noted(root: Element) -> Iterator[str]:
    """The notes themselves, without the number that stands beneath them."""
    for shape in root.iter(f"{_P}sp"):
        holder = shape.find(f".//{_P}ph")
        if holder is not None and holder.get("type") == "body":
            yield from _paragraphs(shape)


def _paragraphs(root: Element) -> Iterator[str]:
    for paragraph in root.iter(f"{_A}p"):
        words = "".join(
            "\n" if part.tag == f"{_A}br" else part.text or ""
            for part in paragraph.iter()
            if part.tag in {f"{_A}t", f"{_A}br"}
        )
        if words.strip():
            yield words
