"""Signs beneath an answer: stop, another answer, thumbs; taken back, and by whom they do not count."""

from __future__ import annotations

from tests.fakes.home import BIG
from tests.fakes.platform_house import PlatformHouse
from tests.fakes.surface import BROKEN_OFF


async def test_a_stop_sign(house: PlatformHouse) -> None:
    """It ends the answer that grows above it."""
    house.provider.script(text="word " * 5000, speed=200)
    first = house.mention("ada", "general", "Tell me a story.")
    growing = await house.grows(first, 40)
    house.order(first, "stopped")
    house.react("grace", growing, "🛑")
    assert (await house.answered(first)).labels == BROKEN_OFF
    await house.provider.all_closed()


async def test_another_answer(house: PlatformHouse) -> None:
    """One for each sign, and none for signs beneath questions, or such as mean nothing."""
    first = house.mention("ada", "general", "What is for dinner?")
    await house.answered(first)
    house.provider.script(text="Fish, then.")
    house.again(first)
    house.react("ada", first, "🔁")
    house.react("ada", house.message_of(first), "🎉")
    house.react("grace", house.message_of(first), "🔁")
    assert (await house.answered(first, 2)).text == "Fish, then."
    house.react("grace", house.message_of(first, 0), "🔁", back=True)
    await house.quiet()
    await house.rested(first)
    assert len(house.answers(first)) == 2


async def test_thumbs(house: PlatformHouse) -> None:
    """What they say is kept with the model; a thumb taken back takes its own verdict back, and no other's."""
    first = house.mention("ada", "general", "What is for dinner?")
    await house.answered(first)
    answer, message = house.message_of(first), (await house.messages(first))[-1].id

    async def verdicts(*wanted: str) -> None:
        async def there() -> bool:
            found = await house.store.feedback.of(message)
            return [(one.verdict, one.model) for one in found] == [(one, BIG) for one in wanted]

        await house.until(there, f"verdicts {wanted}")

    house.react("ada", answer, "👍")
    house.react("grace", answer, "👎")
    await verdicts("good", "bad")
    house.react("ada", answer, "👎")
    await verdicts("bad", "bad")
    house.react("ada", answer, "👍", back=True)
    house.react("grace", answer, "👎", back=True)
    await verdicts("bad")
    (left,) = await house.store.feedback.of(message)
    assert left.person_id == (await house.messages(first))[0].person_id
