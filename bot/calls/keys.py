"""Which credential a call uses: looked up for each call, so that a change holds from the next one on, everywhere."""

from __future__ import annotations

import logging

from bot.core.errors import NotConfigured
from bot.core.place import Place
from bot.providers.registry import Registry
from storage.credentials import INSTALLATION, Credential, Credentials, Opened
from storage.errors import StorageDown, StorageError, VaultError

log = logging.getLogger(__name__)


class Keys:
    """The site's credentials: opened once per version, and made known to the registry."""

    def __init__(self, credentials: Credentials, registry: Registry) -> None:
        self._credentials, self._registry = credentials, registry
        self._opened: dict[int, Opened] = {}
        self._stamp: tuple[int, int] | None = None
        self._everybodys: dict[str, Opened] = {}
        self._narrow: frozenset[str] = frozenset()

    async def applying(self, provider: str, place: Place, person_id: int | None) -> Opened | None:
        """The credential of a call; None where the site has none, so that the environment's applies if there is one.

        Raises NotConfigured where it cannot be opened: another key in its place would be a surprise on a bill.
        """
        found = await self._credentials.for_provider(provider, str(place), person_id)
        key = None if found is None else await self._open(found)
        if self._is_news(provider, found, key):
            await self._tell()
        if key is not None:
            await self._note(key)
        return key

    async def sync(self) -> bool:
        """Let the registry know of every change since the last time; whether there was one.

        While the database is away nothing changes.
        """
        try:
            stamp = await self._credentials.stamp()
            if stamp == self._stamp:
                return False
            await self._tell()
        except StorageDown:
            return False
        self._stamp = stamp
        return True

    def _is_news(self, provider: str, found: Credential | None, key: Opened | None) -> bool:
        """Whether the registry does not know yet what applies."""
        if found is not None and found.scope != INSTALLATION:
            return provider not in self._narrow
        return self._everybodys.get(provider) != key

    async def _tell(self) -> None:
        everybodys: dict[str, Opened] = {}
        narrow: set[str] = set()
        kept = await self._credentials.all()
        for credential in sorted(kept, key=lambda each: each.id):
            if credential.disabled_at is not None:
                continue
            if credential.scope != INSTALLATION:
                narrow.add(credential.provider)
                continue
            try:
                everybodys[credential.provider] = await self._open(credential)
            except NotConfigured as error:
                log.error("credential %d: %s", credential.id, error)
                everybodys.pop(credential.provider, None)
        known = {credential.id for credential in kept}
        self._opened = {number: key for number, key in self._opened.items() if number in known}
        self._everybodys, self._narrow = everybodys, frozenset(narrow)
        self._registry.connect(everybodys, narrow)

    async def _open(self, credential: Credential) -> Opened:
        key = self._opened.get(credential.id)
        if key is None or key.version != credential.version:
            try:
                key = await self._credentials.open(credential)
            except VaultError as error:
                raise NotConfigured(
                    f"{credential.name} does not open: {error}",
                    say=f"The stored key “{credential.name}” for {credential.provider} cannot be opened here; an "
                    "admin can see why with `switchboard keys check`.",
                ) from error
            self._opened[credential.id] = key
        return key

    async def _note(self, key: Opened) -> None:
        """Write down that it is used. An answer does not fail over that."""
        try:
            await self._credentials.used(key.id)
        except StorageError as error:
            log.warning("the use of credential %d was not written down: %s", key.id, error)
