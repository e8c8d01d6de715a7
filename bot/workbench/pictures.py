"""Charts as pictures: PNG, drawn by a process of its own."""

from __future__ import annotations

import logging

from bot.core.helpers import NoHelper, asked
from bot.core.view import Picture
from bot.workbench.charts import Chart
from bot.workbench.drawing import LIGHT, Theme

log = logging.getLogger(__name__)

_PAINTER = "bot.workbench.painter"
_MOST, _PATIENCE = 8_000_000, 20.0  # bytes, seconds
_PNG = b"\x89PNG"


async def picture(chart: Chart, name: str, theme: Theme = LIGHT) -> Picture | None:
    """A chart as a picture that a view can carry; ``name`` is its file's, without its end.

    Drawn by a process of its own: resvg holds Python's lock while it draws, and every answer would stand still. None
    where that cannot be done just now, which is in the log: the words go without it.
    """
    try:
        said = await asked(_PAINTER, chart.svg(theme).encode(), most=_MOST, patience=_PATIENCE)
    except (NoHelper, TimeoutError) as error:
        log.warning("a chart could not be drawn: %s", str(error) or "it took too long")
        return None
    if not said.data.startswith(_PNG):
        log.warning("a chart could not be drawn: the process ended with %s", said.code)
        return None
    return Picture(said.data, chart.alt(), f"{name}.png")
