"""Two processes of one installation, each with a connection of its own: both hear everything, one answers."""

from __future__ import annotations

from tests.fakes.discord_house import DiscordHouse
from tests.fakes.home import OTHER
from tests.fakes.provider import answer_for


async def test_both_hear_it_and_one_answers(house: DiscordHouse) -> None:
    """Mentions, follow-ups and direct messages are answered once each."""
    await house.pair()
    first, direct = house.mention("ada", "general", "First question."), house.dm("ada", "In private.")
    assert (await house.answered(first)).text == answer_for("First question.")
    assert (await house.answered(direct)).text == answer_for("In private.")
    house.reply("ada", first, "Second question.")
    assert (await house.answered(first)).text == answer_for("Second question.")
    await house.quiet()
    assert len(house.answers(first)) == 2
    assert len(house.answers(direct)) == 1


async def test_an_order_is_carried_out_once(house: DiscordHouse) -> None:
    """A slash command, a click and a word: what is said for all stands there once."""
    await house.pair()
    house.book.expect("", "40060")  # who was second is told so
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    await house.command("ada", first, "model gpt-6-luna")
    await house.quiet()
    assert sum(f"{OTHER}** answers here" in said for said in house.words(first)) == 1
    house.spoken("ada", first, "!model gpt-4.1")
    await house.says(first, "openai/gpt-4.1** answers here")
    await house.quiet()
    assert sum("openai/gpt-4.1** answers here" in said for said in house.words(first)) == 1
    await house.press(first, "Retry")
    await house.answered(first, 2)
    await house.quiet()
    await house.rested(first)
    assert len(house.answers(first)) == 2
