"""The process dies at every step of one answer, before a write and after it; then another one starts."""

import pytest

from bot.conversation.context import GO_ON
from tests.chaos.launch import POINTS
from tests.fakes.house import SMALL, House
from tests.fakes.process import Died, Trap
from tests.fakes.provider import Script, answer_for
from tests.fakes.surface import BROKEN_OFF, WHOLE

# With these people may have seen a part of the answer, and the provider's stream is gone.
MIDWAY = {
    ("replies.intend_page", "after"),
    ("surface.post", "before"),
    ("surface.post", "after"),
    ("replies.page_sent", "before"),
    ("replies.page_sent", "after"),
    ("replies.end", "before"),
}
FIRST = {"replies.intend_page", "surface.post", "replies.page_sent"}
# These come first in the middle of the answer, or on a slow machine with its last text.
EITHER = {"replies.journal", "surface.edit"}


@pytest.mark.parametrize("what", ["before", "after"])
@pytest.mark.parametrize("step", POINTS)
async def test_a_process_dies_at_a_step(house: House, step: str, what: str) -> None:
    """Whatever it was about to write or had just written, the question has one answer in the end."""
    # What comes with the first text comes before the last, however slow the machine is.
    house.provider.script(text="word " * 60, speed=300, holds=(20,) if step in FIRST else ())
    house.trap(step, what)
    await house.say("kitchen", "What is for dinner?")
    await house.died()
    midway = (step, what) in MIDWAY
    if step in EITHER:
        midway = (await house.last_reply("kitchen")).phase == "growing"
    if midway:
        house.order("kitchen", "broken")
    await house.restart()
    shown = await house.answered("kitchen")
    assert shown.labels == (BROKEN_OFF if midway else WHOLE)


async def test_a_process_dies_again_while_it_recovers(house: House) -> None:
    """Each start dies at the next step of taking up what the last one left; the answer still comes, once."""
    house.provider.script(text="word " * 60, holds=(20,))
    house.trap("surface.post", "after")
    await house.say("kitchen", "What is for dinner?")
    for step in ("replies.adopt", "replies.end", "surface.find", "surface.edit", "replies.seal"):
        await house.died()
        await house.restart(traps=[Trap(step, "before")])
    await house.died()
    house.order("kitchen", "broken")
    await house.restart()
    await house.answered("kitchen")


async def test_a_question_is_not_tried_for_ever(house: House) -> None:
    """A question at which the program dies again and again is given up after some attempts, in words."""
    for _ in range(8):
        house.provider.script(delay=30)
    await house.say("kitchen", "What is for dinner?")
    for number in range(1, 5):
        await house.provider.asked(number)
        await house.crash()
        await house.restart()
    house.order("kitchen", "broken")
    shown = await house.answered("kitchen")
    assert "failed several times" in shown.text
    assert len(house.provider.requests) == 4


@pytest.mark.parametrize("what", ["before", "after"])
@pytest.mark.parametrize(
    "step", ["replies.intend_page", "surface.post", "replies.page_sent", "replies.page_sealed"]
)
async def test_a_process_dies_at_a_further_page(house: House, step: str, what: str) -> None:
    """A long answer whose provider was done goes on where it was left, each page once."""
    text = " ".join(f"word{number}" for number in range(900))
    house.provider.script(text=text)
    house.trap(step, what, 2)
    await house.say("kitchen", "Tell me everything.")
    await house.died()
    midway = (await house.last_reply("kitchen")).phase == "growing"
    if midway:
        house.order("kitchen", "broken")
    await house.restart()
    shown = await house.answered("kitchen")
    if not midway:
        assert shown.text.split() == text.split()


@pytest.mark.parametrize(
    ("step", "following"), [("replies.intend_page", "surface.post"), ("replies.journal", "surface.edit")]
)
async def test_a_journal_write_is_overtaken_by_the_end(house: House, step: str, following: str) -> None:
    """The text of a moment ago arrives after all of it; when the process dies then, all of it is shown."""
    house.provider.script(text="word " * 60, speed=200)
    house.trap(step, "late")
    house.trap(following, "before")
    await house.say("kitchen", "Tell me a story.")
    await house.died()
    await house.restart()
    assert (await house.answered("kitchen")).text == ("word " * 60).strip()


async def test_a_retry_keeps_its_wish_through_a_death(house: House) -> None:
    """The model that a retry asked for answers after the restart too."""
    await house.say("kitchen", "What is for dinner?")
    await house.answered("kitchen")
    house.trap("replies.begin", "after")
    await house.retry("kitchen", model=SMALL)
    await house.died()
    await house.restart()
    shown = await house.answered("kitchen", 2)
    assert shown.footer.startswith(SMALL)


async def test_going_on_survives_a_death(house: House) -> None:
    """The rest of an answer is still the rest after a restart."""
    house.provider.script(text="word " * 100, fail="cut", after=50)
    house.order("kitchen", "broken")
    await house.say("kitchen", "Tell me a story.")
    await house.answered("kitchen")
    house.provider.script(text="and the rest of it.")
    house.trap("replies.begin", "before")
    await house.press("kitchen", "Continue")
    await house.died()
    await house.restart()
    await house.answered("kitchen", 2)
    assert house.provider.requests[-1]["messages"][-1]["content"] == GO_ON
    assert "word word" in str(house.provider.requests[-1]["messages"])


async def test_a_stop_is_heeded_after_a_death(house: House) -> None:
    """The process that was told to stop dies at once; the next one does not answer after all."""
    house.provider.script(delay=30)
    await house.say("kitchen", "Tell me a story.")
    await house.provider.asked()
    house.trap("replies.request_stop", "after")
    with pytest.raises(Died):
        await house.command("kitchen", "/stop")
    await house.died()
    house.order("kitchen", "stopped")
    await house.restart()
    await house.answered("kitchen")
    assert len(house.provider.requests) == 1


async def test_many_answers_grow_when_the_process_dies(house: House) -> None:
    """All of them are taken up, and what waited behind them is answered."""
    threads = [f"thread{number}" for number in range(25)]
    house.provider.default = Script(text="word " * 5000, speed=5)
    for thread in threads:
        await house.say(thread, f"Question of {thread}.")
    for thread in threads:
        await house.grows(thread)
        await house.say(thread, f"Follow-up in {thread}.")
        house.order(thread, "broken")
    await house.crash()
    house.provider.default = Script()
    await house.restart()
    for thread in threads:
        shown = await house.answered(thread, 2)
        assert shown.text == answer_for(f"Follow-up in {thread}.")
