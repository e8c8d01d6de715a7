"""What was used and what it cost: one's own for everybody, a workspace's for its admins, everything for owners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.workbench import reports
from bot.workbench.exports import to_csv, to_json
from bot.workbench.reports import Line, Report
from bot.workbench.spans import Calendar, Span
from storage.reports import EVER
from web import usage_words as words
from web.auth import person_of
from web.chat import HOME
from web.frame import site_page
from web.places import channel_names, workspaces_of
from web.services import Services
from web.usage_asked import ME, Look, asked
from web.usage_words import Chart, Row
from web.viewer import INSTALLATION, viewer_of

_SHOWN = 100  # lines of the table
_SPEND_AND_TOKENS = ("cost", "tokens")
_NAMED = ("person", "channel")  # whose keys are shown by names that we know from elsewhere


@dataclass(frozen=True, slots=True)
class Step:
    """A narrowing of the look: what it is, in words, and the look without it."""

    what: str
    label: str
    back: str


class UsagePage:
    """The page and its downloads."""

    def __init__(self, services: Services) -> None:
        self._store = services.store

    def routes(self) -> list[Route]:
        """The routes of this page."""
        return [
            Route("/usage", self.shown, methods=["GET"]),
            Route("/usage/download", self.downloaded, methods=["GET"]),
        ]

    async def shown(self, request: Request) -> Response:
        """Figures, charts and lines of a span."""
        look, now = asked(request), datetime.now(UTC)
        calendar = await self._calendar(look)
        report = await self._report(request, look, calendar, now)
        this = report.span
        assert this is not None
        used = bool(report.total.figures.requests)
        return site_page(
            request,
            "usage.html",
            look=look,
            whose=await self._whose(request),
            steps=await self._steps(request, look),
            span=words.span_words(this),
            ranges=[(label, replace(look, kind=kind).link, kind) for kind, label in words.SPANS],
            earlier=_beside(look, this, -1),
            later=_beside(look, this, 1) if this.ends_at <= now else "",
            tabs=[(words.TOLD[by], look.told_by(by).link, by) for by in look.choices],
            one=words.ONE.get(look.by, look.by).capitalize(),
            figures=words.figures(report) if used else [],
            charts=await self._charts(request, look, report) if used else [],
            rows=await self._rows(look, report),
            hidden=max(len(report.lines) - _SHOWN, 0),
            ever=any(point.requests for point in report.trend.points),
        )

    async def downloaded(self, request: Request) -> Response:
        """The lines as a file: ``as=json``, else CSV."""
        look = asked(request)
        report = await self._report(request, look, await self._calendar(look), datetime.now(UTC))
        assert report.span is not None
        name = f"usage-{report.span.key}-by-{look.by}"
        if request.query_params.get("as") == "json":
            return _file(to_json(report), "application/json", f"{name}.json")
        return _file(to_csv(report), "text/csv; charset=utf-8", f"{name}.csv")

    async def _report(self, request: Request, look: Look, calendar: Calendar, now: datetime) -> Report:
        scope = look.scope(person_of(request).id)
        return await reports.usage(
            self._store, scope, look.kind, look.by, look.at(calendar, now), calendar, now
        )

    async def _calendar(self, look: Look) -> Calendar:
        """The workspace's; for what is of no workspace the site's own."""
        return await reports.calendar_of(self._store, HOME if look.whose in ("", ME) else look.whose)

    async def _whose(self, request: Request) -> list[tuple[str, str]]:
        viewer = viewer_of(request)
        if not viewer.is_admin:
            return []
        return [*await workspaces_of(self._store, viewer), (ME, "Only mine")]

    async def _charts(self, request: Request, look: Look, report: Report) -> list[Chart]:
        """Spend by day, where the span has several; then the spans before, in money and tokens."""
        this = report.span
        assert this is not None
        trends = [words.trend_chart(report, draws) for draws in _SPEND_AND_TOKENS]
        if look.kind == "day":
            return trends
        scope = look.scope(person_of(request).id)
        days = await self._store.reports.by(scope, "day", this.first, this.last, timed=False)
        return [words.days_chart(this, days), trends[1]]

    async def _rows(self, look: Look, report: Report) -> list[Row]:
        lines = report.lines[:_SHOWN]
        named = await self._names(look.by, {line.key: line.label for line in lines})
        most = max((line.cost for line in lines), default=0)
        return [words.row(line, named[line.key], _link(look, line), most) for line in lines]

    async def _steps(self, request: Request, look: Look) -> list[Step]:
        steps = []
        for dimension, key in look.within:
            label = key
            if dimension not in _NAMED or await self._is_theirs(request, look, dimension, key):
                label = (await self._names(dimension, {key: key}))[key]
            what = words.ONE.get(dimension, dimension)
            steps.append(Step(what, label, look.without(dimension).link))
        return steps

    async def _is_theirs(self, request: Request, look: Look, dimension: str, key: str) -> bool:
        """Whether the figures that are looked at have something of it: names of all else are not for who asks."""
        if look.whose == INSTALLATION:
            return True
        scope = replace(look, within=((dimension, key),)).scope(person_of(request).id)
        return key in await self._store.reports.by(scope, dimension, *EVER, timed=False)

    async def _names(self, dimension: str, labels: dict[str, str]) -> Mapping[str, str]:
        """What people call the keys of a dimension; ``labels`` says it as far as the report knows."""
        match dimension:
            case "channel":
                return await channel_names(self._store, labels)
            case "person":
                ids = [int(key) for key in labels if key.isascii() and key.isdecimal() and len(key) < 16]
                names = {str(id_): name for id_, name in (await self._store.people.names(ids)).items()}
                return {
                    key: names.get(key, "nobody" if key == "0" else label) for key, label in labels.items()
                }
            case "day":
                return {key: _day(key) for key in labels}
            case "credential":
                return {key: key if key.rpartition("/")[2] else f"{key}no key" for key in labels}
            case _:
                return labels


def _link(look: Look, line: Line) -> str:
    """Where a line leads: a conversation to itself, all else to a closer look."""
    return f"/conversations/{line.key}" if look.by == "thread" else look.into(line.key).link


def _beside(look: Look, this: Span, way: int) -> str:
    """The span before (-1) or after (1) one."""
    day = date.fromisoformat(this.first if way < 0 else this.last) + timedelta(days=way)
    return replace(look, day=day.isoformat()).link


def _day(key: str) -> str:
    day = date.fromisoformat(key)
    return f"{day:%A}, {day.day} {day:%B}"


def _file(content: str, media_type: str, name: str) -> Response:
    return Response(
        content, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=media_type
    )
