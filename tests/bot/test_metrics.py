"""What Prometheus reads."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

from bot.metrics import Metrics


def test_the_figures_are_those_of_the_moment() -> None:
    """They are collected when they are asked for, under the names that the operator's page has."""
    engine: Any = SimpleNamespace(outcomes=Counter(complete=1), growing=0)
    delivery: Any = SimpleNamespace(refusals=Counter[str]())
    metrics = Metrics(engine, delivery)
    engine.growing = 2
    delivery.refusals["discord"] += 3
    lines = metrics.text().decode().splitlines()
    for line in (
        'switchboard_replies_total{outcome="complete"} 1.0',
        "switchboard_replies_growing 2.0",
        'switchboard_refusals_total{platform="discord"} 3.0',
    ):
        assert line in lines
