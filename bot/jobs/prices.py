"""Keeps what is known of prices and tokens the same in every process."""

from __future__ import annotations

import asyncio
from itertools import count

from bot.providers.calibration import Calibration
from bot.providers.prices import PriceBook

EVERY = 5.0  # seconds between two looks at what admins changed
LESSONS = 6  # of those, one is for what was learned of models


async def keep_prices(prices: PriceBook, calibration: Calibration) -> None:
    """Take over what changed elsewhere, and write down what was learned here; runs until cancelled.

    A call looks for changed prices itself; this is for what is shown between calls.
    """
    for round_ in count():
        await prices.sync()
        if round_ % LESSONS == 0:
            await calibration.sync()
        await asyncio.sleep(EVERY)
