"""Keeps the lists of models fresh."""

from __future__ import annotations

import asyncio

from bot.providers.registry import Registry

EVERY, SOON = 15 * 60.0, 30.0  # seconds between two looks; the second where a list failed


async def refresh_models(registry: Registry) -> None:
    """Ask every configured provider for its models, again every quarter of an hour; runs until cancelled.

    A provider that did not answer is asked again soon: a local server may start after Switchboard.
    """
    while True:
        failed = await registry.refresh()
        await asyncio.sleep(SOON if failed else EVERY)
