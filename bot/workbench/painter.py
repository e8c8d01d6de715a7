"""SVG to PNG by resvg, with our own font, so that every machine draws the same. Runs as a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from resvg_py import svg_to_bytes

from bot.workbench.drawing import FONT

_ZOOM = 2  # pixels of the picture for one of the drawing: sharp on screens that have them
_FONTS = tuple(
    str(Path(__file__).parent / "fonts" / name) for name in ("figtree-regular.ttf", "figtree-semibold.ttf")
)
_LATIN = 0x250
_SIGNS = frozenset("…·↑↓€“”•\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}\N{RIGHT SINGLE QUOTATION MARK}")


def render_png(svg: str) -> bytes:
    """An SVG of ours as PNG, at twice its size. Holds everything up meanwhile: not for a process that serves."""
    return svg_to_bytes(
        svg_string=svg,
        zoom=_ZOOM,
        font_files=list(_FONTS),
        font_family=FONT,
        # Names in other scripts are drawn with what the machine has; looking for that takes its time.
        skip_system_fonts=all(ord(letter) < _LATIN or letter in _SIGNS for letter in svg),
    )


def main() -> None:
    """Draw the SVG from stdin."""
    sys.stdout.buffer.write(render_png(sys.stdin.buffer.read().decode()))
