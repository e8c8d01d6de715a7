"""One budget: when its tokens come back, what it learns."""

import random

import pytest

from bot.conversation.delivery.budgets import Budget, Budgets
from bot.conversation.delivery.delivery import whole
from bot.conversation.delivery.demand import Demand, Expected
from bot.conversation.delivery.pacing import may_show, period
from bot.core.surface import Observed, Rate, Spend
from tests.fakes.platform import Window


def budget(calls: int = 5, seconds: float = 5.0, share: float = 1.0) -> Budget:
    return Budget(Spend("b", Rate(calls, seconds), shared="T1"), lambda workspace: share)


@pytest.mark.parametrize("seed", range(5))
def test_a_greedy_spender_is_never_refused(seed: int) -> None:
    """Whoever spends every token at once, over any network, stays within the platform's sliding window."""
    chance, ours, theirs = random.Random(seed), budget(), Window("b", 5, 5.0)
    now, calls = 0.0, list[tuple[float, str]]()
    for _ in range(3000):
        now += chance.uniform(0, 0.05)
        while calls and calls[0][0] <= now:
            moment, what = calls.pop(0)
            if what == "arrives":
                assert theirs.wait(moment) == 0
                theirs.count(moment)
            else:
                ours.answered(moment)
        if ours.free(now) > 0:
            ours.take()
            there = now + chance.uniform(0.01, 0.6)
            calls = sorted([*calls, (there, "arrives"), (there + chance.uniform(0.01, 0.6), "answered")])


def test_a_token_comes_back_a_window_after_the_answer() -> None:
    """Not after the call was made: the platform may have counted it as late as it answered."""
    one = budget(calls=1)
    one.take()
    assert one.next_free(1.0) is None
    one.answered(2.0)
    assert (one.free(6.9), one.next_free(6.9), one.free(7.0), one.next_free(7.5)) == (0, 7.0, 1, 7.5)


def test_a_call_not_made_costs_nothing() -> None:
    """A token that was granted and not used is there again at once."""
    one = budget(calls=1)
    one.take()
    one.give_back()
    assert one.free(0.0) == 1


def test_a_refusal_freezes_and_teaches() -> None:
    """After a 429 nothing goes for as long as was asked, then a little less, then as before."""
    one = budget(calls=20)
    one.take()
    one.refused(0.0, 30.0)
    assert (one.free(29.9), one.next_free(3.0)) == (0, 30.0)
    assert one.free(30.0) == one.limit == 15
    moment = 40.0
    while one.limit < 20:
        one.take()
        one.answered(moment)
        moment += 6.0
    assert moment < 80.0


def test_a_storm_of_refusals_counts_once() -> None:
    """Calls that were already in flight when the first was refused teach nothing new."""
    one = budget(calls=20)
    for _ in range(10):
        one.take()
    for n in range(10):
        one.refused(0.01 * n, 30.0)
    assert one.limit == 15


def test_headers_win() -> None:
    """What the platform says of its limit and of what is left replaces what was believed."""
    one = budget(calls=5)
    one.observe(Observed("b", limit=10, remaining=3, reset_after=8.0), 0.0)
    assert one.free(0.0) == 3
    assert one.free(8.0) == 10
    assert one.seconds == 8.0


def test_a_share_of_a_workspace() -> None:
    """A process takes its part of a shared budget, at least one call."""
    assert [budget(50, 60.0, share).limit for share in (1.0, 0.5, 0.1, 0.0)] == [50, 25, 5, 1]


def test_a_named_refusal_freezes_that_budget_only() -> None:
    """The others that the call spent only count the call."""
    budgets = Budgets(whole)
    both = budgets.of([Spend("a", Rate(5, 5.0)), Spend("b", Rate(5, 5.0))])
    (other,) = budgets.of([Spend("c", Rate(5, 5.0))])
    for one in both:
        one.take()
    budgets.refuse("b", both, 0.0, 30.0)
    assert [one.free(1.0) for one in both] == [4, 0]
    both[0].take()
    budgets.refuse("c", both[:1], 2.0, 30.0)
    assert (both[0].free(3.0), other.free(3.0)) == (3, 0)
    both[0].take()
    budgets.refuse("who knows", both[:1], 4.0, 30.0)
    assert both[0].free(5.0) == 0


