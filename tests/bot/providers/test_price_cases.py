"""What requests cost, by cases that were worked out by hand."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from bot.core.money import NANO
from storage.store import Store
from tests.bot.providers import price_cases
from tests.bot.providers.price_cases import Case

LISTS, CASES = price_cases.read()
SET = [case for case in CASES if "sets" in case]


def nano(case: Case) -> int | None:
    """What a case is to cost."""
    return None if case["usd"] is None else round(Decimal(case["usd"]) * NANO)


@pytest.mark.parametrize(
    "case", [case for case in CASES if "sets" not in case], ids=lambda case: case["name"]
)
def test_a_request_costs_what_its_price_list_says(case: Case) -> None:
    """To the nano-dollar, which is well within one per cent."""
    book = price_cases.bundled(case)
    priced = book.price_of(price_cases.model(case), price_cases.usage(case), price_cases.at(case))
    assert priced.cost == nano(case), priced
    kind = priced.source.partition(" ")[0]
    sources = {
        "reported": "provider",
        "correction": "corrected",
        "admin": "custom",
        "rule": ("local", "unknown"),
    }
    assert kind in sources.get(case["list"], "genai-prices"), priced


async def test_a_request_costs_what_an_admin_set(store: Store) -> None:
    """From the day on from which that holds; what the provider itself says comes first."""
    for case in SET:
        book = await price_cases.book(case, store)
        priced = book.price_of(price_cases.model(case), price_cases.usage(case), price_cases.at(case))
        assert priced.cost == nano(case), (case["name"], priced)


def test_the_cases_are_worked_out_and_say_by_which_list() -> None:
    """Each working comes to its result, and enough of them stand for each thing that makes prices hard."""
    for case in CASES:
        assert case["list"] in LISTS
        assert case["litellm"]
        if case["working"] not in ("own", "free", "none"):
            assert price_cases.added_up(case["working"]) == Decimal(case["usd"]), case["name"]
    assert len({case["name"] for case in CASES}) == len(CASES) >= 40
    used = Counter(name for case in CASES for name in case.get("usage", {}))
    assert min(used["cached"], used["cache_write"], used["reasoning"]) >= 5
