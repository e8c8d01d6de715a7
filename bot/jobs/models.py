"""Keeps the lists of models fresh."""

from __future__ import annotations

import asyncio

from bot.calls.keys import Keys
from bot.providers.customs import Customs
from bot.providers.registry import Registry

EVERY, SOON = 15 * 60.0, 30.0  # seconds between two looks; the second where a list failed
KEYS = 5.0  # seconds between two looks at what changed among stored keys and what was entered


async def refresh_models(registry: Registry, keys: Keys, customs: Customs | None = None) -> None:
    """Ask every configured provider for its models, again every quarter of an hour; runs until cancelled.

    A provider that did not answer is asked again soon: a local server may start after Switchboard. A stored key
    or an entered provider that changed, in another process too, is a reason to ask at once.
    """
    while True:
        await _synced(keys, customs)
        await registry.restore()
        failed = await registry.refresh()
        await _pause(keys, customs, SOON if failed else EVERY)


async def _synced(keys: Keys, customs: Customs | None) -> bool:
    """Whether anything changed that the registry did not know of."""
    entered = customs is not None and await customs.sync()
    return await keys.sync() or entered


async def _pause(keys: Keys, customs: Customs | None, seconds: float) -> None:
    """Wait, but no longer than until something changes."""
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        await asyncio.sleep(KEYS)
        if await _synced(keys, customs):
            return
