"""Forks: a new thread that goes on from here, begun once however often it is wished for."""

from __future__ import annotations

import pytest

from bot.core.surface import Verb
from storage.forks import Fork
from tests.fakes.house import SMALL, House
from tests.fakes.provider import answer_for
from tests.fakes.surface import Kind


async def fork_of(house: House, thread: str) -> Fork:
    """The one fork that was begun in a thread."""
    (opening,) = (line for line in house.room.lines if line.view.text.startswith("Fork of"))
    fork = await house.store.forks.at(f"room:town/square/{opening.id}")
    assert fork is not None
    assert fork.origin == str(house.place(thread))
    return fork


async def test_a_fork_goes_on_beside(house: House) -> None:
    """It shares the messages up to there, copies none, and has the model, which may be another one."""
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    await house.say("kitchen", "And for dessert?")
    await house.answered("kitchen")
    first = (await house.messages("kitchen"))[1]
    told = await house.command("kitchen", f"/fork #1 {SMALL}")
    assert told.startswith("Ann has forked this conversation. [Go on there](https://room.invalid/")
    there = (await fork_of(house, "kitchen")).opening or ""
    assert (await house.messages(there))[-1].id == first.id
    await house.say(there, "With rice?")
    assert (await house.answered(there)).footer.startswith(SMALL)
    assert [m.text for m in await house.messages(there)][1::2] == [
        answer_for("What is for dinner?"),
        answer_for("With rice?"),
    ]
    await house.say("kitchen", "And to drink?")
    assert not (await house.answered("kitchen")).footer.startswith(SMALL)
    assert "rice" not in str(house.provider.requests[-1]["messages"])


async def test_what_cannot_be_forked_says_so(house: House) -> None:
    """Nothing was said yet; the answer is still being written; the number is of another thread."""
    assert "Nothing was asked here yet" in await house.command("kitchen", "/fork")
    house.provider.script(text="word " * 40, holds=(10,))
    await house.say("kitchen", "What is for dinner?")
    await house.grows("kitchen")
    assert "still being written" in await house.command("kitchen", "/fork")
    house.provider.go_on()
    await house.answered("kitchen")
    await house.say("cellar", "What is there to drink?")
    await house.answered("cellar")
    assert "not part of this conversation" in await house.command("cellar", "/fork #1")


@pytest.mark.parametrize(
    ("door", "what"), [("surface.post", "after"), ("forks.finish", "before"), ("surface.begun", "before")]
)
async def test_a_crash_in_between_begins_no_second_thread(house: House, door: str, what: str) -> None:
    """Whoever wishes the same again, in another process, finds the thread that was begun and completes it."""
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    await house.rested("kitchen")
    house.trap(door, what)
    await house.fork_dies("kitchen")
    await house.restart()
    assert "forked" in await house.command("kitchen", "/fork", key="wish")
    there = (await fork_of(house, "kitchen")).opening or ""
    await house.say(there, "With rice?")
    await house.answered(there)
    assert len(await house.messages(there)) == 4


async def test_a_place_that_is_gone_forks_nothing(house: House) -> None:
    """The person hears that no thread could be opened, and the conversation goes on."""
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    house.room.order(Kind.GONE, Verb.POST)
    assert "No thread could be opened" in await house.command("kitchen", "/fork")
    await house.say("kitchen", "And for dessert?")
    await house.answered("kitchen")
