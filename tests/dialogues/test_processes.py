"""Two processes over one database: nobody is answered twice, and what one leaves the other takes up."""

import asyncio

import pytest

from bot.conversation.presence import BEAT, DEAD_AFTER
from tests.fakes.house import House
from tests.fakes.process import Process
from tests.fakes.provider import answer_for


@pytest.fixture
async def two(house: House) -> tuple[Process, Process]:
    """The two processes of the house."""
    return await house.pair()


async def _notices_death(process: Process) -> None:
    """Time passes for one process without a sign of life from the others."""
    for _ in range(int(DEAD_AFTER / BEAT) + 2):
        process.ahead += BEAT
        await process.within(process.presence.beat())


async def test_both_work_and_nobody_is_answered_twice(house: House, two: tuple[Process, Process]) -> None:
    """Thirty questions through either process: each has one answer."""
    for number in range(30):
        await house.say(f"thread{number}", f"Question {number}.", process=two[number % 2])
    for number in range(30):
        assert (await house.answered(f"thread{number}")).text == answer_for(f"Question {number}.")
    assert all(process.gate.passed["replies.seal"] > 0 for process in two)


async def test_one_message_delivered_to_both_is_one(house: House, two: tuple[Process, Process]) -> None:
    """A platform that delivers to both processes at once gets one answer."""
    incoming = await house.say("kitchen", "What is for dinner?", process=two[0])
    await two[1].within(two[1].engine.receive(incoming))
    await house.answered("kitchen")


async def test_one_thread_through_both(house: House, two: tuple[Process, Process]) -> None:
    """What is said in one thread through both processes is answered once, whoever answers."""
    says = [house.say("kitchen", f"Part {n} of it.", process=two[n % 2]) for n in range(12)]
    await asyncio.gather(*says)
    await house.rested("kitchen")
    asked = " ".join(bill.asked for bill in house.provider.billed)
    assert all(asked.count(f"Part {n} of it.") == 1 for n in range(12))


async def test_a_stop_reaches_the_other_process(house: House, two: tuple[Process, Process]) -> None:
    """Whoever hears the command, the answer is stopped where it grows."""
    house.provider.script(text="word " * 5000, speed=40)
    house.order("kitchen", "stopped")
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen", 10)
    writer = next(process for process in two if process.engine.growing)
    other = two[1] if writer is two[0] else two[0]
    await house.command("kitchen", "/stop", process=other)
    await house.answered("kitchen")
    await house.provider.all_closed()


async def test_a_stop_reaches_the_other_process_before_the_first_token(
    house: House, two: tuple[Process, Process]
) -> None:
    """Even where nothing is written yet that could bring the news."""
    house.provider.script(delay=30)
    house.order("kitchen", "stopped")
    await house.say("kitchen", "Tell me a story.")
    await house.provider.asked()
    writer = next(process for process in two if process.engine.growing)
    other = two[1] if writer is two[0] else two[0]
    await house.command("kitchen", "/stop", process=other)
    await house.answered("kitchen")


async def test_the_other_takes_over_when_the_heartbeat_stops(
    house: House, two: tuple[Process, Process]
) -> None:
    """A process dies in the middle of an answer: the other one seals it; what waits behind it is answered."""
    house.provider.script(text="word " * 5000, speed=40)
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen", 10)
    writer = next(process for process in two if process.engine.growing)
    other = two[1] if writer is two[0] else two[0]
    await house.crash(writer)
    house.order("kitchen", "broken")
    await house.say("kitchen", "Are you there?", process=other)
    await _notices_death(other)
    shown = await house.answered("kitchen", 2)
    assert shown.text == answer_for("Are you there?")


async def test_a_living_process_is_left_alone(house: House, two: tuple[Process, Process]) -> None:
    """As long as its heart beats nobody takes over, however long an answer grows."""
    house.provider.script(text="word " * 60, holds=(20,))
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen")
    for _ in range(5):
        for process in two:
            process.ahead += 4
            await process.within(process.presence.beat())
            await process.within(process.presence.beat())
    house.provider.go_on()
    await house.answered("kitchen")


@pytest.mark.parametrize("ended", [False, True], ids=["growing", "ended"])
async def test_a_process_that_only_slept_finds_itself_replaced(
    house: House, two: tuple[Process, Process], ended: bool
) -> None:
    """It comes back with an old fence: nothing it writes counts, nothing is shown or billed twice."""
    house.provider.script(text="word " * (60 if ended else 5000), speed=300, holds=(20,))
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen", 10)
    writer = next(process for process in two if process.engine.growing)
    other = two[1] if writer is two[0] else two[0]
    writer.gate.sleep(at="replies.page_sealed" if ended else "")
    house.provider.go_on()
    await house.until(lambda: writer.gate.asleep, "the sleep")
    await _notices_death(other)
    shown = await house.answered("kitchen")
    if not ended:
        house.order("kitchen", "broken")
    assert shown.outcome == ("complete" if ended else "broken")
    before = [line.view for line in house.room.lines]
    writer.gate.awake()
    await house.until(lambda: not writer.engine.growing, "the end of the replaced one")
    assert [line.view for line in house.room.lines] == before
    await house.say("kitchen", "Are you there?")
    await house.answered("kitchen")


async def test_the_replaced_one_wakes_while_the_other_still_works(
    house: House, two: tuple[Process, Process]
) -> None:
    """Both have the same answer in hand for a moment; only the one with the newer fence gets to show anything."""
    house.provider.script(text="word " * 5000, speed=40)
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen", 10)
    writer = next(process for process in two if process.engine.growing)
    other = two[1] if writer is two[0] else two[0]
    writer.gate.sleep()
    await house.until(lambda: writer.gate.asleep, "the sleep")
    other.gate.sleep(at="surface.edit")
    await _notices_death(other)
    await house.until(lambda: other.gate.asleep, "the other one at work")
    before = [line.view for line in house.room.lines]
    writer.gate.awake()
    await house.until(lambda: not writer.engine.growing, "the end of the replaced one")
    assert [line.view for line in house.room.lines] == before
    house.order("kitchen", "broken")
    other.gate.awake()
    await house.answered("kitchen")
