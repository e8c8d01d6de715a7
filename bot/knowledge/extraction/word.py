"""Word: paragraphs and tables in their order, headings as Markdown."""

from __future__ import annotations

import io
from collections.abc import Iterator

import docx
from docx.document import Document
from docx.table import Table
from docx.text.paragraph import Paragraph

from bot.knowledge.extraction.archive import opened
from bot.knowledge.extraction.gathering import Extract, Gathering, prose


def read(data: bytes, gathering: Gathering) -> Extract:
    """The body of the text. Raises Unreadable."""
    opened(data).close()
    count = gathering.take(_blocks(docx.Document(io.BytesIO(data))))
    return prose(gathering, count)


def _blocks(document: Document) -> Iterator[str]:
    for block in document.iter_inner_content():
        text = _table(_rows(block)) if isinstance(block, Table) else _paragraph(block)
        if text:
            yield text


def _paragraph(paragraph: Paragraph) -> str:
    text = paragraph.text.strip()
    style = (paragraph.style.name or "") if paragraph.style is not None else ""
    if not text:
        return ""
    if style == "Title":
        return f"# {text}"
    if style.startswith("Heading ") and style[8:].isdigit():
        return f"{'#' * min(6, int(style[8:]))} {text}"
    return f"- {text}" if style.startswith("List") else text


def _rows(found: Table) -> Iterator[list[str]]:
    for row in found.rows:
        cells, before = list[str](), None
        for cell in row.cells:
            if cell is not before and (before is None or cell._tc is not before._tc):  # noqa: SLF001 - merged cells repeat
                cells.append(cell.text)
            before = cell
        yield cells


def _table(rows: Iterator[list[str]]) -> str:
    """Rows as a Markdown table without its line of dashes, which costs tokens and tells nothing."""
    return "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows if any(row))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
