"""A conversation in a group of people, a place that only Slack has."""

from __future__ import annotations

from tests.fakes.home import BIG, OTHER
from tests.fakes.provider import answer_for
from tests.fakes.slack_house import SlackHouse


async def test_three_turns_in_a_group(house: SlackHouse) -> None:
    """The group's thread is a conversation as any other, with a model of its own."""
    group = house.slack.world.group_dm("mpim", [house.slack.ada, house.slack.grace, house.slack.bot.bot])
    first = house.mention("ada", group, "First question.")
    shown = await house.answered(first)
    assert shown.text == answer_for("First question.")
    assert shown.footer.startswith(BIG)
    house.reply("grace", first, "Second question.")
    second = await house.answered(first)
    house.spoken("ada", first, "!model gpt-6-luna")
    await house.says(first, f"{OTHER}** answers here")
    house.reply("ada", first, "Third question.")
    assert (await house.answered(first)).footer.startswith(OTHER)
    assert house.read()[1::2] == [shown.text, second.text]
