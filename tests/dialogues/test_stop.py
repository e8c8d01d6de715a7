"""Stopping: the provider's stream is closed, the text so far is kept, what was used is billed."""

import asyncio

from bot.providers.resilience import Deadlines
from tests.fakes.house import House
from tests.fakes.surface import BROKEN_OFF, WITHOUT_TEXT


async def test_a_stop_before_the_first_token(house: House) -> None:
    """Nothing was written, the provider's stream is closed, and a way on is offered."""
    await house.restart(deadlines=Deadlines(first=60))
    house.provider.script(delay=60)
    house.order("kitchen", "stopped")
    await house.say("kitchen", "What is for dinner?")
    await house.provider.asked()
    async with asyncio.timeout(30):  # before the provider's first word and any deadline
        assert "Stopped" in await house.command("kitchen", "/stop")
        shown = await house.answered("kitchen")
        await house.provider.all_closed()
    assert shown.text == "Stopped before anything was written."
    assert shown.labels == WITHOUT_TEXT


async def test_a_stop_in_the_middle(house: House) -> None:
    """The text so far stays, marked as stopped; the provider hears of it and bills no more; ours is an estimate."""
    house.provider.script(text="word " * 5000, speed=40)
    house.order("kitchen", "stopped")
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen", 40)
    await house.command("kitchen", "/stop")
    shown = await house.answered("kitchen")
    await house.provider.all_closed()
    (bill,) = house.provider.billed
    assert not bill.completed
    assert bill.output_tokens < 2500
    assert "stopped" in shown.footer
    assert "about " in shown.footer
    assert shown.labels == BROKEN_OFF
    (entry,) = await house.store.ledger.billed()
    assert entry.estimated
    assert entry.outcome == "stopped"
    assert abs(entry.output_tokens - bill.output_tokens) < 0.5 * bill.output_tokens


async def test_a_stop_as_soon_as_it_is_said(house: House) -> None:
    """However early it comes, the message ends in one answer or is stopped; never in silence."""
    for number in range(6):
        thread = f"thread{number}"
        house.provider.script(text="word " * 50, speed=200)
        await house.say(thread, f"Question {number}.")
        for _ in range(number * 3):
            await asyncio.sleep(0)
        await house.command(thread, "/stop")
        if (await house.answered(thread)).outcome == "stopped":
            house.order(thread, "stopped")


async def test_a_stopped_answer_is_read_back_as_stopped(house: House) -> None:
    """The next answer's model knows that the person broke it off."""
    house.provider.script(text="word " * 500, speed=200)
    house.order("kitchen", "stopped")
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen", 10)
    await house.command("kitchen", "/stop")
    await house.answered("kitchen")
    await house.say("kitchen", "Shorter, please.")
    await house.answered("kitchen")
    assert "[The person stopped this answer here.]" in str(house.provider.requests[-1]["messages"])


async def test_a_stop_with_nothing_to_stop(house: House) -> None:
    """It says so."""
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    assert "Nothing is being written here." in await house.command("kitchen", "/stop")


async def test_a_graceful_stop_seals_what_grows(house: House) -> None:
    """Answers that do not finish in time are sealed as interrupted, with a way on; their streams are closed."""
    house.provider.script(text="word " * 5000, speed=40)
    house.order("kitchen", "broken")
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen", 10)
    await house.process.stop(grace=0.1)
    (shown,) = house.answers("kitchen")
    assert "it was restarted" in shown.text
    assert shown.labels == BROKEN_OFF
    await house.provider.all_closed()


async def test_a_graceful_stop_lets_answers_finish(house: House) -> None:
    """What is nearly done is completed; what waits behind it is answered by the next process."""
    house.provider.script(text="word " * 60, speed=200)
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen")
    await house.say("kitchen", "And another one.")
    await house.stop()
    assert [shown.outcome for shown in house.answers("kitchen")] == ["complete"]
    await house.restart()
    await house.answered("kitchen", 2)
