"""Many people at once."""

from __future__ import annotations

from tests.fakes.platform_house import PlatformHouse
from tests.fakes.provider import Script, answer_for
from tests.fakes.surface import ink


async def test_fifty_at_once(either: PlatformHouse) -> None:
    """Fifty questions in one workspace at the same moment: each has its own answer, complete and exact."""
    house = either
    house.provider.default = Script(speed=100)
    people = [(house.user(f"person{number}"), house.room(f"room{number}")) for number in range(50)]
    asked = [house.ask(f"Question {n}.", who=who, where=room) for n, (who, room) in enumerate(people)]
    for number, thread in enumerate(asked):
        shown = await house.answered(thread)
        assert ink(shown.text) == ink(answer_for(f"Question {number}."))
        assert len(house.answers(thread)) == 1
