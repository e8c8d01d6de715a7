"""PDF, page by page."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pypdf
from pypdf.errors import PyPdfError

from bot.knowledge.extraction.archive import BROKEN, LOCKED
from bot.knowledge.extraction.gathering import Extract, Gathering, Unreadable, clean, counted


def read(data: bytes, gathering: Gathering) -> Extract:
    """The text of its pages, each beneath its number. Raises Unreadable."""
    pages = _pages(data)
    texts = list[str]()
    done = gathering.take(_numbered(pages, texts))
    if not any(texts[:done]):
        raise Unreadable(_scanned(len(pages)))
    whole = counted(len(pages), "page")
    extent = f"the first {done:,} of {whole}" if gathering.full else whole
    blank = texts[:done].count("")
    return gathering.extract(f"{extent}, {blank:,} without text" if blank else extent)


def _numbered(pages: list[pypdf.PageObject], texts: list[str]) -> Iterator[str]:
    """Each page beneath its number; ``texts`` takes what stands on them."""
    for number, page in enumerate(pages, 1):
        texts.append(_text(page))
        yield f"[page {number}]\n{texts[-1] or '(no text on this page)'}\n"


def _pages(data: bytes) -> list[pypdf.PageObject]:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        # Most files that are "encrypted" only ask not to be printed: anybody may open them.
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(LOCKED)
        return list(reader.pages)
    except PyPdfError as error:
        raise Unreadable(BROKEN) from error


def _text(page: pypdf.PageObject) -> str:
    try:
        return clean(page.extract_text()).strip()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a broken page fails in any way; the others are still worth reading
        return ""


def _scanned(total: int) -> str:
    return (
        f"has {counted(total, 'page')} but no text in {'it' if total == 1 else 'them'}, as scans have; "
        "send its pages as pictures to a model that sees."
    )
