"""A model as people choose among them: what which source says of it, its end, and which one stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pydantic import SecretStr

from bot.commands.describe import in_short
from bot.config import ProviderSettings
from bot.core.provider import Ability, Listed, ModelId, Rates
from bot.net.http import Http
from bot.providers import catalog
from bot.providers.catalog import CATALOG, ProviderRow
from bot.providers.models import LIST, OWN, Layer, Model, Source, merged, told_by
from bot.providers.prices import PriceBook
from bot.providers.registry import Credentials, Custom, Registry
from bot.providers.retiring import retirement
from bot.providers.snapshot import snapshot
from bot.providers.wires.demo import Demo
from tests.fakes.provider import ProviderServer
from tests.fakes.rules import Model as Served

BOOK = PriceBook()
AT = datetime(2026, 11, 27, 12, tzinfo=UTC)
LISTED = Layer(Source(LIST, AT.date()), Listed("m"))


def row(provider: str) -> ProviderRow:
    found = catalog.row(provider)
    assert found is not None
    return found


def layers(provider: str, *first: Layer, model: str = "m") -> list[Layer]:
    bundled = snapshot().layers(provider, model)
    return [*first, Layer(Source("the catalogue"), told_by(row(provider), model)), *bundled]


def keys(*providers: str) -> Mapping[str, Credentials]:
    return {each: ProviderSettings(SecretStr("k-123456")) for each in providers}


class Lists(Demo):
    """A demo that lists what it is given."""

    def __init__(self, *listed: Listed) -> None:
        super().__init__(speed=0)
        self.listed = listed

    async def models(self) -> tuple[Listed, ...]:
        return self.listed


def offered(registry: Registry) -> list[str]:
    return [str(model.id) for model in registry.models()]


def test_the_nearest_to_the_truth_wins_value_by_value() -> None:
    """What was entered, then the provider's list, then the catalogue, then the bundled data; each is named."""
    own = Layer(
        Source(OWN), Listed("m", rates=Rates(Decimal(1), Decimal(2)), has=frozenset({Ability.IMAGES}))
    )
    live = Layer(LISTED.source, Listed("m", 50_000, lacks=frozenset({Ability.IMAGES}), successor="n"))
    model = merged(row("openai"), "m", layers("openai", own, live), at=AT, privacy="", prices=BOOK)
    assert (model.window, model.vision, model.rates, model.priced) == (50_000, True, own.told.rates, True)
    assert model.successor == ModelId("openai", "n")
    assert (model.source("window"), model.source("rates")) == (live.source, own.source)
    assert model.source("max_output") is None
    live_only = merged(
        row("openai"),
        "gpt-4.1",
        layers("openai", live, model="gpt-4.1"),
        at=AT,
        privacy="",
        prices=PriceBook(),
    )
    assert (live_only.window, live_only.vision, live_only.max_output) == (50_000, False, 32_768)


def test_the_bundled_data_fills_what_nobody_else_says() -> None:
    """With its source and day; a router's model has its maker's window, but neither its price nor its end."""
    kept = snapshot().layers("anthropic", "claude-sonnet-4-5-20250929")
    model = merged(
        row("anthropic"), "claude-sonnet-4-5-20250929", kept, at=AT, privacy="", prices=PriceBook()
    )
    assert (model.window, model.retires_at) == (200_000, date(2026, 11, 30))
    source = model.source("retires_at")
    assert source is not None
    assert source.name.startswith("litellm ")
    assert source.as_of is not None
    [routed] = {
        each.told for each in snapshot().layers("fal", "anthropic/claude-haiku-5.5") if each.told.window
    }
    assert (routed.window, routed.rates, Ability.IMAGES in routed.has) == (1_000_000, None, True)
    assert snapshot().layers("compatible", "whatever") == []


def test_a_window_that_is_asked_for_is_only_made_smaller() -> None:
    """Ollama is asked for 32k tokens, however much the model could read."""
    for told, window in ((131_072, 32_768), (8_192, 8_192), (None, 32_768)):
        listed = Layer(LISTED.source, Listed("m", told))
        assert (
            merged(row("ollama"), "m", layers("ollama", listed), at=AT, privacy="", prices=BOOK).window
            == window
        )


def test_a_cloud_model_of_a_local_server_is_not_local() -> None:
    """What is said to it leaves the machine."""
    away = Layer(LISTED.source, Listed("m", has=frozenset({Ability.CLOUD})))
    assert merged(row("ollama"), "m", layers("ollama"), at=AT, privacy="", prices=BOOK).local
    assert not merged(row("ollama"), "m", layers("ollama", away), at=AT, privacy="", prices=BOOK).local


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 10, 30), None),
        (date(2026, 10, 31), "retires on 30 November; `anthropic/claude-sonnet-5-5` takes its place"),
        (date(2026, 11, 30), "retired on 30 November; `anthropic/claude-sonnet-5-5` takes its place"),
    ],
)
def test_an_end_is_told_in_good_time(today: date, said: str | None) -> None:
    """Thirty days before, with what follows."""
    name = "claude-sonnet-4-5-20250929"
    model = merged(
        row("anthropic"), name, layers("anthropic", model=name), at=AT, privacy="", prices=PriceBook()
    )
    end = retirement(model, today)
    assert (end.say if end else None) == said
    assert (end is not None and end.over) is model.is_retired(today)


