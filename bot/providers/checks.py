"""The free call by which a provider shows that its address and key work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

from bot.core.errors import ProviderError, TimedOut
from bot.providers.registry import Registry
from bot.providers.remedies import Remedy, remedy
from bot.providers.wiring import Credentials

LIMIT = 5.0  # seconds that one check may take


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has shown of a provider, by one credential.

    ``asked`` is false where it has no free call; ``latency_ms`` is how long that took, None where it failed. The
    remedy is empty where all is well.
    """

    provider: str
    credential: str
    asked: bool
    latency_ms: int | None
    error: ProviderError | None
    remedy: Remedy


async def check(
    registry: Registry,
    provider: str,
    limit: float = LIMIT,
    *,
    by: Credentials | None = None,
    guarded: bool = False,
) -> Checked:
    """Make the free call of a provider, within ``limit`` seconds, by a credential, None for everybody's.

    Raises NotConfigured.
    """
    credential, started = by.name if by else registry.credential_name(provider), time.perf_counter()
    error: ProviderError | None = None
    asked = True
    try:
        async with asyncio.timeout(limit):
            asked = await registry.check(provider, by, guarded=guarded)
    except TimeoutError:
        error = TimedOut(f"no answer within {limit:g} s", provider=provider)
    except ProviderError as failure:
        error = failure
    took = round((time.perf_counter() - started) * 1000)
    return Checked(
        provider,
        credential,
        asked=asked,
        latency_ms=took if asked and error is None else None,
        error=error,
        remedy=Remedy("")
        if error is None
        else remedy(registry.row(provider), error, registry.elsewhere(provider, by)),
    )


async def check_all(registry: Registry, providers: Iterable[str], limit: float = LIMIT) -> list[Checked]:
    """The same for many, all at once."""
    return await asyncio.gather(*(check(registry, each, limit) for each in providers))
