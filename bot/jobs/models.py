"""Keeps the lists of models fresh."""

from __future__ import annotations

import asyncio

from bot.providers.registry import Registry

EVERY = 15 * 60.0  # seconds


async def refresh_models(registry: Registry) -> None:
    """Ask every configured provider for its models now and every quarter of an hour; runs until cancelled."""
    while True:
        await registry.refresh()
        await asyncio.sleep(EVERY)
