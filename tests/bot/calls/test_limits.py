"""How much an attempt may use, and the sentences for when it may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls import refusals
from bot.calls.limits import LEAST_OUTPUT, Bound, Caps, Need, NoAllowance, allow, bounds, refusal, works
from bot.calls.refusals import Viewer
from bot.core.provider import ModelId
from bot.providers.prices import PriceBook
from bot.providers.registry import Model
from storage.budgets import BudgetLine

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
LUNA = Model(ModelId("openai", "gpt-6-luna"), 922_000, 128_000, local=False, vision=True, priced=True)
OLDER = Model(ModelId("openai", "gpt-4.1"), 1_047_576, 32_768, local=False, vision=True, priced=True)
TINY = Model(ModelId("openai", "tiny"), 8_192, None, local=False, vision=False, priced=False)
QUICK = Model(ModelId("demo", "quick"), 32_000, 8_000, local=True, vision=True, priced=True)
CAPS = Caps(None, 32_000)


def need(
    model: Model = OLDER, tokens: int = 1_000, wanted: int | None = None, *, images: bool = False
) -> Need:
    """A need of so many input tokens."""
    return Need(model, tokens, wanted, AT, images)


def bound(room: int) -> Bound:
    """A budget with that much room."""
    return Bound(room, lambda cost, viewer: f"{cost} is too much for {viewer.zone}.")


@given(st.integers(0, 600_000_000), st.integers(0, 900_000), st.none() | st.integers(1, 20_000))
def test_what_is_allowed_always_fits_the_room(room: int, tokens: int, wanted: int | None) -> None:
    """The worst case of the maximum that is sent is what is reserved, and never more than there is."""
    try:
        allowance = allow(need(tokens=tokens, wanted=wanted), [bound(room), bound(10**12)], CAPS)
    except NoAllowance:
        least = need(tokens=tokens, wanted=wanted).least
        assert (PriceBook().worst_case(OLDER.id, tokens, least + 2, AT) or 0) > room
        return
    most = allowance.max_output or OLDER.max_output or 0
    assert allowance.amount == PriceBook().worst_case(OLDER.id, tokens, most, AT)
    assert allowance.amount <= room
    assert wanted is None or most <= wanted


def test_without_bounds_only_the_model_limits() -> None:
    """Nothing is sent that the model does not need to be told."""
    assert allow(need(), [], CAPS).max_output is None
    assert allow(need(wanted=50), [], CAPS).max_output == 50
    assert allow(need(wanted=99_999), [], CAPS).max_output == 32_768


def test_near_the_end_of_the_window_the_rest_of_it_is_the_maximum() -> None:
    """And where the estimate says there is none, the provider is to say so, not we."""
    assert allow(need(LUNA, 900_000), [], CAPS).max_output == 22_000
    assert allow(need(LUNA, 990_000), [], CAPS).max_output == LEAST_OUTPUT


def test_a_free_model_is_bound_by_nothing() -> None:
    """No budget speaks to it."""
    assert allow(need(QUICK), [bound(-5)], CAPS).amount == 0


def test_an_unpriced_model_is_bound_by_tokens() -> None:
    """Its own window, or the cap where that is lower."""
    assert allow(need(TINY), [bound(0)], CAPS).max_output == 7_192
    assert allow(need(TINY), [bound(0)], Caps(None, 500)).max_output == 500


def test_the_request_limit_counts_what_earlier_attempts_cost() -> None:
    """A fallback does not begin a new allowance."""
    [limit] = bounds([], Caps(1_000, 1), 400)
    assert limit.room == 600
    assert bounds([], CAPS, 400) == []


@pytest.mark.parametrize(
    ("instead", "ends"),
    [
        (
            [LUNA, QUICK],
            (
                "demo/quick is free and still works: `/model demo/quick`. "
                "openai/gpt-6-luna still fits, at $0.0003 or less: `/model openai/gpt-6-luna`."
            ),
        ),
        ([OLDER, LUNA], "openai/gpt-6-luna still fits, at $0.0003 or less: `/model openai/gpt-6-luna`."),
        ([OLDER, TINY], "An admin can raise the limit."),
    ],
)
def test_a_refusal_names_the_best_way_on(instead: list[Model], ends: str) -> None:
    """A free model, the cheapest that fits, else a person."""
    with pytest.raises(NoAllowance) as caught:
        allow(need(), [bound(1_000_000)], CAPS)
    refused = refusal(caught.value, instead, CAPS, Viewer())
    assert refused.say.startswith("openai/gpt-4.1 was not asked. ")
    assert refused.say.endswith(ends)
    assert refused.shortage is None


def test_what_stands_in_can_do_what_is_asked() -> None:
    """It reads the whole text and sees the images."""
    blind = replace(LUNA, vision=False)
    for asked, model, able in (
        (need(images=True), blind, False),
        (need(images=True), LUNA, True),
        (need(tokens=30_000), replace(LUNA, window=30_100), False),
    ):
        assert bool(works(NoAllowance(asked, bound(10**9)), [model])) is able


def test_what_is_missing_is_a_whole_answer_as_far_as_one_request_may_cost() -> None:
    """In full cents, what the budget is over by included."""
    budget = line("installation", "", "day", left=-5_000_000)
    [full] = bounds([budget], CAPS, 0)
    worst = need().worst(need().ceiling) or 0
    for caps, most in ((CAPS, worst), (Caps(100_000_000, 1), 100_000_000)):
        short = refusal(NoAllowance(need(), full), [], caps, Viewer()).shortage
        assert short is not None
        assert short.needed % 10_000_000 == 0
        assert 0 <= short.needed - (most + 5_000_000) < 10_000_000
        assert short.line is budget


def test_a_refusal_speaks_by_the_readers_clock() -> None:
    """The moment is that of their zone, and the key that would have paid is named."""
    budget = line("channel", "slack:T1/C1", "day")
    said = refusals.no_room(budget, 1, Viewer("Europe/Berlin", "Work OpenAI"))
    assert said.endswith("It renews on Tuesday, 1 December, at 01:00 CET. The key “Work OpenAI” pays.")
    assert "at 05:00 Asia/Tashkent" in refusals.no_room(budget, 1, Viewer("Asia/Tashkent"))
    extra = refusals.standing(replace(budget, extra=500_000_000))
    assert "this channel's $100 for today, with $0.50 that an admin added is left" in extra


def line(scope: str, subject: str, period: str, *, reserved: int = 0, left: int = 400_000_000) -> BudgetLine:
    """A budget of $100 that renews next month."""
    spent = 100_000_000_000 - left - reserved
    return BudgetLine(
        1, scope, subject, period, 100_000_000_000, spent, reserved, left, datetime(2026, 12, 1, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (
            line("installation", "", "day"),
            (
                "Even a short answer could cost $0.52, and $0.40 of the $100 for today is left: $99.60 is spent. "
                "It renews at 00:00 UTC."
            ),
        ),
        (
            line("channel", "slack:T1/C1", "week", reserved=100_000_000),
            (
                "Even a short answer could cost $0.52, and $0.40 of this channel's $100 for this week is left: "
                "$99.50 is spent ($0.10 is held for answers being written). "
                "It renews on Tuesday, 1 December, at 00:00 UTC."
            ),
        ),
        (
            line("person", "7", "month", left=-1),
            (
                "Even a short answer could cost $0.52, and nothing of your $100 for this month is left: $100 is spent. "
                "It renews on Tuesday, 1 December, at 00:00 UTC."
            ),
        ),
        (
            line("provider", "openai", "day", left=0),
            (
                "Even a short answer could cost $0.52, and nothing of openai's $100 for today is left: $100 is spent. "
                "It renews at 00:00 UTC."
            ),
        ),
    ],
)
def test_a_full_budget_says_what_is_spent_what_is_left_and_when_it_renews(
    budget: BudgetLine, said: str
) -> None:
    """In words, for the person whose question was not asked."""
    assert refusals.no_room(budget, 520_000_000) == said


def test_the_request_limit_says_how_to_stay_under_it() -> None:
    """A fresh conversation is shorter."""
    assert refusals.over_limit(1_000_000_000, 1_280_000_000) == (
        "Even a short answer could cost $1.28, and one request may cost at most $1; `/new` makes it shorter."
    )
