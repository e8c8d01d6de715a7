"""What providers' counts teach of each model, and that all processes share it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.provider import ModelId
from bot.providers.calibration import Calibration
from storage.store import Store

MODEL = ModelId("openai", "gpt-x")
OTHER = ModelId("openai", "other")


def test_a_factor_is_learned_per_model() -> None:
    """What a provider counts moves the next estimate towards it, other models' not."""
    calibration = Calibration()
    assert calibration.correct(MODEL, 100) == 100
    for _ in range(40):
        calibration.learn(MODEL, 1000, 1500)
    assert calibration.factor(MODEL) == pytest.approx(1.5, abs=0.02)
    assert 148 <= calibration.correct(MODEL, 100) <= 150
    assert calibration.factor(OTHER) == 1.0


def test_odd_figures_teach_little() -> None:
    """Tiny requests teach nothing, and no figure moves the factor beyond bounds."""
    calibration = Calibration()
    calibration.learn(MODEL, 10, 500)
    calibration.learn(MODEL, 1000, 0)
    assert calibration.factor(MODEL) == 1.0
    for _ in range(200):
        calibration.learn(MODEL, 1000, 1_000_000)
    assert calibration.factor(MODEL) <= 2.5


@given(st.lists(st.integers(1, 10_000_000), max_size=3))
def test_a_few_wild_counts_among_many_good_ones_do_not_show(wild: list[int]) -> None:
    """A request that the provider counted in another way moves the estimate by a few per cent at most."""
    calibration = Calibration()
    for count in [1200] * 20 + wild:
        calibration.learn(MODEL, 1000, count)
    assert calibration.factor(MODEL) == pytest.approx(1.2, rel=0.17)
    for _ in range(20):
        calibration.learn(MODEL, 1000, 1200)
    assert calibration.factor(MODEL) == pytest.approx(1.2, rel=0.03)


def test_the_length_of_answers_is_learned() -> None:
    """What a model thinks is part of it; nothing is expected of one that was never heard."""
    calibration = Calibration()
    assert calibration.expected_output(MODEL) is None
    calibration.wrote(MODEL, 0)
    assert calibration.expected_output(MODEL) is None
    for written in (1000, 3000):
        calibration.wrote(MODEL, written)
    assert calibration.expected_output(MODEL) == 2000
    calibration.wrote(MODEL, 2000)
    calibration.wrote(MODEL, 10_000_000)
    assert (calibration.expected_output(MODEL) or 0) < 4000


async def test_processes_share_what_they_learn(store: Store) -> None:
    """Each writes down what it learned since, on top of what others did; a restart begins with it."""
    one, two = Calibration(store.estimates), Calibration(store.estimates)
    for calibration in (one, two):
        for _ in range(3):
            calibration.learn(MODEL, 1000, 1500)
    two.wrote(OTHER, 700)
    await one.sync()
    await two.sync()
    await one.sync()
    fresh = Calibration(store.estimates)
    await fresh.sync()
    assert fresh.factor(MODEL) == one.factor(MODEL) == two.factor(MODEL)
    assert one.expected_output(OTHER) == 700
    known = await store.estimates.all()
    assert known["openai", "gpt-x"].samples == 6
    await fresh.sync()
    assert await store.estimates.all() == known


async def test_what_is_learned_while_the_database_is_away_waits(store: Store) -> None:
    """And counts in this process at once."""
    calibration = Calibration(store.estimates)
    calibration.learn(MODEL, 1000, 1500)
    await store.close()
    await calibration.sync()
    assert calibration.factor(MODEL) == 1.5
    for _ in range(1000):
        calibration.learn(MODEL, 1000, 1500)
    await calibration.sync()
    assert calibration.factor(MODEL) == pytest.approx(1.5, abs=0.01)
