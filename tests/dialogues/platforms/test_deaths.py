"""The process dies in the middle of an answer and starts again: completed or sealed as broken off, and never twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.platform_house import PlatformHouse
from tests.fakes.provider import Script, answer_for
from tests.fakes.surface import BROKEN_OFF, WHOLE, ink

STORY = {"text": "word " * 60, "speed": 300}


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ("replies.take", "after"),
        ("surface.post", "before"),
        ("surface.post", "after"),
        ("surface.edit", "before"),
        ("surface.edit", "after"),
        ("replies.end", "after"),
        ("replies.seal", "before"),
        ("replies.seal", "after"),
    ],
)
async def test_a_process_dies_at_a_step(either: PlatformHouse, step: str, what: str) -> None:
    """In a growing update and in a native stream alike: one answer stands there in the end, nothing grows."""
    house = either
    house.provider.script(**STORY)
    house.trap(step, what)
    first = house.ask("Tell me a story.")
    await house.died()
    midway = await phase(house, first) == "growing"
    if midway:
        house.order(first, "broken")
    await house.restart()
    shown = await house.answered(first, 1)
    assert shown.labels == (BROKEN_OFF if midway else WHOLE)
    assert len(house.answers(first)) == 1


async def phase(house: PlatformHouse, first: Any) -> str:
    place = house.place(first)
    conversation = await house.store.conversations.current(str(place))
    assert conversation is not None
    reply = await house.store.replies.last(conversation.id)
    return reply.phase if reply is not None and reply.text else ""


@pytest.mark.parametrize("page", [1, 2])
async def test_a_process_dies_at_a_further_page(house: PlatformHouse, page: int) -> None:
    """A long answer goes on where it was left, each of its messages once."""
    text = " ".join(f"word{number}" for number in range(1200))
    house.provider.script(text=text)
    house.trap("surface.post", "after", page + 1)
    first = house.mention("ada", "general", "Tell me everything.")
    await house.died()
    midway = await phase(house, first) == "growing"
    if midway:
        house.order(first, "broken")
    await house.restart()
    shown = await house.answered(first, 1)
    if not midway:
        assert ink(shown.text) == ink(text)


async def test_many_answers_grow_when_the_process_dies(house: PlatformHouse) -> None:
    """All of them are sealed, and what was said meanwhile is answered."""
    house.provider.default = Script(text="word " * 3000, speed=100)
    threads = [house.mention("ada", "general", f"Question {number}.") for number in range(10)]
    for number, thread in enumerate(threads):
        await house.grows(thread)
        house.reply("ada", thread, f"Follow-up {number}.")
        house.order(thread, "broken")
    await house.quiet()
    await house.crash()
    house.provider.default = Script()
    await house.restart()
    for number, thread in enumerate(threads):
        assert (await house.answered(thread, 2)).text == answer_for(f"Follow-up {number}.")
