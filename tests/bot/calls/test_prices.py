"""The prices that a call is held and settled at, and what is learned from it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest_asyncio

from bot.calls.call import Caller
from bot.calls.expected import Expected, expected
from bot.net.http import Http
from bot.providers.calibration import Calibration
from bot.providers.catalog import CATALOG
from bot.providers.prices import PriceBook
from bot.providers.registry import Registry
from storage.price_overrides import NewOverride
from storage.store import Store
from tests.bot.calls.conftest import LUNA, TINY, Scene

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest_asyncio.fixture
async def priced(scene: Scene) -> AsyncIterator[Scene]:
    """A scene whose registry looks at what admins set, and writes down what it learns."""
    scene.registry.prices = PriceBook(scene.store.price_overrides)
    scene.registry.calibration = Calibration(scene.store.estimates)
    yield scene


async def test_a_price_that_was_set_holds_from_the_next_call_on(priced: Scene) -> None:
    """Whoever set it, and without a restart; taken back, the price list holds again."""
    assert not priced.registry.model(TINY).priced
    _, before = await priced.answer(priced.order(TINY))
    set_ = await priced.store.price_overrides.add(NewOverride("openai", "tiny", BEGUN, "3", "9"))
    _, result = await priced.answer(priced.order(TINY))
    await priced.store.price_overrides.remove(set_.id)
    _, after = await priced.answer(priced.order(TINY))
    assert (before.cost, after.cost) == (None, None)
    assert result.cost == result.usage.input * 3_000 + result.usage.output * 9_000
    entry = (await priced.entries())[1]
    assert (entry.cost, entry.price_source) == (result.cost, "override 2026-01-01")
    assert json.loads(entry.prices) == {"input": "3", "output": "9"}
    assert await priced.held() == 0


async def test_what_is_known_of_a_model_follows_its_price(priced: Scene) -> None:
    """Lists and choices show it as priced as soon as the price is seen."""
    listed = {model.id: model.priced for model in priced.registry.models()}
    assert listed[LUNA]
    set_ = NewOverride("openai", "tiny", datetime.now(UTC) + timedelta(days=1), "3", "9")
    await priced.store.price_overrides.add(set_)
    await priced.registry.prices.sync()
    assert not priced.registry.model(TINY).priced
    await priced.store.price_overrides.add(replace(set_, valid_from=BEGUN))
    await priced.registry.prices.sync()
    assert priced.registry.model(TINY).priced


async def test_a_call_teaches_what_the_next_may_cost(priced: Scene) -> None:
    """How long answers are, and how the provider counts; shown, not held."""
    at = datetime.now(UTC)
    assert expected(priced.registry, LUNA, 10_000, at) == Expected(1_000_000, None)
    _, result = await priced.answer(priced.order(LUNA, text="How far is it to the sea from here? " * 20))
    await priced.registry.calibration.sync()
    known = (await priced.store.estimates.all())["openai", "gpt-6-luna"]
    assert (known.samples, known.output) == (1, result.usage.output)
    found = expected(priced.registry, LUNA, 10_000, at)
    assert found.history == priced.registry.calibration.correct(LUNA, 10_000) * 100
    assert found.answer == result.usage.output * 500
    assert found.whole == (found.history or 0) + (found.answer or 0)
    assert expected(priced.registry, TINY, 10_000, at) == Expected(None, None)


async def test_another_process_begins_with_what_was_learned(store: Store) -> None:
    """Its first estimate is corrected already."""
    await store.estimates.learn("openai", "gpt-6-luna", lambda known: replace(known, factor=2.0, samples=9))
    async with Http() as http:
        calibration = Calibration(store.estimates)
        await calibration.sync()
        registry = Registry(CATALOG, {}, http, calibration=calibration)
        assert Caller(store, registry, "p2").keys is not None
        assert registry.calibration.correct(LUNA, 100) == 200
