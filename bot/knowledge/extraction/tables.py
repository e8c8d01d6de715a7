"""CSV and TSV: the text as it is, in the encodings that spreadsheets save it in, its rows counted."""

from __future__ import annotations

import codecs
import csv
import io

from bot.knowledge.extraction.gathering import Extract, Gathering, Unreadable, clean, counted

_FIELD = 131_072
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read(data: bytes, gathering: Gathering) -> Extract:
    """Its lines. Raises Unreadable where there are none."""
    text = clean(decoded(data))
    gathering.take([text])
    if not text.strip():
        raise Unreadable("has no rows.")
    rows = counted(_rows(text), "row")
    return gathering.extract(f"only the beginning of {rows}" if gathering.full else rows)


def decoded(data: bytes) -> str:
    """By its mark, as UTF-8, or as what Windows in Europe and America wrote before."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _rows(text: str) -> int:
    """A field may hold line ends; where the quotes do not fit, lines are counted."""
    csv.field_size_limit(_FIELD)
    first = text.split("\n", 1)[0]
    between = max(",;\t|", key=first.count)
    try:
        return sum(1 for row in csv.reader(io.StringIO(text), delimiter=between) if row)
    except csv.Error:
        return sum(1 for line in text.split("\n") if line.strip())
