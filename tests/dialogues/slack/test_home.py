"""The app's own page: a person's model and why, their usage this month, their budgets, the choice of a default."""

from __future__ import annotations

import json

from tests.fakes.home import BIG, OTHER
from tests.fakes.slack_house import SlackHouse


def shown(house: SlackHouse) -> str:
    view = house.slack.home("ada")
    return "" if view is None else json.dumps(view.given["blocks"], ensure_ascii=False)


async def test_the_home_tab(house: SlackHouse) -> None:
    """It says what holds, lets a default be chosen and taken back, and is new after each."""
    question = house.mention("ada", "general", "First question.")
    await house.answered(question)
    house.slack.open_home("ada")
    await house.until(lambda: BIG in shown(house), "the page")
    assert "the default for what is configured" in shown(house)
    assert "1 answer for $" in shown(house)
    assert "of $100 today, everybody's" in shown(house)
    view = house.slack.home("ada")
    assert view is not None
    assert "home:default" not in view.actions
    assert (await house.slack.click("ada", view, "home:model")).ok
    await house.choose("gpt-6-luna")
    await house.until(lambda: f"*{OTHER}*" in shown(house), "the page with the choice")
    assert "your own default" in shown(house)
    other = house.mention("ada", "general", "Second question.")
    assert (await house.answered(other)).footer.startswith(OTHER)
    assert (await house.slack.click("ada", view, "home:default")).ok
    await house.until(lambda: f"*{BIG}*" in shown(house), "the page without it")
