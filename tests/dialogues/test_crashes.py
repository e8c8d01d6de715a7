"""The process dies at every step of one answer, before a write and after it; then another one starts."""

import pytest

from tests.fakes.house import House
from tests.fakes.process import Trap

# Every call of one short answer that leaves the process, in the order they come.
STEPS = (
    "inbox.receive",
    "conversations.claim",
    "replies.take",
    "ledger.reserve",
    "replies.begin",
    "replies.intend_page",
    "surface.post",
    "replies.page_sent",
    "replies.journal",
    "surface.edit",
    "replies.end",
    "replies.page_sealed",
    "replies.seal",
    "conversations.release",
)
# With these people may have seen a part of the answer, and the provider's stream is gone.
MIDWAY = {
    ("replies.intend_page", "after"),
    ("surface.post", "before"),
    ("surface.post", "after"),
    ("replies.page_sent", "before"),
    ("replies.page_sent", "after"),
    ("replies.end", "before"),
}
# These come first in the middle of the answer, or on a slow machine with its last text.
EITHER = {"replies.journal", "surface.edit"}


@pytest.mark.parametrize("what", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_process_dies_at_a_step(house: House, step: str, what: str) -> None:
    """Whatever it was about to write or had just written, the question has one answer in the end."""
    house.provider.script(text="word " * 60, speed=300)
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
    assert shown.labels == (["Continue", "Retry"] if midway else ["Retry"])


async def test_a_process_dies_again_while_it_recovers(house: House) -> None:
    """Each start dies at the next step of taking up what the last one left; the answer still comes, once."""
    house.provider.script(text="word " * 60, speed=300)
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
