"""Small charts, drawn by us: bars per day, a line, a ranking, a sparkline; each as SVG and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.workbench.drawing import (
    LIGHT,
    Theme,
    bar,
    curve,
    dot,
    fitted,
    image,
    number,
    pill,
    text,
    wide,
)
from bot.workbench.frame import LABEL, MARGIN, NOTHING, SUBTITLE, Frame, Series, heading, legend
from bot.workbench.scales import Unit, figure

WIDTH = 640  # pixels; made for half of that too, the width of a phone
_ALT = 1_000  # characters that Slack and Discord take
_REST = "others"


class Chart(Protocol):
    """What can be shown."""

    def svg(self, theme: Theme = LIGHT, width: int = WIDTH) -> str:
        """The drawing."""
        ...

    def alt(self) -> str:
        """What it shows, in words; at most 1,000 characters."""
        ...


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars side by side, one for each label ("3 Nov"), of parts that stand on one another.

    Where there are more series than colours, the smallest are drawn together.
    """

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Unit = Unit.MONEY
    subtitle: str = ""

    def svg(self, theme: Theme = LIGHT, width: int = WIDTH) -> str:
        """Title, bars on an axis, and a legend with the sum of each series."""
        shown = _gathered(self.series, len(theme.series))
        sums = [sum(values) for values in zip(*(one.values for one in shown), strict=True)]
        frame = Frame(self.title, self.subtitle, self.labels, max(sums, default=0), self.unit, theme, width)
        colours = _colours(shown, theme)
        parts = [*frame.head(), *frame.axis()]
        for at in range(len(self.labels)):
            parts += _stacked(frame, at, [(one.values[at], colours[one.name]) for one in shown])
        if any(sums):
            top = sums.index(max(sums))
            parts.append(frame.flag(top, sums[top]))
        else:
            parts.append(frame.nothing())
        below, height = legend(shown, colours, self.unit, frame) if len(self.series) > 1 else ([], 0.0)
        return image(width, frame.bottom + height, self.alt(), [*parts, *below], paper=theme.paper)

    def alt(self) -> str:
        """The sum, the highest bar, and the largest series."""
        sums = [sum(values) for values in zip(*(one.values for one in self.series), strict=True)]
        if not any(sums):
            return f"Bar chart: {self.title}. {NOTHING}."
        top = sums.index(max(sums))
        said = f"Bar chart: {self.title}. {figure(sum(sums), self.unit)} in all, most at {self.labels[top]} with "
        said += f"{figure(sums[top], self.unit)}."
        if len(self.series) > 1:
            largest = sorted(self.series, key=lambda one: -one.total)
            said += " " + "; ".join(f"{one.name} {figure(one.total, self.unit)}" for one in largest) + "."
        return _cut(said)


@dataclass(frozen=True, slots=True)
class LineChart:
    """A line over its area, and a thin one to compare it with (the period before)."""

    title: str
    labels: tuple[str, ...]
    series: Series
    before: Series | None = None
    unit: Unit = Unit.MONEY
    subtitle: str = ""

    def svg(self, theme: Theme = LIGHT, width: int = WIDTH) -> str:
        """Title, lines on an axis, a legend where there are two."""
        lines = [self.series] if self.before is None else [self.series, self.before]
        top = max((value for one in lines for value in one.values), default=0)
        frame = Frame(self.title, self.subtitle, self.labels, top, self.unit, theme, width)
        colours = {self.series.name: theme.series[0]}
        parts = [*frame.head(), *frame.axis()]
        if self.before is not None:
            colours[self.before.name] = theme.rest
            parts.append(_line(frame, self.before, theme.rest, dashed=True))
        if self.series.values:
            parts += _area(frame, self.series, theme.series[0])
        if not top:
            parts.append(frame.nothing())
        below, height = legend(lines, colours, self.unit, frame) if len(lines) > 1 else ([], 0.0)
        return image(width, frame.bottom + height, self.alt(), [*parts, *below], paper=theme.paper)

    def alt(self) -> str:
        """First, last and highest value, and the sums."""
        values = self.series.values
        if not any(values):
            return f"Line chart: {self.title}. {NOTHING}."
        top = values.index(max(values))
        first, last, highest = (figure(values[at], self.unit) for at in (0, -1, top))
        end = self.labels[len(values) - 1]
        said = f"Line chart: {self.title}. From {first} at {self.labels[0]} to {last} at {end}, "
        said += f"highest at {self.labels[top]} with {highest}; {figure(self.series.total, self.unit)} in all"
        if self.before is not None:
            said += f", {self.before.name} {figure(self.before.total, self.unit)}"
        return _cut(f"{said}.")


