"""Reports for programs: CSV for spreadsheets, JSON. Costs are exact."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from bot.workbench.reports import Line, Report
from storage.figures import SUMS

_NANO = 1_000_000_000
_HEAD = ("key", "label", *SUMS[:-1], "cost_usd", "mean_cost_usd", "median_ms", "p95_ms", "cost_before_usd")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_csv(report: Report) -> str:
    """The lines, then their total under the key "total". Text that a spreadsheet would run is quoted with "'"."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_HEAD)
    for line in report.lines:
        writer.writerow(_cells(line))
    writer.writerow(["total", *_cells(report.total)[1:]])
    return file.getvalue()


def to_json(report: Report) -> str:
    """Everything in the report; amounts are nano-dollars, times UTC."""
    span = report.span
    return json.dumps(
        {
            "scope": {"kind": report.scope.kind, "subject": report.scope.subject},
            "by": report.by,
            "at": report.at.isoformat(),
            "span": None
            if span is None
            else {"kind": span.kind, "key": span.key, "first": span.first, "last": span.last},
            "total": _values(report.total),
            "lines": [_values(line) for line in report.lines],
            "change": report.change,
            "projected": report.projected,
            "usual": report.usual,
            "trend": [
                {"day": one.day, "requests": one.requests, "tokens": one.tokens, "cost": one.cost}
                for one in report.trend.points
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


def _values(line: Line) -> dict[str, Any]:
    return {
        "key": line.key,
        "label": line.label,
        "place": line.place,
        **{name: getattr(line.figures, name) for name in SUMS},
        "mean_cost": line.mean_cost,
        "median_ms": line.median_ms,
        "p95_ms": line.p95_ms,
        "cost_before": None if line.before is None else line.before.cost,
    }


def _cells(line: Line) -> list[object]:
    counts = line.figures.sums[:-1]
    before = "" if line.before is None else _dollars(line.before.cost)
    times = ("" if ms is None else ms for ms in (line.median_ms, line.p95_ms))
    mean = "" if line.mean_cost is None else _dollars(line.mean_cost)
    return [_plain(line.key), _plain(line.label), *counts, _dollars(line.cost), mean, *times, before]


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _dollars(nano: int) -> str:
    """Dollars to the last nano-dollar, without a sign for the currency."""
    whole, rest = divmod(abs(nano), _NANO)
    return f"{'-' if nano < 0 else ''}{whole}.{rest:09}"
