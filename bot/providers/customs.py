"""Providers and models that admins entered: from the database into the registry, in every process within seconds."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from bot.core.provider import ModelId
from bot.net.guard import Guard
from bot.providers import facts
from bot.providers.catalog import ProviderRow
from bot.providers.registry import Custom, Registry
from bot.providers.rows.own import COMPATIBLE
from storage.credentials import INSTALLATION
from storage.custom import CustomModel, CustomProvider
from storage.errors import StorageDown
from storage.settings import Settings
from storage.store import Store

log = logging.getLogger(__name__)

HOSTS = "hosts.allowed"
"""The installation's setting: host names, addresses and networks that are not public and may be connected to all the
same, as a list of texts."""


class Customs:
    """Lets the registry know of what was entered, and the guard of what the owner allows."""

    def __init__(self, store: Store, registry: Registry, guard: Guard) -> None:
        self._store, self._registry, self._guard = store, registry, guard
        self._stamp: tuple[int, ...] | None = None

    async def sync(self) -> bool:
        """Take over every change since the last time; whether there was one. None while the database is away."""
        try:
            self._guard.allow(await allowed(self._store.settings))
            stamp = await self._store.custom.stamp()
            if stamp == self._stamp:
                return False
            providers, models = await self._store.custom.providers(), await self._store.custom.models()
        except StorageDown:
            return False
        self._registry.customise(entered(providers, models))
        self._stamp = stamp
        return True


async def allowed(settings: Settings) -> tuple[str, ...]:
    """What the owner allows. Raises StorageDown."""
    found = (await settings.get_many([INSTALLATION], HOSTS)).get(INSTALLATION)
    hosts = found.value if found is not None and isinstance(found.value, list) else []
    return tuple(host for host in hosts if isinstance(host, str))


def entered(providers: Sequence[CustomProvider], models: Sequence[CustomModel]) -> Custom:
    """Rows of providers and what is told of models."""
    told = {
        ModelId(each.provider, each.model): facts.from_json(each.model, json.loads(each.data))
        for each in models
    }
    return Custom(tuple(map(row_of, providers)), told)


def row_of(provider: CustomProvider) -> ProviderRow:
    """A provider as the catalogue would have it: a compatible server with a name and an address of its own."""
    host = urlsplit(provider.base_url).netloc
    return replace(
        COMPATIBLE,
        id=provider.slug,
        name=provider.name,
        base_url=provider.base_url,
        key_env="",
        base_url_env="",
        privacy=f"The server at {host}, which an admin entered; who runs it says what is kept.",
        keyless=provider.keyless,
        guarded=True,
    )
