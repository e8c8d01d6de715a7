"""Where a provider is reached beside calls to its models, and with which key: as a call at that place would be."""

from __future__ import annotations

from bot.calls.keys import Keys
from bot.core.errors import NotConfigured
from bot.core.place import Place
from bot.providers.ollama.managed import Reached
from bot.providers.registry import Credentials
from bot.providers.rows.forms import ProviderRow
from storage.credentials import INSTALLATION


class Reach:
    """The address and the key of one provider. ``environment`` is what the environment says of it."""

    def __init__(self, row: ProviderRow, keys: Keys, environment: Credentials | None) -> None:
        self._row, self._keys, self._environment = row, keys, environment

    async def __call__(self, place: Place, person_id: int | None) -> Reached:
        """Its address and key for a person at a place. Raises NotConfigured, StorageDown."""
        row, kept = self._row, await self._keys.applying(self._row.id, place, person_id)
        found = kept or self._environment
        key = found.api_key.get_secret_value() if found is not None and found.api_key is not None else ""
        if found is None or not (found.base_url or key):
            say = (
                f"{row.name} is not set up here: set {row.base_url_env} to where it is ({row.base_url} on this "
                f"machine), or enter it with `switchboard keys add {row.id} --base-url ADDRESS`."
            )
            raise NotConfigured(f"{row.id} has no address", say=say)
        guarded = kept is not None and kept.scope != INSTALLATION
        return Reached(found.base_url or row.base_url, key, guarded)