async def test_what_is_retired_or_does_not_chat_is_not_offered(http: Http) -> None:
    """But who knows its full name is believed where the provider's list has it."""
    async with ProviderServer(key="", models=(Served("gpt-4"), Served("gpt-4.1"), Served("o1"))) as server:
        there = {"openai": ProviderSettings(None, server.url)}
        registry = Registry(CATALOG, there, http, demo=Demo(speed=0), now=lambda: AT)
        await registry.refresh()
        assert offered(registry)[0] == "openai/gpt-4.1"
        assert "openai/o1" not in offered(registry)
        assert registry.find("openai/o1") == ModelId("openai", "o1")
        assert registry.model(ModelId("openai", "o1")).is_retired(AT.date())


async def test_a_model_that_vanished_keeps_its_facts(http: Http) -> None:
    """It is not offered any more, and old messages still know what it was."""
    demo = Lists(
        Listed("quick", 11_000), Listed("story", 12_000), Listed("index", lacks=frozenset({Ability.CHAT}))
    )
    registry = Registry((row("demo"),), {}, http, demo=demo, now=lambda: AT)
    await registry.refresh()
    assert offered(registry) == ["demo/quick", "demo/story"]
    demo.listed = (Listed("quick", 11_000),)
    await registry.refresh()
    assert offered(registry) == ["demo/quick"]
    assert registry.model(ModelId("demo", "story")).window == 12_000


async def test_the_cheapest_of_what_is_set_up_stands_in(http: Http) -> None:
    """Among the preferred models that read at least 32k tokens, whatever the order of the providers."""
    dear = Registry(CATALOG, keys("openai", "mistral", "cohere", "groq"), http, now=lambda: AT)
    prices = {model.id: model.rates for model in dear.models() if not model.local}
    found = dear.default()
    cheapest = prices[found]
    assert cheapest is not None
    assert found.model in row(found.provider).preferred
    for model, rates in prices.items():
        if model.model in row(model.provider).preferred and rates is not None:
            assert cheapest.blended <= rates.blended


async def test_a_retired_model_does_not_stand_in(http: Http) -> None:
    """The next one does."""
    ends = replace(row("openai"), preferred=("gpt-5-nano", "gpt-4.1"))
    later = datetime(2027, 1, 1, tzinfo=UTC)
    for now, model in ((AT, "gpt-5-nano"), (later, "gpt-4.1")):
        registry = Registry((ends, row("demo")), keys("openai"), http, now=lambda now=now: now)  # type: ignore[misc]
        assert registry.default() == ModelId("openai", model)


GB = 1_000_000_000
OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ([Listed("a", size=2 * GB), Listed("b", size=19 * GB), Listed("c", size=42 * GB)], "ollama/b"),
        ([Listed("a", size=60 * GB), Listed("b", size=42 * GB)], "ollama/b"),
        ([Listed("a", size=GB, changed_at=OLD), Listed("b", size=GB, changed_at=NEW)], "ollama/b"),
        ([Listed("a", size=GB), Listed("nomic-embed-text", size=9 * GB)], "ollama/a"),
        ([Listed("a", has=frozenset({Ability.CLOUD}))], "openai/gpt-6-luna"),
        ([], "openai/gpt-6-luna"),
    ],
)
async def test_what_is_installed_comes_before_what_is_paid_for(
    http: Http, listed: list[Listed], found: str
) -> None:
    """The largest that fits most machines; never an embedder, nor a model of Ollama's cloud."""
    there = {"ollama": ProviderSettings(None, "http://127.0.0.1:1"), **keys("openai")}
    registry = Registry(CATALOG, there, http, now=lambda: AT)
    registry._known.take("ollama", listed, AT)  # noqa: SLF001 - as its list would have it
    assert str(registry.default()) == found


async def test_what_was_entered_is_offered(http: Http) -> None:
    """A fine-tune that no list has: with its figures, by its name, and with its price."""
    registry = Registry(CATALOG, keys("openai"), http, now=lambda: AT)
    tuned, rates = ModelId("openai", "ft:mine"), Rates(Decimal(3), Decimal(12))
    registry.customise(Custom(models={tuned: Listed("ft:mine", 64_000, rates=rates)}))
    model: Model = registry.model(registry.find("openai/ft:mine"))
    assert model in registry.models()
    assert (model.window, model.rates, model.priced, model.source("rates")) == (
        64_000,
        rates,
        True,
        Source(OWN),
    )
    assert (registry.custom_price(tuned), registry.custom_price(ModelId("openai", "gpt-4.1"))) == (
        rates,
        None,
    )
    registry.customise(Custom())
    assert tuned not in [each.id for each in registry.models()]


def test_an_end_that_is_near_is_told_wherever_a_model_is_described() -> None:
    """In lists and pickers, after its price; nothing is said of one that stays."""
    known = ModelId("openai", "gpt-old")
    model = Model(known, 8_000, None, local=False, vision=False, priced=False)
    assert in_short(model) == "8k tokens, unpriced"
    soon = date.today() + timedelta(days=3)  # noqa: DTZ011 - either day of the two that it may be is near
    ending = replace(model, retires_at=soon, successor=ModelId("openai", "gpt-new"))
    assert in_short(ending) == (
        f"8k tokens, unpriced, retires on {soon.day} {soon:%B}; `openai/gpt-new` takes its place"
    )
