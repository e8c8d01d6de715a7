"""Long conversations and the model's window."""

import pytest

from bot.conversation.summarising import INSTRUCTIONS
from bot.core.provider import ModelId
from bot.providers.pricelist import window
from tests.fakes.house import House


async def test_history_is_fitted_to_the_window_and_people_are_told(house: House) -> None:
    """The oldest messages are left out, the newest always go, and the footer counts what was left out."""
    assert window(ModelId("openai", "gpt-4")) == 8192
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
    await house.store.settings.set("installation", "chain", [], by=None)
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


async def overflow(house: House, first: int = 0) -> None:
    """Talk until the oldest messages no longer fit. What a summary reads is not asked again."""
    for number in range(first, first + 9):
        question = f"Question {number}: " + "indeed " * 400
        house.expected.forked.add(question)
        house.provider.script(text=f"answer{number} " * 600)
        await house.say("kitchen", question)
        if "Summarise" in (await house.answered("kitchen")).labels:
            return
    raise AssertionError("everything fits")


async def test_the_oldest_part_is_summed_up_at_a_wish(house: House) -> None:
    """One call more, in the ledger by its kind; then models read the summary, which people see too."""
    await house.command("kitchen", "/model openai/gpt-4")
    await overflow(house)
    house.provider.script(text="They spoke of plums.")
    told = await house.press("kitchen", "Summarise")
    assert "asked for by Ann and written by **openai/gpt-4**" in told
    assert told.endswith("> They spoke of plums.")
    asked = house.provider.requests[-1]["messages"]
    assert asked[0]["content"] == INSTRUCTIONS
    assert "Question 0" in asked[-1]["content"]
    assert [entry.kind for entry in await house.store.ledger.billed()][-2:] == ["chat", "summary"]
    await house.say("kitchen", "And what now?")
    shown = await house.answered("kitchen")
    assert "a summary stood for" in shown.footer
    assert "no longer fit" not in shown.footer
    read = str(house.provider.requests[-1]["messages"])
    assert "They spoke of plums." in read
    assert "nobody said it" in read
    assert "Question 0" not in read
    assert house.answers("kitchen")[-2].text[-40:] in read
    assert "still fits" in await house.command("kitchen", "/summarise")


async def test_a_later_overflow_takes_the_summary_in(house: House) -> None:
    """The second summary reads the first, and stands for both parts."""
    await house.command("kitchen", "/model openai/gpt-4")
    await overflow(house)
    house.provider.script(text="They spoke of plums.")
    await house.press("kitchen", "Summarise")
    await overflow(house, 20)
    house.provider.script(text="Plums, then pears.")
    await house.press("kitchen", "Summarise")
    asked = house.provider.requests[-1]["messages"][-1]["content"]
    assert asked.startswith("[Earlier summary]\nThey spoke of plums.")
    assert "Question 0" not in asked
    await house.say("kitchen", "And what now?")
    await house.answered("kitchen")
    read = str(house.provider.requests[-1]["messages"])
    assert "Plums, then pears." in read
    assert "They spoke of plums." not in read


async def test_a_summary_that_fails_changes_nothing(house: House) -> None:
    """The person hears why, nothing stays held, and it can be asked for again."""
    await house.command("kitchen", "/model openai/gpt-4")
    await overflow(house)
    house.provider.script(fail="cut", text="They spoke " * 40, after=5)
    assert "plums" not in await house.press("kitchen", "Summarise")
    conversation = await house.store.conversations.current(str(house.place("kitchen")))
    assert conversation is not None
    branch = [message.id for message in await house.messages("kitchen")]
    assert await house.store.summaries.of(branch) is None
    house.provider.script(text="They spoke of plums.")
    assert "They spoke of plums." in await house.press("kitchen", "Summarise")


@pytest.mark.parametrize("how", ["amend", "withdraw"])
async def test_a_summary_goes_with_what_it_was_made_of(house: House, how: str) -> None:
    """Where somebody edits or deletes what it covers, no model reads it any more."""
    await house.command("kitchen", "/model openai/gpt-4")
    secret = await house.say("kitchen", "The plum stone is under the step.")
    house.expected.forked.add("The plum stone is under the step.")
    await house.answered("kitchen")
    await overflow(house)
    house.provider.script(text="The stone is under the step.")
    await house.press("kitchen", "Summarise")
    assert await (house.amend(secret, "Nothing.") if how == "amend" else house.withdraw(secret))
    await house.say("kitchen", "And what now?")
    await house.answered("kitchen")
    assert "under the step" not in str(house.provider.requests[-1]["messages"])


async def test_more_than_one_call_can_read_is_summed_up_in_turn(house: House) -> None:
    """The oldest first, as much as fits, and the button for what is left; nothing is passed over."""
    for number in range(4):
        question = f"Question {number}: " + "indeed " * 1000
        house.expected.forked.add(question)
        house.provider.script(text=f"answer{number} " * 1500)
        await house.say("kitchen", question)
        await house.answered("kitchen")
    await house.command("kitchen", "/model openai/gpt-4")
    house.provider.script(text="Of plums.")
    assert "another one goes on from here" in await house.command("kitchen", "/summarise")
    assert "Question 0" in house.provider.requests[-1]["messages"][-1]["content"]
    house.provider.script(text="Of plums and pears.")
    await house.command("kitchen", "/summarise")
    assert "[Earlier summary]\nOf plums." in house.provider.requests[-1]["messages"][-1]["content"]
