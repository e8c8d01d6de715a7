"""Prices: exact, in whole nano-dollars, and never 0 where they are unknown."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.money import NANO
from bot.core.provider import ModelId, Usage
from bot.providers import corrections, pricelist
from bot.providers.prices import PriceBook, Priced
from bot.providers.rates import Rates, Tier
from storage.price_overrides import NewOverride
from storage.store import Store

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
LUNA = ModelId("openai", "gpt-6-luna")
COUNT = st.integers(0, 2_000_000)
BOOK = PriceBook()
LISTED = (
    ("openai", "openai", "gpt-6-luna"),
    ("anthropic", "anthropic", "claude-haiku-5-5"),
    ("google", "google", "gemini-2.5-pro"),
    ("xai", "x-ai", "grok-4.7"),
    ("deepseek", "deepseek", "deepseek-v4-pro"),
    ("groq", "groq", "qwen/qwen3.8-27b"),
)
RATE = st.decimals(0, 100, places=6)


@st.composite
def rates(draw: st.DrawFn) -> Rates:
    """Prices as lists have them: reading from a cache is never dearer than reading afresh."""
    given_, written, other = draw(RATE), draw(RATE), st.none() | RATE
    return Rates(
        given_,
        written,
        cached=draw(st.none() | st.decimals(0, given_, places=6)),
        cache_write=draw(other),
        reasoning=draw(other),
        per_request=draw(st.decimals(0, 1, places=6)),
    )


def cost(of: Rates, usage: Usage) -> int:
    """What it costs, which is known."""
    found = of.cost(usage)
    assert found is not None
    return found


def test_a_known_model_has_an_exact_price() -> None:
    """Input, what was cached of it, and output each at its own price, which is kept with the cost."""
    priced = BOOK.price_of(LUNA, Usage(1000, 500, cached=100, cache_write=200), AT)
    assert priced.cost == 700 * 100 + 100 * 10 + 200 * 125 + 500 * 500
    assert priced.prices == {"input": "0.1", "cached": "0.01", "cache_write": "0.125", "output": "0.5"}
    assert priced.source == f"genai-prices {genai_prices.__version__}"
    assert json.loads(json.dumps(priced.prices)) == priced.prices


def test_long_prompts_cost_what_their_tier_says() -> None:
    """Crossing a tier moves every token to its price, and the prices kept are those."""
    priced = BOOK.price_of(LUNA, Usage(300_000, 1000), AT)
    assert priced.cost == 300_000 * 200 + 1000 * 750
    assert priced.prices["input"] == "0.2"


def test_a_dated_id_has_its_models_price() -> None:
    """Providers answer with dated ids."""
    dated = BOOK.price_of(ModelId("openai", "gpt-4.1-2025-04-14"), Usage(1000, 1000), AT)
    assert dated.cost == 10_000_000


@given(st.sampled_from(LISTED), COUNT, COUNT, COUNT, COUNT)
def test_costs_are_those_of_the_price_data(
    named: tuple[str, str, str], given_: int, written: int, cached: int, cache_write: int
) -> None:
    """As the data's own reader counts, rounded half up once; more cached than given counts as given."""
    provider, price_id, model = named
    ours = BOOK.price_of(ModelId(provider, model), Usage(given_, written, cached, cache_write), AT).cost
    cached = min(cached, given_)
    usage = genai_prices.Usage(
        input_tokens=given_,
        output_tokens=written,
        cache_read_tokens=cached,
        cache_write_tokens=min(cache_write, given_ - cached),
    )
    exact = genai_prices.calc_price(usage, model, provider_id=price_id, genai_request_timestamp=AT)
    assert ours is not None
    assert abs(Decimal(ours) / 1_000_000_000 - exact.total_price) <= Decimal("0.0000000005")


def test_single_tokens_are_exact() -> None:
    """The smallest amounts are kept to the nano-dollar."""
    assert BOOK.price_of(ModelId("openai", "text-embedding-3-small"), Usage(1, 0), AT).cost == 20
    assert BOOK.price_of(ModelId("openai", "gpt-5-nano"), Usage(1, 0, cached=1), AT).cost == 5


@pytest.mark.parametrize(
    "model", ["llama3.3", "my-own", "gpt-6-cyber-unheard-of", "ada-of-mine", "gpt-5.5-cyber-2", ""]
)
def test_an_unknown_model_is_unpriced(model: str) -> None:
    """Unknown is None, never 0: at a server of one's own too."""
    unknown = ModelId("openai", model)
    assert BOOK.price_of(unknown, Usage(10, 10), AT) == Priced(None, "unknown")
    assert BOOK.worst_case(unknown, 10, 10, AT) is None
    assert BOOK.known_window(unknown) is None
    assert not BOOK.is_priced(unknown, AT)


def test_a_price_of_nothing_is_no_price() -> None:
    """Entries without a figure, and free offers, count as unpriced: only local providers are free."""
    assert BOOK.price_of(ModelId("openai", "omni-moderation-latest"), Usage(10, 10), AT).cost is None
    assert BOOK.price_of(ModelId("openai", "text-embedding-3-small"), Usage(10, 10), AT).cost is None
    assert BOOK.price_of(ModelId("nowhere", "gpt-4.1"), Usage(10, 10), AT).cost is None


