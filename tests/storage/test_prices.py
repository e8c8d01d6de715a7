"""Prices that admins set, and what was learned of each model's tokens."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

from storage.estimates import Estimate
from storage.price_overrides import NewOverride
from storage.store import Store

NEW = NewOverride("openai", "gpt-6-luna", datetime(2026, 11, 1, tzinfo=UTC), "0.2", "1", cached="0.02")


async def test_a_price_is_kept_listed_and_removed(store: Store) -> None:
    """The latest to begin comes first; each change is audited and changes the stamp."""
    stamps = [await store.price_overrides.stamp()]
    first = await store.price_overrides.add(replace(NEW, note="our contract"), by=7, via="command line, ada")
    stamps.append(await store.price_overrides.stamp())
    later = await store.price_overrides.add(replace(NEW, valid_from=datetime(2027, 1, 1, tzinfo=UTC)), by=7)
    stamps.append(await store.price_overrides.stamp())
    assert await store.price_overrides.all() == [later, first]
    assert (first.input, first.cached, first.cache_write, first.valid_from) == (
        "0.2",
        "0.02",
        None,
        NEW.valid_from,
    )
    gone = await store.price_overrides.remove(later.id, by=8)
    assert gone is not None
    assert gone.removed_at is not None
    assert await store.price_overrides.remove(later.id, by=8) is None
    stamps.append(await store.price_overrides.stamp())
    assert await store.price_overrides.all() == [first]
    assert len(set(stamps)) == 4
    removed, _, added = await store.audit.latest()
    assert (removed.action, removed.person_id, removed.subject) == (
        "remove price",
        8,
        f"price:{later.id} openai/gpt-6-luna",
    )
    assert json.loads(added.after or "") == {
        "input": "0.2",
        "output": "1",
        "cached": "0.02",
        "note": "our contract",
        "valid_from": "2026-11-01T00:00:00+00:00",
        "via": "command line, ada",
    }


async def test_what_is_learned_at_once_is_all_taken_in(store: Store) -> None:
    """Each change sees what those before it learned."""

    def one_more(known: Estimate) -> Estimate:
        return replace(known, samples=known.samples + 1, factor=known.factor + 0.5)

    learning = (store.estimates.learn("openai", "gpt-6-luna", one_more) for _ in range(20))
    await asyncio.gather(*learning)
    await store.estimates.learn("demo", "quick", lambda known: replace(known, output=12.5, answers=1))
    assert await store.estimates.all() == {
        ("openai", "gpt-6-luna"): Estimate(11.0, 20, 0.0, 0),
        ("demo", "quick"): Estimate(1.0, 0, 12.5, 1),
    }
