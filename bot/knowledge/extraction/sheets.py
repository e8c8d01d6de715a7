"""Excel: the values of each sheet as lines of CSV."""

from __future__ import annotations

import io

import openpyxl

from bot.knowledge.extraction.archive import opened
from bot.knowledge.extraction.gathering import Extract, Gathering
from bot.knowledge.extraction.rows import sheets


def read(data: bytes, gathering: Gathering) -> Extract:
    """Every sheet beneath its name: values, not formulas. Raises Unreadable."""
    opened(data).close()
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    return sheets(((sheet.title, sheet.iter_rows(values_only=True)) for sheet in book.worksheets), gathering)
