"""Files that only Slack has."""

from __future__ import annotations

from tests.fakes.slack_house import SlackHouse


async def test_a_file_from_another_company(house: SlackHouse) -> None:
    """Of a file from a shared channel Slack tells only the id at first; it is asked for the rest."""
    menu = house.slack.file("menu.txt", b"Soup, then more soup.", connect=True)
    first = house.mention("ada", "general", "What do you make of this?", files=[menu])
    await house.answered(first)
    assert "Soup, then more soup." in house.read()[-1]
