"""People talk, models answer."""

from tests.fakes.house import House
from tests.fakes.provider import answer_for


async def test_the_first_message_is_answered_with_its_cost(house: House) -> None:
    """One message becomes one complete answer, with model, tokens, cost and seconds beneath it."""
    await house.say("kitchen", "What is for dinner?")
    shown = await house.answered("kitchen")
    assert shown.text == answer_for("What is for dinner?")
    model, tokens, cost, seconds = shown.footer.split(" · ")
    assert model == "openai/gpt-4.1"
    assert tokens.endswith(" tokens")
    assert cost.startswith("$")
    assert seconds.endswith(" s")
    assert shown.labels == ["Retry"]