def test_local_providers_are_free_by_rule() -> None:
    """The demo costs nothing, and the entry says why."""
    assert BOOK.price_of(ModelId("demo", "quick"), Usage(10, 10), AT) == Priced(0, "local")
    assert BOOK.worst_case(ModelId("demo", "quick"), 10, 10, AT) == 0


def test_the_providers_own_figure_comes_first() -> None:
    """What the provider says it charges is what it cost."""
    assert BOOK.price_of(LUNA, Usage(10, 10, cost=123), AT) == Priced(123, "provider")


def test_the_worst_case_counts_writing_to_the_cache() -> None:
    """A reservation holds whatever the provider does with its cache."""
    worst = BOOK.worst_case(LUNA, 1000, 500, AT)
    assert worst == 1000 * 125 + 500 * 500
    for usage in (Usage(1000, 500), Usage(1000, 500, cached=1000), Usage(1000, 400, cache_write=1000)):
        assert (BOOK.price_of(LUNA, usage, AT).cost or 0) <= worst


def test_windows_are_known() -> None:
    """The price data knows context windows of models that our table does not."""
    assert BOOK.known_window(ModelId("openai", "gpt-5.5")) == 1_000_000
    assert BOOK.known_window(ModelId("openai", "gpt-4")) == 8192


def test_the_price_data_is_loaded_only_when_needed() -> None:
    """A start does not pay for it, and nothing is fetched for it ever."""
    code = (
        "import sys, bot.providers.registry\n"
        "assert 'genai_prices' not in sys.modules\n"
        "from bot.providers.pricelist import warm\n"
        "warm()\n"
        "assert 'genai_prices' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    pricelist.warm()


@given(rates(), COUNT, COUNT, COUNT, COUNT)
def test_cost_adds_up(of: Rates, first: int, second: int, wrote: int, more: int) -> None:
    """Two requests cost what one of both sizes does and its fee once more, but for the rounding."""
    apart = cost(of, Usage(first, wrote)) + cost(of, Usage(second, more))
    together = cost(of, Usage(first + second, wrote + more)) + int(of.per_request * NANO)
    assert abs(apart - together) <= 2


@given(rates(), COUNT, COUNT, COUNT, COUNT)
def test_more_never_costs_less(of: Rates, given_: int, written: int, cached: int, more: int) -> None:
    """Of either kind of token, over a tier too; and nothing costs more than the worst case."""
    assert of.input is not None
    assert of.output is not None
    above = Tier(1_000_000, of.input * 2, of.output * 2, of.cached, of.cache_write)
    tiered = replace(of, tiers=(above,))
    plain = cost(tiered, Usage(given_, written))
    assert plain <= cost(tiered, Usage(given_ + more, written))
    assert plain <= cost(tiered, Usage(given_, written + more))
    worst = tiered.worst(given_, written)
    assert worst is not None
    assert plain <= worst
    assert cost(tiered, Usage(given_, written, cached, more, written // 2)) <= worst


async def test_an_override_is_seen_by_every_process(store: Store) -> None:
    """From the next look on; taken back, the one before it holds again."""
    here, there = PriceBook(store.price_overrides), PriceBook(store.price_overrides)
    assert await here.sync()
    assert not await here.sync()
    usage = Usage(1_000_000, 0)
    first = NewOverride("openai", "GPT-6-Luna", AT, "7", "7")
    await store.price_overrides.add(first)
    second = await store.price_overrides.add(replace(first, valid_from=AT + timedelta(days=1), input="8"))
    for book in (here, there):
        before = book.version
        assert await book.sync()
        assert book.version > before
        assert book.price_of(LUNA, usage, AT) == Priced(
            7 * NANO, "override 2026-11-20", {"input": "7", "output": "7"}, AT.date()
        )
        assert book.price_of(LUNA, usage, AT + timedelta(days=2)).cost == 8 * NANO
        assert book.price_of(LUNA, usage, AT - timedelta(seconds=1)).source.startswith("genai-prices")
    await store.price_overrides.remove(second.id)
    assert await there.sync()
    assert there.price_of(LUNA, usage, AT + timedelta(days=2)).cost == 7 * NANO


async def test_a_look_at_a_database_that_is_away_changes_nothing(store: Store) -> None:
    """What was known goes on holding."""
    await store.price_overrides.add(NewOverride("openai", "gpt-6-luna", AT, "7", "7"))
    book = PriceBook(store.price_overrides)
    await book.sync()
    await store.close()
    assert not await book.sync()
    assert book.price_of(LUNA, Usage(1_000_000, 0), AT).cost == 7 * NANO


def test_the_corrections_were_compared_with_the_data_in_use() -> None:
    """A newer version of the data may have mended what they mend: look through them, then change CHECKED."""
    assert pricelist.CHECKED[0] == genai_prices.__version__
    for entry in corrections.corrections():
        assert (entry.rates is None) is (entry.same_as is not None)
        assert entry.source
        if entry.same_as is not None:
            assert pricelist.listed(ModelId(entry.provider, entry.same_as), AT) is not None


def test_what_is_the_same_as_another_has_its_window() -> None:
    """Not only its price."""
    assert BOOK.known_window(ModelId("xai", "grok-4.20-reasoning")) == 1_000_000
