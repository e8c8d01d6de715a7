"""A platform that a process is not connected to: what lies there waits for one that is."""

from datetime import UTC, datetime

from bot.core.message import Author, Incoming, Said
from bot.core.place import Place
from tests.fakes.house import House
from tests.fakes.provider import answer_for

ANNEX = Place("annex", "town", "square", "attic")


async def in_the_annex(house: House, text: str) -> None:
    """Say something on the other platform, and wait for its answer."""
    key = house.annex.hear(ANNEX, text)
    incoming = Incoming(key, ANNEX, Author("ann", "Ann"), Said(text), datetime.now(UTC))
    await house.deliver_again(incoming)
    await house.until(
        lambda: any(shown.text == answer_for(text) for shown in house.annex.answers(ANNEX)),
        "an answer in the annex",
    )


async def elsewhere(house: House) -> None:
    """From now on there is one process, and it knows the annex only."""
    house.connected = False
    await house.restart()


async def back(house: House) -> None:
    """From now on there is one process, and it is in the room."""
    house.connected = True
    await house.restart()


async def test_what_waits_on_another_platform_is_left_alone(house: House) -> None:
    """It is neither answered nor tried; the process that has the platform answers it."""
    house.trap("inbox.receive", "after")
    await house.say("kitchen", "What is for dinner?")
    await house.died()
    await elsewhere(house)
    await in_the_annex(house, "Anybody here?")
    assert len(house.provider.requests) == 1
    assert house.process.gate.passed["conversations.claim"] == 1
    await back(house)
    assert (await house.answered("kitchen")).text == answer_for("What is for dinner?")


async def test_an_answer_left_open_on_another_platform_is_left_alone(house: House) -> None:
    """The dead process that had it in hand is not forgotten before somebody has taken it up."""
    house.provider.script(text="word " * 5000, speed=40)
    await house.say("kitchen", "Tell me a story.")
    await house.grows("kitchen", 10)
    await house.crash()
    await elsewhere(house)
    await in_the_annex(house, "Anybody here?")
    assert (await house.last_reply("kitchen")).state == "open"
    assert "process-1" in await house.store.processes.all()
    assert house.process.gate.passed["replies.adopt"] == 0
    house.order("kitchen", "broken")
    await back(house)
    shown = await house.answered("kitchen")
    assert shown.text.startswith("word word")

    async def forgotten() -> bool:
        return "process-1" not in await house.store.processes.all()

    await house.until(forgotten, "the end of the dead process")


async def test_processes_of_different_platforms_work_side_by_side(house: House) -> None:
    """Each answers on its own platform, whoever received the message."""
    house.expected.crowd = True
    room = await house.restart(alone=False)
    house.connected = False
    annex = await house.start(alone=False)
    await house.say("kitchen", "What is for dinner?", process=annex)
    await in_the_annex(house, "Anybody here?")
    assert (await house.answered("kitchen")).text == answer_for("What is for dinner?")

    def sealed() -> list[int]:
        return [process.gate.passed["replies.seal"] for process in (room, annex)]

    await house.until(
        lambda: sum(sealed()) == 2, "the end of both answers"
    )  # a moment after their last texts
    assert sealed() == [1, 1]
