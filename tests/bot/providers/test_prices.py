"""Prices: exact, in whole nano-dollars, and never 0 where they are unknown."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.provider import ModelId, Usage
from bot.providers.prices import Priced, is_priced, known_window, price_of, warm, worst_case

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
LUNA = ModelId("openai", "gpt-6-luna")
COUNT = st.integers(0, 2_000_000)


def test_a_known_model_has_an_exact_price() -> None:
    """Input, what was cached of it, and output each at its own price, which is kept with the cost."""
    priced = price_of(LUNA, Usage(1000, 500, cached=100, cache_write=200), AT)
    assert priced.cost == 700 * 100 + 100 * 10 + 200 * 125 + 500 * 500
    assert priced.prices == {"input": "0.1", "cached": "0.01", "cache_write": "0.125", "output": "0.5"}
    assert priced.source == f"genai-prices {genai_prices.__version__}"
    assert json.loads(json.dumps(priced.prices)) == priced.prices


def test_long_prompts_cost_what_their_tier_says() -> None:
    """Crossing a tier moves every token to its price, and the prices kept are those."""
    priced = price_of(LUNA, Usage(300_000, 1000), AT)
    assert priced.cost == 300_000 * 200 + 1000 * 750
    assert priced.prices["input"] == "0.2"


def test_a_dated_id_has_its_models_price() -> None:
    """Providers answer with dated ids."""
    dated = price_of(ModelId("openai", "gpt-4.1-2025-04-14"), Usage(1000, 1000), AT)
    assert dated.cost == 10_000_000


@given(COUNT, COUNT, COUNT, COUNT)
def test_costs_are_those_of_the_price_data(given_: int, written: int, cached: int, cache_write: int) -> None:
    """To the last nano-dollar, rounded half up once; more cached than given counts as given."""
    cost = price_of(LUNA, Usage(given_, written, cached, cache_write), AT).cost
    cached = min(cached, given_)
    usage = genai_prices.Usage(
        input_tokens=given_,
        output_tokens=written,
        cache_read_tokens=cached,
        cache_write_tokens=min(cache_write, given_ - cached),
    )
    exact = genai_prices.calc_price(usage, LUNA.model, provider_id="openai", genai_request_timestamp=AT)
    assert cost is not None
    assert abs(Decimal(cost) / 1_000_000_000 - exact.total_price) <= Decimal("0.0000000005")


def test_single_tokens_are_exact() -> None:
    """The smallest amounts are kept to the nano-dollar."""
    assert price_of(ModelId("openai", "text-embedding-3-small"), Usage(1, 0), AT).cost == 20
    assert price_of(ModelId("openai", "gpt-5-nano"), Usage(1, 0, cached=1), AT).cost == 5


@pytest.mark.parametrize(
    "model", ["llama3.3", "my-own", "gpt-6-cyber-unheard-of", "ada-of-mine", "gpt-5.5-cyber-2", ""]
)
def test_an_unknown_model_is_unpriced(model: str) -> None:
    """Unknown is None, never 0: at a server of one's own too."""
    unknown = ModelId("openai", model)
    assert price_of(unknown, Usage(10, 10), AT) == Priced(None, "unknown")
    assert worst_case(unknown, 10, 10, AT) is None
    assert known_window(unknown) is None
    assert not is_priced(unknown, AT)


def test_a_price_of_nothing_is_no_price() -> None:
    """Entries without a figure, and free offers, count as unpriced: only local providers are free."""
    assert price_of(ModelId("openai", "omni-moderation-latest"), Usage(10, 10), AT).cost is None
    assert price_of(ModelId("openai", "text-embedding-3-small"), Usage(10, 10), AT).cost is None
    assert price_of(ModelId("nowhere", "gpt-4.1"), Usage(10, 10), AT).cost is None


def test_local_providers_are_free_by_rule() -> None:
    """The demo costs nothing, and the entry says why."""
    assert price_of(ModelId("demo", "quick"), Usage(10, 10), AT) == Priced(0, "local")
    assert worst_case(ModelId("demo", "quick"), 10, 10, AT) == 0


def test_the_providers_own_figure_comes_first() -> None:
    """What the provider says it charges is what it cost."""
    assert price_of(LUNA, Usage(10, 10, cost=123), AT) == Priced(123, "provider")


def test_the_worst_case_counts_writing_to_the_cache() -> None:
    """A reservation holds whatever the provider does with its cache."""
    worst = worst_case(LUNA, 1000, 500, AT)
    assert worst == 1000 * 125 + 500 * 500
    for usage in (Usage(1000, 500), Usage(1000, 500, cached=1000), Usage(1000, 400, cache_write=1000)):
        assert (price_of(LUNA, usage, AT).cost or 0) <= worst


def test_windows_are_known() -> None:
    """The price data knows context windows of models that our table does not."""
    assert known_window(ModelId("openai", "gpt-5.5")) == 1_000_000
    assert known_window(ModelId("openai", "gpt-4")) == 8192


def test_the_price_data_is_loaded_only_when_needed() -> None:
    """A start does not pay for it, and nothing is fetched for it ever."""
    code = (
        "import sys, bot.providers.registry\n"
        "assert 'genai_prices' not in sys.modules\n"
        "from bot.providers.prices import warm\n"
        "warm()\n"
        "assert 'genai_prices' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    warm()
