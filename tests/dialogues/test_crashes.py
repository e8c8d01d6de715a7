"""The process dies at every step of one answer, before a write and after it; then another one starts."""

import pytest

from tests.fakes.house import House

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
# From here on people may have seen a part of the answer, and the provider's stream is gone.
GROWING = (
    "replies.intend_page",
    "surface.post",
    "replies.page_sent",
    "replies.journal",
    "surface.edit",
    "replies.end",
)


def _cut_short(step: str, what: str) -> bool:
    """Whether the answer is sealed as interrupted: after its first text was journalled, before its end was."""
    return step in GROWING and (step, what) not in {
        ("replies.intend_page", "before"),
        ("replies.end", "after"),
    }


@pytest.mark.parametrize("what", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_a_process_dies_at_a_step(house: House, step: str, what: str) -> None:
    """Whatever it was about to write or had just written, the question has one answer in the end."""
    house.provider.script(text="word " * 60, speed=300)
    house.trap(step, what)
    await house.say("kitchen", "What is for dinner?")
    await house.died()
    if _cut_short(step, what):
        house.order("kitchen", "broken")
    await house.restart()
    shown = await house.answered("kitchen")
    assert "Retry" in shown.labels
    assert ("Continue" in shown.labels) == _cut_short(step, what)