@dataclass(frozen=True, slots=True)
class RankChart:
    """Lying bars beneath their names, the largest first: top models, top people."""

    title: str
    items: tuple[tuple[str, int], ...]
    unit: Unit = Unit.MONEY
    subtitle: str = ""
    most: int = 8

    def svg(self, theme: Theme = LIGHT, width: int = WIDTH) -> str:
        """For each a line with its value and its share, and its bar."""
        rows, total = self._rows(), sum(value for _, value in self.items)
        head, y = heading(self.title, self.subtitle, theme, width)
        y += 8
        room = width - 2 * MARGIN
        parts = list(head)
        for at, (name, value) in enumerate(rows):
            told = f"{figure(value, self.unit)}{_share(value, total)}"
            base = y + 24
            parts.append(
                text(MARGIN, base, fitted(name, LABEL, room - wide(told, LABEL) - 24), LABEL, theme.ink)
            )
            parts.append(text(width - MARGIN, base, told, LABEL, theme.soft, anchor="end"))
            parts.append(pill(MARGIN, base + 9, room, 12, theme.line))
            long = max(12.0, room * value / max(rows[0][1], 1)) if value > 0 else 0.0
            fill = theme.rest if name == self._rest() and at == len(rows) - 1 else theme.series[0]
            parts.append(pill(MARGIN, base + 9, long, 12, fill) if long else "")
            y += 54
        if not rows:
            parts.append(text(width / 2, y + 40, NOTHING, SUBTITLE, theme.soft, anchor="middle"))
            y += 70
        return image(width, y + 18, self.alt(), parts, paper=theme.paper)

    def alt(self) -> str:
        """Every row, in words."""
        if not self.items:
            return f"Ranking: {self.title}. {NOTHING}."
        rows = "; ".join(f"{name} {figure(value, self.unit)}" for name, value in self._rows())
        return _cut(f"Ranking: {self.title}. {rows}.")

    def _rest(self) -> str:
        return f"{len(self.items) - self.most + 1} {_REST}" if len(self.items) > self.most else ""

    def _rows(self) -> list[tuple[str, int]]:
        ordered = sorted(self.items, key=lambda item: (-item[1], item[0]))
        if len(ordered) <= self.most:
            return ordered
        first, others = ordered[: self.most - 1], ordered[self.most - 1 :]
        return [*first, (self._rest(), sum(value for _, value in others))]


@dataclass(frozen=True, slots=True)
class Sparkline:
    """A line without words beside it, for a table or a sentence of the site."""

    title: str
    values: tuple[int, ...]
    unit: Unit = Unit.MONEY

    def svg(self, theme: Theme = LIGHT, width: int = 160) -> str:
        """On no ground of its own; the last value has a point."""
        height, edge, top = 40.0, 5.0, max((*self.values, 1))
        across = (width - 2 * edge) / max(1, len(self.values) - 1)
        points = [
            (edge + at * across, height - edge - max(0, value) * (height - 2 * edge) / top)
            for at, value in enumerate(self.values)
        ]
        if not points:
            return image(width, height, self.alt(), [])
        colour = theme.series[0]
        ground = f"{curve(points)}L{number(points[-1][0])} {number(height)}L{number(points[0][0])} {number(height)}Z"
        parts = [
            f'<path d="{ground}" fill="{colour}" fill-opacity="0.14"/>',
            f'<path d="{curve(points)}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>',
            f'<circle cx="{number(points[-1][0])}" cy="{number(points[-1][1])}" r="3" fill="{colour}"/>',
        ]
        return image(width, height, self.alt(), parts)

    def alt(self) -> str:
        """First, last and highest value."""
        if not self.values:
            return f"{self.title}: {NOTHING.lower()}."
        first, last, top = (
            figure(one, self.unit) for one in (self.values[0], self.values[-1], max(self.values))
        )
        return _cut(f"{self.title}: from {first} to {last}, at most {top}.")


def _gathered(series: tuple[Series, ...], most: int) -> list[Series]:
    """The series, the largest first; the smallest together where there are more than colours."""
    ordered = sorted((one for one in series if one.total > 0), key=lambda one: (-one.total, one.name))
    if len(ordered) <= most:
        return ordered or list(series[:1])
    first, others = ordered[: most - 1], ordered[most - 1 :]
    sums = tuple(sum(values) for values in zip(*(one.values for one in others), strict=True))
    return [*first, Series(f"{len(others)} {_REST}", sums)]


def _colours(shown: list[Series], theme: Theme) -> dict[str, str]:
    last = shown[-1].name if shown and shown[-1].name.endswith(f" {_REST}") else ""
    colours = {one.name: colour for one, colour in zip(shown, theme.series, strict=False)}
    return colours | ({last: theme.rest} if last else {})


def _stacked(frame: Frame, at: int, values: list[tuple[int, str]]) -> list[str]:
    """One bar: its parts on one another, the largest series at the foot, a hair of paper between them."""
    width = min(56.0, max(2.0, frame.slot * 0.72))
    x, y = frame.middle(at) - width / 2, frame.floor
    drawn = [(frame.high(value), colour) for value, colour in values if value > 0]
    parts = list[str]()
    for number_, (high, colour) in enumerate(drawn):
        last = number_ == len(drawn) - 1
        hair = 0.0 if last or high < 4 else 1.5
        parts.append(
            bar(x, y - high + hair, width, max(0.5, high - hair), colour, round_top=5.0 if last else 0.0)
        )
        y -= high
    return parts


def _points(frame: Frame, series: Series) -> list[tuple[float, float]]:
    return [(frame.middle(at), frame.floor - frame.high(value)) for at, value in enumerate(series.values)]


def _line(frame: Frame, series: Series, colour: str, *, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="2 7"' if dashed else ""
    path = curve(_points(frame, series))
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="3" stroke-linejoin="round"'
        f' stroke-linecap="round"{dashes}/>'
    )


def _area(frame: Frame, series: Series, colour: str) -> list[str]:
    points, floor = _points(frame, series), number(frame.floor)
    ground = f"{curve(points)}L{number(points[-1][0])} {floor}L{number(points[0][0])} {floor}Z"
    last = len(points) - 1
    return [
        f'<path d="{ground}" fill="{colour}" fill-opacity="0.13"/>',
        _line(frame, series, colour),
        dot(*points[-1], 6, colour, frame.theme.paper),
        frame.flag(last, series.values[last]),
    ]


def _share(value: int, total: int) -> str:
    if value <= 0:
        return ""
    percent = (value * 200 + total) // (2 * total)
    return f" · {percent} %" if percent else " · under 1 %"


def _cut(said: str) -> str:
    return said if len(said) <= _ALT else f"{said[: _ALT - 1]}…"
