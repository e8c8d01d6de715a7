"""Slack delivers again what it is not sure of: whatever comes twice is answered once, and nothing is lost."""

from __future__ import annotations

import pytest

from tests.fakes.orders import Fault
from tests.fakes.provider import answer_for
from tests.fakes.slack_house import SlackHouse
from tests.fakes.times import ManualClock


def clock(house: SlackHouse) -> ManualClock:
    assert isinstance(house.slack.clock, ManualClock)
    return house.slack.clock


async def retried(house: SlackHouse) -> None:
    """Let all of Slack's retries pass: a minute, five minutes."""
    for seconds in (60, 300):
        await house.slack.quiet()
        await clock(house).advance(seconds)
    await house.slack.quiet()


async def test_both_twins_arrive(house: SlackHouse) -> None:
    """One mention is told to the app as two events; in a thread of its own too."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    house.mention("ada", "general", "Second question.", thread=first)
    await house.answered(first)
    await house.slack.quiet()
    names = [one.name for one in house.slack.deliveries.log]
    assert names.count("app_mention") == 2
    assert names.count("message") >= 2
    assert len(house.answers(first)) == 2


@pytest.mark.parametrize("twin", [0, 1])
async def test_one_of_the_twins_is_late(house: SlackHouse, twin: int) -> None:
    """Whichever of the two is lost at first and comes a minute later, there is one answer."""
    house.slack.order(Fault.CUT, "deliver", after=twin, times=2)
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    await retried(house)
    await house.rested(first)
    assert len(house.answers(first)) == 1


async def test_every_ack_is_lost(house: SlackHouse) -> None:
    """Three more deliveries over five minutes, each acked in vain: one answer."""
    losing = house.slack.order(Fault.LOST, "deliver", times=1_000)
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    await retried(house)
    await house.rested(first)
    assert len(house.answers(first)) == 1
    house.slack.withdraw(losing)
    attempts = [one.sent.attempt for one in house.slack.deliveries.log if one.name == "app_mention"]
    assert attempts == [0, 1, 2, 3]


async def test_the_database_is_away(house: SlackHouse) -> None:
    """What cannot be written down is not acknowledged: Slack brings it again, and it is answered."""
    house.order_trouble()
    house.slack.book.expect("deliver")
    house.process.gate.away = True
    first = house.mention("ada", "general", "First question.")
    await house.until(lambda: house.slack.deliveries.tries >= 2, "the first tries")
    await clock(house).advance(4)
    await house.until(lambda: house.slack.deliveries.tries >= 4, "the second tries")
    house.process.gate.away = False
    await clock(house).advance(4)
    await retried(house)
    assert (await house.answered(first)).text == answer_for("First question.")


async def test_only_the_last_retry_arrives(house: SlackHouse) -> None:
    """A message that comes in at its fourth try, five minutes late, is answered as any other."""
    house.slack.order(Fault.CUT, "deliver", times=6)
    first = house.mention("ada", "general", "First question.")
    await retried(house)
    assert (await house.answered(first)).text == answer_for("First question.")


@pytest.mark.parametrize("what", ["before", "after"])
async def test_the_process_dies_at_the_insert(house: SlackHouse, what: str) -> None:
    """Before it or after it: Slack's next try finds another process, and the message is answered once."""
    house.slack.book.expect("deliver")
    house.trap("inbox.receive", what)
    first = house.mention("ada", "general", "First question.")
    await house.died()
    await house.restart()
    await retried(house)
    assert (await house.answered(first)).text == answer_for("First question.")
    assert len(house.answers(first)) == 1


async def test_two_processes_get_one_twin_each(house: SlackHouse) -> None:
    """With a second process on the same workspace each event goes to either, and there is still one answer."""
    await house.pair()
    for number in range(6):
        first = house.mention("ada", "general", f"Question {number}.")
        await house.answered(first)
        assert len(house.answers(first)) == 1