def test_idle_budgets_are_forgotten() -> None:
    """A bot that has seen ten thousand threads does not remember their budgets."""
    budgets = Budgets(whole)
    (used,) = budgets.of([Spend("used", Rate(5, 5.0))])
    used.take()
    used.answered(0.0)
    budgets.of([Spend(f"old{n}", Rate(5, 5.0)) for n in range(1000)])
    budgets.forget_idle(1.0)
    assert budgets.of([Spend("used", Rate(5, 5.0))]) == (used,)
    budgets.forget_idle(10.0)
    assert budgets.of([Spend("used", Rate(5, 5.0))]) != (used,)


def test_an_expectation_learns() -> None:
    """After a dozen longer streams, longer ones are expected; one very long one does not count for much."""
    expected = Expected(6.0)
    expected.learn(600.0)
    assert expected.seconds < 13
    for _ in range(20):
        expected.learn(30.0)
    assert 25 < expected.seconds <= 31


def test_what_has_lasted_long_will_last_longer() -> None:
    """The remaining time shrinks towards the expected end and grows with age behind it."""
    expected = Expected(6.0)
    remaining = [expected.remaining(age) for age in (0.0, 3.0, 5.0, 10.0, 20.0)]
    assert remaining[0] > remaining[1] > remaining[2] < remaining[3] < remaining[4]


def test_a_burst_is_no_rate() -> None:
    """Fifty streams within a second tell nothing of the next minute; one every two seconds does."""
    burst, steady = Demand(), Demand()
    for n in range(50):
        burst.join(n / 50)
        steady.join(2.0 * n)
    assert burst.rate(0.5) == burst.rate(10.0) == 0.0
    assert steady.rate(98.0) == pytest.approx(0.5, rel=0.05)
    assert burst.rate(90.0) == 0.0


def test_the_last_token_is_kept_for_the_last_text() -> None:
    """A lone stream may spend four of five edits on interim texts; a lone token only if it is soon back."""
    expected, five, lone, rare = Expected(6.0), budget(5), budget(1, 1.0), budget(1, 60.0)
    for one in (five, lone, rare):
        one.demand.join(0.0)
    spent = 0
    while may_show(five, 0.1, expected):
        five.take()
        spent += 1
    assert spent == 4
    assert may_show(lone, 0.1, expected)
    assert not may_show(rare, 0.1, expected)
    lone.demand.pending = 1
    assert not may_show(lone, 0.1, expected)


def test_the_spare_is_spread_over_the_stream() -> None:
    """More streams, or fewer tokens, mean fewer texts of each."""
    expected, one = Expected(6.0), budget(50, 60.0)
    one.demand.join(0.0)
    alone = period(one, 0.0, expected)
    for _ in range(9):
        one.demand.join(0.0)
    ten = period(one, 0.0, expected)
    for _ in range(30):
        one.take()
    assert 0.3 < alone < 0.5
    assert 1.0 < ten < 1.3 < period(one, 0.0, expected)
    for _ in range(20):
        one.take()
    assert period(one, 0.0, expected) == 6.0


def test_a_budget_is_frozen_once_by_calls_that_were_under_way_together() -> None:
    """Only the refusal that begins a freeze says so; one that names no budget may mean any that was spent."""
    budgets = Budgets(whole)
    one, other = spent = budgets.of([Spend("one", Rate(5, 5.0)), Spend("other", Rate(5, 5.0))])
    for budget_ in (one, one, one, other):
        budget_.take()
    assert budgets.refuse("one", [one], 0.0, 3.0) == ("one",)
    assert budgets.refuse("one", [one], 0.1, 3.0) == ()
    assert budgets.refuse("", spent, 0.2, 3.0) == ("other",)
    assert budgets.refuse("other", [], 9.0, 3.0) == ("other",)
