"""``python -m tests.digest_picture``: draws docs/digest.png, the chart of a week's digest, from made-up figures."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path

from bot.workbench.charts import BarChart
from bot.workbench.frame import Series
from bot.workbench.pictures import picture

FILE = Path(__file__).parents[1] / "docs" / "digest.png"
_MONDAY = date(2026, 11, 23)
_CENT = 10_000_000  # nano-dollars
_WEEK = {
    "anthropic/claude-sonnet-5": (412, 688, 530, 941, 377, 20, 45),
    "openai/gpt-5.1": (230, 310, 415, 388, 290, 12, 0),
    "google/gemini-3-flash": (96, 120, 88, 143, 131, 8, 17),
    "mistral/mistral-large": (0, 42, 61, 35, 50, 0, 0),
}


def chart() -> BarChart:
    """What each day of a week cost, by model."""
    days = [_MONDAY + timedelta(days=number) for number in range(7)]
    series = tuple(Series(name, tuple(cents * _CENT for cents in costs)) for name, costs in _WEEK.items())
    return BarChart("Cost by day", tuple(f"{day.day} {day:%b}" for day in days), series)


async def main() -> None:
    """Draw it."""
    drawn = await picture(chart(), "digest")
    assert drawn is not None
    FILE.write_bytes(drawn.png)


if __name__ == "__main__":
    asyncio.run(main())
