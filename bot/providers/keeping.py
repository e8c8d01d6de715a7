"""The lists of models beyond this process: written down as they come, read when it starts again."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from bot.core.provider import Listed
from bot.providers import facts
from bot.providers.known import Known
from storage.errors import StorageError
from storage.known import KnownModel, KnownModels

log = logging.getLogger(__name__)


async def restored(kept: KnownModels, known: Known, origins: Mapping[str, str]) -> None:
    """Take over the lists of providers that have none yet, as far as they came from where the provider is now."""
    try:
        rows = await kept.all()
    except StorageError as error:
        log.warning("the kept lists of models could not be read: %s", error)
        return
    for provider, origin in origins.items():
        ours = [row for row in rows if (row.provider, row.origin) == (provider, origin)]
        there = [_listed(row) for row in ours if row.gone_at is None]
        gone = [(_listed(row), row.listed_at) for row in ours if row.gone_at is not None]
        if ours and known.ids(provider) is None:
            known.take(provider, there, max(row.listed_at for row in ours), gone)


async def keep(kept: KnownModels, known: Known, provider: str, origin: str) -> None:
    """Write down a provider's last list. Nothing fails over that."""
    ids = known.ids(provider)
    if ids is None:
        return
    told = {model: found[0] for model in ids if (found := known.told(provider, model)) is not None}
    try:
        await kept.save(
            provider, origin, {model: json.dumps(facts.to_json(each)) for model, each in told.items()}
        )
    except StorageError as error:
        log.warning("the list of %s was not kept: %s", provider, error)


def _listed(row: KnownModel) -> Listed:
    found = json.loads(row.data)
    return facts.from_json(row.model, found if isinstance(found, dict) else {})
