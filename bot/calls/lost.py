"""What an attempt comes to whose process died: by estimate, since nobody heard how it ended."""

from __future__ import annotations

import json

from bot.core.provider import ModelId, Usage
from bot.providers.prices import PriceBook
from bot.providers.tokens import estimate
from storage.ledger import NewEntry, Settlement
from storage.replies import ReplyRow


def lost(
    row: ReplyRow, workspace_id: str, person_id: int | None, prices: PriceBook, *, input_tokens: int
) -> Settlement | None:
    """The settlement of the attempt a reply was at; None where none had begun.

    ``input_tokens`` is the estimate of what the model read; the output is estimated from the journal.
    """
    if row.reservation_id is None or row.model is None:
        return None
    model = ModelId.parse(row.model)
    usage = Usage(input_tokens, estimate(row.text))
    priced = prices.price_of(model, usage, row.created_at)
    entry = NewEntry(
        at=row.created_at,
        workspace_id=workspace_id,
        place=row.place,
        person_id=person_id,
        provider=model.provider,
        model=model.model,
        credential=None,  # the one that was reserved with
        conversation_id=row.conversation_id,
        reply_id=row.id,
        input_tokens=usage.input,
        output_tokens=usage.output,
        estimated=True,
        cost=priced.cost,
        price_source=priced.source,
        prices=json.dumps(priced.prices),
        outcome="interrupted",
        error_kind="lost",
        attempt=row.attempt,
    )
    return Settlement(row.reservation_id, entry)
