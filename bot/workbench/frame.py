"""The frame of a chart: title, axis, labels, legend, and where a value stands in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.workbench.drawing import Theme, fitted, pill, rule, text, wide
from bot.workbench.scales import Unit, figure, mark, ticks

MARGIN = 28  # pixels
LABEL, SUBTITLE = 17, 18  # font sizes
NOTHING = "Nothing yet"
_TITLE, _PLOT, _EDGE = 25, 250, 10


@dataclass(frozen=True, slots=True)
class Series:
    """Values that belong together, one for each label of a chart; in the chart's unit, not below 0."""

    name: str
    values: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Frame:
    """Title, axis and labels of a chart, and where a value stands in it."""

    title: str
    subtitle: str
    labels: tuple[str, ...]
    top: int
    unit: Unit
    theme: Theme
    width: int
    marks: list[int] = field(init=False)
    left: float = field(init=False)
    floor: float = field(init=False)

    def __post_init__(self) -> None:
        marks = ticks(self.top, self.unit)
        said = [mark(value, marks[1], self.unit) for value in marks]
        object.__setattr__(self, "marks", marks)
        object.__setattr__(self, "left", MARGIN + max(wide(one, LABEL) for one in said) + 12)
        object.__setattr__(
            self, "floor", heading(self.title, self.subtitle, self.theme, self.width)[1] + 26 + _PLOT
        )

    @property
    def bottom(self) -> float:
        """Where the labels end."""
        return self.floor + 46

    @property
    def slot(self) -> float:
        """The room of one label."""
        return (self.width - MARGIN - self.left) / max(1, len(self.labels))

    def middle(self, at: int) -> float:
        """Where a label's middle is."""
        return self.left + self.slot * (at + 0.5)

    def high(self, value: int) -> float:
        """How high a value is, in pixels."""
        return max(0, value) * _PLOT / self.marks[-1]

    def head(self) -> list[str]:
        """Title and subtitle."""
        return heading(self.title, self.subtitle, self.theme, self.width)[0]

    def axis(self) -> list[str]:
        """Lines with their values, and as many labels beneath as there is room for."""
        parts = list[str]()
        for value in self.marks:
            y = self.floor - self.high(value)
            parts.append(
                rule(self.left, self.width - MARGIN, y, self.theme.line if value else self.theme.soft)
            )
            said = mark(value, self.marks[1], self.unit)
            parts.append(text(self.left - 12, y + 6, said, LABEL, self.theme.soft, anchor="end"))
        return parts + self._labels()

    def _labels(self) -> list[str]:
        if not self.labels:
            return []
        widest = max(wide(label, LABEL) for label in self.labels) + 20
        every = max(1, -(-int(widest) // max(1, int(self.slot))))
        # Counted from the end: the newest is always named.
        chosen = range((len(self.labels) - 1) % every, len(self.labels), every)
        parts = list[str]()
        for at in chosen:
            half = wide(self.labels[at], LABEL) / 2
            x = min(self.middle(at), self.width - _EDGE - half)
            parts.append(text(x, self.floor + 28, self.labels[at], LABEL, self.theme.soft, anchor="middle"))
        return parts

    def flag(self, at: int, value: int) -> str:
        """The value above its bar or point."""
        said = figure(value, self.unit)
        half = wide(said, LABEL) / 2
        x = min(max(self.middle(at), self.left + half), self.width - MARGIN - half)
        y = self.floor - self.high(value) - 10
        return text(x, y, said, LABEL, self.theme.ink, anchor="middle", bold=True, halo=self.theme.paper)

    def nothing(self) -> str:
        """In place of bars that all are nought."""
        x, y = (self.left + self.width - MARGIN) / 2, self.floor - _PLOT / 2 + 6
        return text(x, y, NOTHING, SUBTITLE, self.theme.soft, anchor="middle")


def heading(title: str, subtitle: str, theme: Theme, width: int) -> tuple[list[str], float]:
    """Title and subtitle, and where they end."""
    room, y = width - 2 * MARGIN, MARGIN + 20.0
    parts = [text(MARGIN, y, fitted(title, _TITLE, room), _TITLE, theme.ink, bold=True)]
    if subtitle:
        y += 28
        parts.append(text(MARGIN, y, fitted(subtitle, SUBTITLE, room), SUBTITLE, theme.soft))
    return parts, y + 12


def legend(
    shown: Sequence[Series], colours: Mapping[str, str], unit: Unit, frame: Frame
) -> tuple[list[str], float]:
    """Names with their colours and sums, in as many columns as fit; and how high that is."""
    room = frame.width - 2 * MARGIN
    told = [(one.name, figure(one.total, unit)) for one in shown]
    widest = max(wide(f"{name}  {value}", LABEL) for name, value in told) + 26
    columns = 2 if widest <= room / 2 - 12 else 1
    column = room / columns
    parts = list[str]()
    for at, (name, value) in enumerate(told):
        x, y = MARGIN + (at % columns) * column, frame.bottom + 20 + (at // columns) * 31
        end = x + column - (24 if columns == 2 and at % 2 == 0 else 0)
        parts.append(pill(x, y - 13, 14, 14, colours[name]))
        room_ = end - x - 26 - wide(value, LABEL) - 14
        parts.append(text(x + 24, y, fitted(name, LABEL, room_), LABEL, frame.theme.ink))
        parts.append(text(end, y, value, LABEL, frame.theme.soft, anchor="end"))
    return parts, -(-len(told) // columns) * 31 + 16.0
