"""Which model answers where nobody chose one.

First what lies on our own machines: of the installed models that chat the largest up to 20 GB, which fits the memory
of most machines that are used for it; where all are larger, the smallest; of equals the one that came last. Then,
of the models that the catalogue prefers (``catalog.PREFERRED_AS_OF`` says as of when), the cheapest that reads at
least 32,000 tokens and is not retired; those without a known price come after all others. Then the first model of
anything that is set up, and the demo last. So nothing that is paid for stands in where something local is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.provider import ModelId
from bot.providers.catalog import ProviderRow
from bot.providers.models import Model

LEAST_WINDOW = 32_000  # tokens
LIGHT = 20_000_000_000  # bytes on the disk


def default_of(rows: Sequence[ProviderRow], offered: Mapping[str, Sequence[Model]]) -> ModelId:
    """The default. ``rows`` are what is set up for everybody, ``offered`` the models by provider, none of them retired.

    The demo must be among them.
    """
    cloud = [row for row in rows if not row.local]
    ours = [model for row in rows if row.wire != "demo" for model in offered[row.id] if model.local]
    preferred = [model for row in cloud for model in offered[row.id] if model.id.model in row.preferred]
    anything = [model for row in cloud for model in offered[row.id]]
    demo = [model for row in rows if row.wire == "demo" for model in offered[row.id]]
    found = _installed(ours) or _cheapest(preferred) or next(iter(anything), None) or demo[0]
    return found.id


def _installed(ours: Sequence[Model]) -> Model | None:
    light = [model for model in ours if (model.size or 0) <= LIGHT]
    pick = max if light else min

    def rank(model: Model) -> tuple[int, float]:
        came = model.changed_at.timestamp() if model.changed_at else 0.0
        return model.size or 0, came if light else -came

    return pick(light or ours, key=rank, default=None)


def _cheapest(models: Sequence[Model]) -> Model | None:
    large = [model for model in models if model.window >= LEAST_WINDOW]
    priced = [(model.rates.blended, model) for model in large if model.rates is not None and model.priced]
    return min(priced, key=lambda pair: pair[0])[1] if priced else next(iter(large), None)
