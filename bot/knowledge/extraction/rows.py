"""Rows of sheets as lines of CSV, whatever program they come from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime, time

from bot.knowledge.extraction.gathering import Extract, Gathering, Unreadable, counted


def sheets(found: Iterable[tuple[str, Iterable[Iterable[object]]]], gathering: Gathering) -> Extract:
    """Sheets by name, with their rows. Raises Unreadable where none has a value."""
    count, rows = 0, 0
    for title, values in found:
        count += gathering.take([f"[sheet {title.replace(']', ')')}]"])
        rows += gathering.take(_lines(values))
        if gathering.full:
            break
    if not rows:
        raise Unreadable("has no values in its sheets.")
    extent = f"{counted(count, 'sheet')}, {counted(rows, 'row')}"
    return gathering.extract(f"the first {counted(rows, 'row')}" if gathering.full else extent)


def _lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A line for each row that has a value."""
    for row in rows:
        values = [_written(value) for value in row]
        while values and not values[-1]:
            values.pop()
        if values:
            line = io.StringIO()
            csv.writer(line, lineterminator="").writerow(values)
            yield line.getvalue()


def _written(value: object) -> str:
    match value:
        case None:
            said = ""
        case bool():
            said = str(value).upper()
        case float():
            said = str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
        case datetime() if value.time() == time():
            said = value.date().isoformat()
        case datetime():
            said = value.isoformat(" ", "seconds")
        case _:
            said = " ".join(str(value).split())
    return said
