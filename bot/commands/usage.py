"""``/usage``: what was used, by whom and for how much, on one screen. Figures of other people are for admins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from bot.commands.authority import is_admin
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.commands.tables import table
from bot.core.errors import BadInput
from bot.core.money import UNPRICED, dollars
from bot.core.view import Tone, View
from bot.workbench import reports
from bot.workbench.charts import BarChart
from bot.workbench.frame import Series
from bot.workbench.pictures import picture
from bot.workbench.reports import Line, Point, Report
from bot.workbench.words import compared, seconds, short
from storage.reports import Scope

_SHOWN = 6  # lines of one table
_SPAN = {"day": "today", "week": "this week", "month": "this month"}
_BEFORE = {"day": "yesterday", "week": "last week", "month": "last month"}
_SAME = {"day": "yesterday", "week": "the same days of last week", "month": "the same days of last month"}
_PICTURED = 2  # bars that a picture must have to say more than the words


async def _usage(tools: Tools, asked: Asked, values: Values) -> Answer:
    whose, kind = str(values.get("whose", "me")), str(values.get("period", "month"))
    if whose == "thread":
        return Answer(View(await _thread(tools, asked), tone=Tone.NOTICE))
    scope = _scope(asked, whose)
    calendar = await reports.calendar_of(tools.store, asked.workspace_id)
    at = datetime.now(UTC)
    report = await reports.usage(tools.store, scope, kind, "model", at, calendar)
    parts = [_heading(report, whose, kind)]
    if report.lines:
        parts.append(_lines(report, "model"))
    if whose != "me" and report.lines and await _may_see_people(tools, asked):
        people = await reports.usage(tools.store, scope, kind, "person", at, calendar)
        parts.append(_lines(people, "person"))
    return Answer(await pictured(View("\n\n".join(parts), tone=Tone.NOTICE), report))


async def pictured(view: View, report: Report) -> View:
    """The answer with a picture of the last days, weeks or months, where they show anything."""
    points = report.trend.points
    if sum(bool(point.cost) for point in points) < _PICTURED:
        return view
    labels = tuple(_label(report.trend.kind, point) for point in points)
    series = Series("cost", tuple(max(0, point.cost) for point in points))
    chart = BarChart(f"Cost by {report.trend.kind}", labels, (series,))
    return replace(view, picture=await picture(chart, f"usage-{points[-1].key}"))


def _label(kind: str, point: Point) -> str:
    first = date.fromisoformat(point.day)
    return f"{first:%b}" if kind == "month" else f"{first.day} {first:%b}"


async def _thread(tools: Tools, asked: Asked) -> str:
    conversation = await tools.store.conversations.current(str(asked.place))
    if conversation is None:
        raise BadInput("no conversation", say="Nothing was asked here yet; write a message first.")
    report = await reports.of_thread(
        tools.store, conversation.id, conversation.place, "model", datetime.now(UTC)
    )
    said = f"This conversation has cost **{dollars(report.total.cost)}** so far{_counts(report.total)}."
    if report.usual is not None and report.change is not None:
        usual = f"a conversation here costs {dollars(report.usual)} as a rule"
        said += f" That is {compared(report.change)} usual: {usual}."
    return f"{said}\n\n{_lines(report, 'model')}" if report.lines else said


async def _may_see_people(tools: Tools, asked: Asked) -> bool:
    """Admins see figures of people, where nobody else reads along."""
    return asked.private and await is_admin(tools, asked)


def _scope(asked: Asked, whose: str) -> Scope:
    match whose:
        case "me":
            return Scope("person", str(asked.person_id))
        case "channel":
            return reports.channel_scope(str(asked.place))
        case _:
            return Scope("workspace", asked.workspace_id)


def _heading(report: Report, whose: str, kind: str) -> str:
    who = {"me": "You have", "channel": "This channel has", "workspace": "This workspace has"}[whose]
    if not report.total.figures.requests:
        return f"{who} used nothing {_SPAN[kind]}."
    sentences = [f"{who} used **{dollars(report.total.cost)}** {_SPAN[kind]}{_counts(report.total)}."]
    if report.change is not None:
        sentences.append(f"That is {compared(report.change)} {_SAME[kind]}, as far as the days are over.")
    elif report.total.before is not None and report.total.before.requests:
        sentences.append(f"{_BEFORE[kind].capitalize()} it was {dollars(report.total.before.cost)}.")
    if report.projected is not None:
        sentences.append(f"At this pace it will be {dollars(report.projected)}.")
    return " ".join([*sentences, *_quality(report.total)])


def _counts(line: Line) -> str:
    figures = line.figures
    tokens = f"{short(figures.tokens)} tokens"
    if line.before is not None and line.before.tokens:
        tokens += f" ({short(line.before.tokens)} in all of the time before)"
    unpriced = f", {figures.unpriced} of them {UNPRICED}" if figures.unpriced else ""
    requests = "1 request" if figures.requests == 1 else f"{figures.requests:,} requests"
    return f" for {requests}{unpriced} and {tokens}"


def _quality(line: Line) -> list[str]:
    """What is worth a word beside the money: response times, failures, models that stood in."""
    said = []
    if line.median_ms is not None and line.p95_ms is not None:
        said.append(f"Half of the answers took up to {seconds(line.median_ms)}, 95 % {seconds(line.p95_ms)}.")
    troubles = [
        f"{count:,} {words}"
        for count, words in ((line.figures.failures, "failed"), (line.figures.fallbacks, "by a fallback"))
        if count
    ]
    return [*said, f"{', '.join(troubles)}."] if troubles else said


def _lines(report: Report, head: str) -> str:
    shown: Sequence[Line] = report.lines[:_SHOWN]
    rows = [(line.label, *_cells(line)) for line in shown]
    rest = report.lines[_SHOWN:]
    if rest:
        cost = sum(line.cost for line in rest)
        requests = sum(line.figures.requests for line in rest)
        rows.append((f"{len(rest)} more", dollars(cost), f"{requests:,}", "", ""))
    return table((head, "cost", "requests", "each", "median"), rows)


def _cells(line: Line) -> tuple[str, ...]:
    mean = "" if line.mean_cost is None else dollars(line.mean_cost)
    cost = (
        UNPRICED
        if line.figures.requests and line.figures.unpriced == line.figures.requests
        else dollars(line.cost)
    )
    took = "" if line.median_ms is None else seconds(line.median_ms)
    return cost, f"{line.figures.requests:,}", mean, took


USAGE = Command(
    name="usage",
    summary="what was used and what it cost: by you, in this channel, workspace or thread",
    handler=_usage,
    options=(
        Option(
            "whose",
            OptionKind.CHOICE,
            "whose use; yours if not said",
            choices=("me", "channel", "workspace", "thread"),
        ),
        Option(
            "period",
            OptionKind.CHOICE,
            "of which time; this month if not said",
            choices=("day", "week", "month"),
        ),
    ),
    example="/usage channel week",
    anywhere=True,
)
