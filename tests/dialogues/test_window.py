"""Long conversations and the model's window."""

from bot.core.provider import ModelId
from bot.providers.prices import known_window
from tests.fakes.house import House


async def test_history_is_fitted_to_the_window_and_people_are_told(house: House) -> None:
    """The oldest messages are left out, the newest always go, and the footer counts what was left out."""
    assert known_window(ModelId("openai", "gpt-4")) == 8192
    await house.command("kitchen", "/model openai/gpt-4")
    for number in range(6):
        house.provider.script(text=f"answer{number} " * 600)
        await house.say("kitchen", f"Question {number}: " + "indeed " * 400)
        await house.answered("kitchen")
    shown = await house.answered("kitchen")
    assert "messages no longer fit and were left out" in shown.footer
    read = str(house.provider.requests[-1]["messages"])
    assert "Question 5" in read
    assert "answer4" in read
    assert "Question 0" not in read
    assert house.provider.requests[-1]["messages"][0]["role"] in ("system", "user")


async def test_a_question_that_does_not_fit_is_refused_in_words(house: House) -> None:
    """The provider says that it is too long; the person hears what to do."""
    await house.command("kitchen", "/model openai/tiny")
    house.order("kitchen", "broken")
    await house.say("kitchen", "word " * 300)
    shown = await house.answered("kitchen")
    assert "too long for openai/tiny" in shown.text
    assert "Your question is kept." in shown.text


async def test_a_smaller_model_says_what_it_cannot_read(house: House) -> None:
    """The switch itself tells how much of the conversation the smaller model will not get to read."""
    for number in range(4):
        house.provider.script(text="answer " * 1500)
        await house.say("kitchen", f"Question {number}: " + "indeed " * 900)
        await house.answered("kitchen")
    said = await house.command("kitchen", "/model openai/gpt-4")
    assert "no longer fit" in said
