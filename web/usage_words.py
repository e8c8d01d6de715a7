"""A usage report as its page shows it: figures, lines, spans and charts in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.core.money import UNPRICED, dollars
from bot.workbench.reports import Line, Report
from bot.workbench.spans import Span
from bot.workbench.words import compared, seconds, short
from storage.figures import Figures

TOLD = {
    "model": "Models",
    "provider": "Providers",
    "person": "People",
    "channel": "Channels",
    "credential": "Keys",
    "kind": "Purposes",
    "thread": "Conversations",
    "day": "Days",
}
ONE = {"credential": "key", "kind": "purpose", "thread": "conversation"}  # where it is not the word itself
SPANS = (("day", "Day"), ("week", "Week"), ("month", "Month"))
_SAME = {
    "day": "the day before",
    "week": "the same days of the week before",
    "month": "the same days of the month before",
}
_BEFORE = {"day": "the day before", "week": "the week before", "month": "the month before"}
_LAST = {"day": "days", "week": "weeks", "month": "months"}
_NANO = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the large figures at the top, and what is said beneath it."""

    value: str
    label: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. ``share`` is its part of the cost in percent, ``link`` the closer look, "" where none is."""

    label: str
    link: str
    share: int
    cost: str
    before: str
    requests: str
    each: str
    tokens: str
    median: str
    p95: str
    troubles: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and the table beneath it: ``rows`` are label, cost and tokens in words; ``data`` is what is drawn."""

    id: str
    title: str
    rows: tuple[tuple[str, str, str], ...]
    data: dict[str, Any]


def figures(report: Report) -> list[Figure]:
    """What the whole of it came to."""
    total, kind = report.total, report.span.kind if report.span else "month"
    f = total.figures
    unpriced = f"{f.unpriced:,} {UNPRICED}" if f.unpriced else ""
    found = [Figure(cost_of(total), _requests(f.requests), unpriced or _change(report, kind))]
    if report.projected is not None:
        found.append(Figure(dollars(report.projected), f"by the end of the {kind}", "at this pace"))
    if total.mean_cost is not None:
        found.append(Figure(dollars(total.mean_cost), "a request", "on average"))
    if total.median_ms is not None and total.p95_ms is not None:
        found.append(
            Figure(
                seconds(total.median_ms),
                "or less for half of the answers",
                f"95 % within {seconds(total.p95_ms)}",
            )
        )
    found.append(Figure(short(f.tokens), "tokens", _tokens_before(total, kind)))
    found.append(Figure(f"{f.failures:,}", "failed", f"{f.fallbacks:,} answered by a fallback"))
    return found


def _change(report: Report, kind: str) -> str:
    if report.change is not None:
        return f"{compared(report.change)} {_SAME[kind]}"
    before = report.total.before
    return f"{dollars(before.cost)} {_BEFORE[kind]}" if before is not None and before.requests else ""


def _tokens_before(total: Line, kind: str) -> str:
    return f"{short(total.before.tokens)} {_BEFORE[kind]}" if total.before and total.before.tokens else ""


def _requests(count: int) -> str:
    return "for 1 request" if count == 1 else f"for {count:,} requests"


def cost_of(line: Line) -> str:
    """What a line cost, "unpriced" where nothing of it has a price."""
    f = line.figures
    return UNPRICED if f.requests and f.unpriced == f.requests else dollars(line.cost)


def row(line: Line, label: str, link: str, most: int) -> Row:
    """A line in words; ``most`` is the cost of the dearest."""
    f = line.figures
    return Row(
        label=label,
        link=link,
        share=round(100 * line.cost / most) if most > 0 else 0,
        cost=cost_of(line),
        before="" if line.before is None else dollars(line.before.cost),
        requests=f"{f.requests:,}",
        each="" if line.mean_cost is None else dollars(line.mean_cost),
        tokens=short(f.tokens),
        median="" if line.median_ms is None else seconds(line.median_ms),
        p95="" if line.p95_ms is None else seconds(line.p95_ms),
        troubles=_troubles(f),
    )


def _troubles(f: Figures) -> str:
    parts = ((f.failures, "failed"), (f.fallbacks, "by a fallback"))
    return ", ".join(f"{count:,} {words}" for count, words in parts if count)


def days_chart(this: Span, days: dict[str, Figures]) -> Chart:
    """What each day of a span cost."""
    first = date.fromisoformat(this.first)
    dates = [first + timedelta(days=n) for n in range(this.days)]
    return _chart(
        "days", "Spend by day", [(_short_day(d), days.get(d.isoformat(), Figures())) for d in dates], "cost"
    )


def trend_chart(report: Report, draws: str) -> Chart:
    """The last spans, with their "cost" or "tokens" drawn."""
    kind, points = report.trend.kind, report.trend.points
    found = [(_point(kind, p.day), Figures(cost=p.cost, input_tokens=p.tokens)) for p in points]
    what = "Tokens" if draws == "tokens" else "Spend"
    return _chart(f"trend-{draws}", f"{what} of the last {len(points)} {_LAST[kind]}", found, draws)


def _chart(name: str, title: str, found: list[tuple[str, Figures]], draws: str) -> Chart:
    values = [f.cost / _NANO if draws == "cost" else f.tokens for _, f in found]
    data = {"draws": draws, "labels": [label for label, _ in found], "values": values}
    rows = tuple((label, dollars(f.cost), short(f.tokens)) for label, f in found)
    return Chart(name, title, rows, data)


def _short_day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _point(kind: str, first: str) -> str:
    day = date.fromisoformat(first)
    return f"{day:%b %Y}" if kind == "month" else _short_day(day)


def span_words(this: Span) -> str:
    """A span as people say it: "November 2026", "16 to 22 November 2026"."""
    first, last = date.fromisoformat(this.first), date.fromisoformat(this.last)
    match this.kind:
        case "month":
            return f"{first:%B %Y}"
        case "week":
            begins = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
            return f"{begins} to {last.day} {last:%B %Y}"
        case _:
            return f"{first:%A}, {first.day} {first:%B %Y}"
