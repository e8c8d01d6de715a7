"""What Prometheus reads: figures that the parts keep anyway, collected when it asks."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector

from bot.conversation.delivery.delivery import Delivery
from bot.conversation.engine import Engine


class Metrics:
    """A collector over the engine and delivery."""

    def __init__(self, engine: Engine, delivery: Delivery) -> None:
        self._engine, self._delivery = engine, delivery
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def collect(self) -> Iterator[Metric]:
        """The figures as they stand."""
        replies = CounterMetricFamily(
            "switchboard_replies", "Replies sealed, by how they ended", labels=["outcome"]
        )
        for outcome, count in self._engine.outcomes.items():
            replies.add_metric([outcome], count)
        yield replies
        refusals = CounterMetricFamily(
            "switchboard_refusals", "Calls that a chat platform refused as too many", labels=["platform"]
        )
        for platform, count in self._delivery.refusals.items():
            refusals.add_metric([platform], count)
        yield refusals
        yield GaugeMetricFamily(
            "switchboard_replies_growing",
            "Replies being answered by this process",
            value=self._engine.growing,
        )

    def text(self) -> bytes:
        """Prometheus's text format."""
        return generate_latest(self._registry)
