"""Every way in which a platform fails: the whole text stands there once in the end, and is billed once."""

from __future__ import annotations

import pytest

from bot.core.surface import Verb
from tests.fakes.orders import Fault
from tests.fakes.platform_house import PlatformHouse
from tests.fakes.surface import ink

STORY = {"text": "word " * 80, "speed": 300}


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.CUT, Fault.DOWN, Fault.AWAY, Fault.BUSY])
@pytest.mark.parametrize("verb", [Verb.POST, Verb.EDIT])
async def test_a_call_fails(house: PlatformHouse, verb: Verb, fault: Fault) -> None:
    """Not applied, or applied and its answer lost: the message stands there once, complete."""
    house.provider.script(**STORY)
    house.fault(fault, verb, wait=4.0)
    first = house.ask("Tell me a story.")
    shown = await house.answered(first)
    assert ink(shown.text) == "word" * 80
    assert len(house.eyes.ours(house.place(first))) == len(shown.lines)


async def test_tables_and_fences_over_several_messages(house: PlatformHouse) -> None:
    """A table, a list and a fence that go over several messages are each whole in every one of them."""
    rows = "\n".join(f"| {number} | {number * number} |" for number in range(300))
    text = (
        f"# Squares\n\n| n | n² |\n| --- | --- |\n{rows}\n\n```python\n"
        + "print('*_~<@U1>&')\n" * 200
        + "```\n\nDone."
    )
    house.provider.script(text=text, piece=10)
    first = house.mention("ada", "general", "Show me squares.")
    house.expected.elsewhere.add(str(house.place(first)))  # heads and fences are repeated on purpose
    shown = await house.answered(first)
    assert len(shown.lines) >= 3
    for line in shown.lines:
        assert line.view.text.count("```") % 2 == 0
        if "| 1" in line.view.text:
            assert "n²" in line.view.text  # the head of the table
