"""OpenDocument: texts, sheets and slides, as LibreOffice writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from bot.knowledge.extraction.archive import LOCKED, opened, tree
from bot.knowledge.extraction.gathering import Extract, Gathering, Unreadable, clean, prose
from bot.knowledge.extraction.rows import sheets
from bot.knowledge.extraction.slides import slides

_NS = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _OFFICE, _DRAW = (f"{{{_NS}{one}:1.0}}" for one in ("text", "table", "office", "drawing"))
_COPIES = 1_000  # of a cell or row that stands for many alike


def read(data: bytes, gathering: Gathering) -> Extract:
    """Whatever kind it is: its paragraphs, the rows of its sheets, or its slides. Raises Unreadable."""
    archive = opened(data)
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise Unreadable(LOCKED)
    body = tree(archive, "content.xml").find(f"{_OFFICE}body")
    kind = body[0] if body is not None and len(body) else Element("")
    match kind.tag.removeprefix(_OFFICE):
        case "spreadsheet":
            return sheets(_sheets(kind), gathering)
        case "presentation":
            pages = list(kind.iter(f"{_DRAW}page"))
            return slides(("\n".join(_paragraphs(page)) for page in pages), len(pages), gathering)
        case _:
            return prose(gathering, gathering.take(_paragraphs(kind)))


def _paragraphs(root: Element) -> Iterator[str]:
    for found in root.iter():
        if found.tag in {f"{_TEXT}p", f"{_TEXT}h"} and (words := clean(_words(found)).strip()):
            level = found.get(f"{_TEXT}outline-level", "1") if found.tag == f"{_TEXT}h" else ""
            yield f"{'#' * min(6, int(level))} {words}" if level.isdigit() else words


def _words(paragraph: Element) -> str:
    """What a paragraph says; blanks, tabs and new lines are elements of their own."""
    said = [paragraph.text or ""]
    for part in paragraph:
        match part.tag.removeprefix(_TEXT):
            case "s":
                said.append(" " * min(_COPIES, _times(part, f"{_TEXT}c")))
            case "tab":
                said.append("\t")
            case "line-break":
                said.append("\n")
            case _:
                said.append(_words(part))
        said.append(part.tail or "")
    return "".join(said)


def _sheets(body: Element) -> Iterator[tuple[str, Iterable[list[str]]]]:
    for table in body.iter(f"{_TABLE}table"):
        yield table.get(f"{_TABLE}name", ""), _rows(table)


def _rows(table: Element) -> Iterator[list[str]]:
    for row in table.iter(f"{_TABLE}table-row"):
        cells = list[str]()
        for cell in row:
            words = " ".join(_words(one) for one in cell.iter(f"{_TEXT}p"))
            cells += [words] * min(_COPIES, _times(cell, f"{_TABLE}number-columns-repeated"))
        if any(cells):
            # A row that is repeated has a value in it; those that only fill the sheet have none.
            yield from [cells] * min(_COPIES, _times(row, f"{_TABLE}number-rows-repeated"))


def _times(element: Element, name: str) -> int:
    value = element.get(name, "1")
    return int(value) if value.isdecimal() and len(value) < 8 else 1
