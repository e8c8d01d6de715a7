"""The buttons beneath an answer and above it: stop, retry, continue, another model, and what people think."""

from __future__ import annotations

from tests.fakes.home import BIG, OTHER
from tests.fakes.platform_house import PlatformHouse
from tests.fakes.provider import answer_for
from tests.fakes.surface import BROKEN_OFF, WHOLE


async def test_stop(house: PlatformHouse) -> None:
    """A click on Stop ends the answer; the text so far is kept, with a way on."""
    house.provider.script(text="word " * 5000, speed=40)
    first = house.mention("ada", "general", "Tell me a story.")
    growing = await house.grows(first, 40)
    house.order(first, "stopped")
    await house.click("grace", growing, "Stop")
    shown = await house.answered(first)
    await house.provider.all_closed()
    assert not house.provider.billed[0].completed
    assert shown.labels == BROKEN_OFF
    assert len(shown.lines) == 1


async def test_stop_by_a_word(house: PlatformHouse) -> None:
    """The bot's name and the word in the thread do the same."""
    house.provider.script(text="word " * 5000, speed=40)
    first = house.mention("ada", "general", "Tell me a story.")
    await house.grows(first, 40)
    house.order(first, "stopped")
    house.spoken("ada", first, "stop")
    assert (await house.answered(first)).outcome == "stopped"


async def test_retry(house: PlatformHouse) -> None:
    """Another answer to the same question stands beneath the first."""
    first = house.mention("ada", "general", "What is for dinner?")
    await house.answered(first)
    house.provider.script(text="Fish, then.")
    await house.press(first, "Retry")
    assert (await house.answered(first, 2)).text == "Fish, then."


async def test_continue(house: PlatformHouse) -> None:
    """An answer that broke off goes on where it was."""
    house.provider.script(text="word " * 100, fail="cut", after=50)
    first = house.mention("ada", "general", "Tell me a story.")
    house.order(first, "broken")
    shown = await house.answered(first)
    assert shown.labels == BROKEN_OFF
    house.provider.script(text="and the rest of it.")
    await house.press(first, "Continue")
    await house.answered(first, 2)
    assert "word word" in str(house.provider.requests[-1]["messages"])


async def test_the_model_button(house: PlatformHouse) -> None:
    """It opens a window in which every model can be chosen; the thread says which one it is now."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    await house.press(first, "Model")
    await house.choose("gpt-6-luna")
    await house.until(lambda: any(OTHER in word for word in house.words(first)[1:]), "the switch")
    house.reply("ada", first, "Second question.")
    shown = await house.answered(first)
    assert shown.footer.startswith(OTHER)
    assert answer_for("First question.") in house.read()


async def test_thumbs(house: PlatformHouse) -> None:
    """What each person thinks of an answer is kept once, with the model it is about; the last word counts."""
    first = house.mention("ada", "general", "What is for dinner?")
    shown = await house.answered(first)
    assert shown.labels == WHOLE
    await house.rate(first, "good")
    await house.rate(first, "bad", by="grace")
    await house.rate(first, "bad")
    answer = (await house.messages(first))[-1]

    async def verdicts() -> list[tuple[str, str | None]]:
        return [(one.verdict, one.model) for one in await house.store.feedback.of(answer.id)]

    async def both() -> bool:
        return await verdicts() == [("bad", BIG), ("bad", BIG)]

    await house.until(both, "two verdicts")
    assert len(house.answers(first)) == 1


async def test_an_edited_question(house: PlatformHouse) -> None:
    """Once for several edits another answer is offered, and the button gives it to the new words."""
    first = house.mention("ada", "general", "What is for dinner?")
    await house.answered(first)
    for text in ("What is for lunch?", "What is for breakfast?"):
        house.edit("ada", first, f"{house.naming('bot')} {text}")
    await house.until(lambda: bool(house.offers("ada", first)), "an offer")
    await house.quiet()
    (offer,) = house.offers("ada", first)
    house.again(first)
    await house.click("ada", offer, "Answer again")
    assert (await house.answered(first, 2)).text == answer_for("What is for breakfast?")
    assert house.read() == ["What is for breakfast?"]
