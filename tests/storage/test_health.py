"""What processes tell one another of providers and models, and the turns they take."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from storage.health import Vitals
from storage.store import Store

AT = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
WELL = Vitals("available", AT, AT, latency_ms=120, recent_ms=118.5, usual_ms=130.0, speed=80.5, answers=7)
ILL = replace(WELL, status="failing", kind="auth", said="OpenAI rejected the key.", open=True)
KEY, MODEL = ("openai", "Work OpenAI"), ("openai", "gpt-4.1")


async def test_what_is_written_is_read_with_its_version(store: Store) -> None:
    """Each write moves the version of what it writes, and of nothing else."""
    assert await store.health.write({}, {}) == ({}, {})
    assert await store.health.write({KEY: WELL}, {MODEL: WELL}) == ({KEY: 1}, {MODEL: 1})
    assert await store.health.write({KEY: ILL}, {}) == ({KEY: 2}, {})
    found, models = await store.health.providers(), await store.health.models()
    assert (found[KEY].vitals, found[KEY].version) == (ILL, 2)
    assert (models[MODEL].vitals, models[MODEL].version) == (WELL, 1)


async def test_a_turn_is_taken_once(store: Store) -> None:
    """By whoever comes first; the others see that the number has moved."""
    assert await store.health.turn("checks") == 0
    assert await store.health.take_turn("checks", 0)
    assert not await store.health.take_turn("checks", 0)
    assert await store.health.turn("checks") == 1
    assert await store.health.take_turn("checks", 1)


@pytest.mark.parametrize("number", [0, 5])
async def test_a_turn_that_nobody_knows_is_not_taken_out_of_order(store: Store, number: int) -> None:
    """Only the number that stands there can be moved."""
    assert await store.health.take_turn("other", number) is (number == 0)
