"""Drawing in SVG: colours, text that is measured, shapes. The same input gives the same characters, always.

Only attributes, no styles: an SVG of ours may stand in a page whose policy allows none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil

FONT = "Figtree"

# Hundredths of the font's size that a character from " " to "~" takes, in our font's heavier cut.
_WIDTHS = (
    *(24, 31, 38, 63, 56, 80, 65, 23, 37, 37, 48, 63, 24, 41, 23, 42),
    *(64, 42, 57, 55, 63, 58, 57, 55, 61, 57, 28, 29, 63, 63, 63, 51),
    *(99, 70, 61, 72, 70, 59, 55, 75, 75, 28, 54, 64, 53, 85, 77, 78),
    *(59, 78, 64, 61, 57, 70, 71, 98, 65, 63, 64, 34, 42, 34, 57, 44),
    *(25, 52, 59, 54, 59, 55, 38, 60, 56, 25, 28, 52, 24, 86, 56, 58),
    *(60, 59, 36, 47, 39, 56, 54, 82, 51, 56, 48, 39, 26, 39, 63),
)
_OTHER, _WIDE = 60, 100
_NARROW = frozenset("…\N{EN DASH}\N{MINUS SIGN}↑↓€")


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a chart. ``series`` differ in brightness too; ``rest`` is for what is left."""

    paper: str
    ink: str
    soft: str
    line: str
    series: tuple[str, ...]
    rest: str


LIGHT = Theme(
    paper="#fffdf9",
    ink="#2a2420",
    soft="#685d53",
    line="#e9e0d3",
    series=("#b04a26", "#2f7395", "#dda63a", "#5d8a4a", "#7b5aa6", "#cf7f99"),
    rest="#a99d90",
)
DARK = Theme(
    paper="#1f1b19",
    ink="#f0e8de",
    soft="#b3a698",
    line="#3a332e",
    series=("#ec8f5f", "#6db4da", "#f0c55f", "#95c67e", "#b79fe0", "#e8a2b8"),
    rest="#857a70",
)


def number(value: float) -> str:
    """A coordinate: a tenth of a pixel is enough."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def wide(text: str, size: float) -> float:
    """About how wide a text is, in pixels at this font size; seldom less than it takes."""
    return sum(map(_width, text)) * size / 100


def fitted(text: str, size: float, most: float) -> str:
    """The text, its end replaced by an ellipsis where it is wider than ``most`` pixels."""
    plain = "".join(letter for letter in text if letter.isprintable()).strip()
    if wide(plain, size) <= most:
        return plain
    while plain and wide(f"{plain}…", size) > most:
        plain = plain[:-1]
    return f"{plain.rstrip()}…"


def text(
    x: float,
    y: float,
    said: str,
    size: float,
    fill: str,
    *,
    anchor: str = "start",
    bold: bool = False,
    halo: str = "",
) -> str:
    """A line of text; ``y`` is where its letters stand. A ``halo`` of this colour keeps lines away from it."""
    weight = ' font-weight="600"' if bold else ""
    placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
    around = f' stroke="{halo}" stroke-width="6" stroke-linejoin="round" paint-order="stroke"' if halo else ""
    words = "".join(letter for letter in said if letter.isprintable())
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" fill="{fill}"{weight}{placed}{around}>'
        f"{escape(words)}</text>"
    )


def box(x: float, y: float, width: float, height: float) -> str:
    """Where a rectangle is."""
    return f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'


def bar(x: float, y: float, width: float, height: float, fill: str, *, round_top: float = 0.0) -> str:
    """A standing bar, its upper corners rounded."""
    r = min(round_top, width / 2, height)
    if r < 0.5:
        return f'<rect {box(x, y, width, height)} fill="{fill}"/>'
    n, bottom, right = number, y + height, x + width
    return (
        f'<path d="M{n(x)} {n(bottom)}V{n(y + r)}Q{n(x)} {n(y)} {n(x + r)} {n(y)}H{n(right - r)}'
        f'Q{n(right)} {n(y)} {n(right)} {n(y + r)}V{n(bottom)}Z" fill="{fill}"/>'
    )


def pill(x: float, y: float, width: float, height: float, fill: str) -> str:
    """A lying bar with round ends."""
    return f'<rect {box(x, y, width, height)} rx="{number(height / 2)}" fill="{fill}"/>'


def rule(x1: float, x2: float, y: float, stroke: str, width: float = 1.0) -> str:
    """A level line."""
    return (
        f'<path d="M{number(x1)} {number(y)}H{number(x2)}" stroke="{stroke}" stroke-width="{number(width)}"/>'
    )


def curve(points: Sequence[tuple[float, float]]) -> str:
    """The path through points, straight from one to the next: nothing is shown that was not so."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def dot(x: float, y: float, r: float, fill: str, ring: str) -> str:
    """A point with a ring around it."""
    placed = f'cx="{number(x)}" cy="{number(y)}" r="{number(r)}"'
    return f'<circle {placed} fill="{fill}" stroke="{ring}" stroke-width="2.5"/>'


def image(width: float, height: float, alt: str, parts: Sequence[str], *, paper: str | None = None) -> str:
    """The whole drawing; with ``alt`` for those who do not see it."""
    size = f'width="{number(width)}" height="{ceil(height)}" viewBox="0 0 {number(width)} {ceil(height)}"'
    ground = "" if paper is None else f'<rect width="100%" height="100%" fill="{paper}"/>'
    said = escape("".join(letter for letter in alt if letter.isprintable()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{FONT}, sans-serif">'
        f"<title>{said}</title>{ground}{''.join(parts)}</svg>"
    )


def _width(letter: str) -> int:
    if " " <= letter <= "~":
        return _WIDTHS[ord(letter) - 32]
    return _WIDE if ord(letter) > 0x1100 and letter not in _NARROW else _OTHER
