"""Ways to another model that only Slack has."""

from __future__ import annotations

import re

from tests.fakes.home import BIG, OTHER
from tests.fakes.slack_house import SlackHouse


async def test_the_shortcut_of_a_message(house: SlackHouse) -> None:
    """The same window opens from a message's menu, where a slash command cannot be written."""
    first = house.mention("ada", "general", "First question.")
    shown = await house.answered(first)
    answer = house.slack.general.messages[shown.lines[-1].id]
    shortcut = next(name for name, kind in house.slack.app.shortcuts.items() if kind == "message")
    assert (await house.slack.shortcut("grace", shortcut, answer)).ok
    await house.choose("gpt-6-luna", by="grace")
    house.reply("ada", first, "Second question.")
    assert (await house.answered(first)).footer.startswith((OTHER, BIG))


async def test_forgetting_by_the_button_of_a_whisper(house: SlackHouse) -> None:
    """Only who asks is asked back; what was forgotten is said for all, and talk goes on afresh at a mention."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    house.spoken("grace", first, "forget")
    await house.until(lambda: any("Only an admin" in one for one in house.whispers("grace")), "a refusal")
    house.spoken("ada", first, "forget")
    await house.until(lambda: any("Forget this" in one for one in house.whispers("ada")), "the question")
    await house.click("ada", house.slack.whispers("ada")[-1], "Forget it")
    await house.says(first, "Forgotten: 2 messages.")
    house.mention("ada", "general", "Second question.", thread=first)
    await house.answered(first)
    assert "First question." not in "".join(house.read())


async def test_the_link_to_the_site(house: SlackHouse) -> None:
    """It is whispered to who asks, and signs in the very person that Slack knows, with all roles."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    ada = (await house.messages(first))[0].person_id
    assert ada is not None
    await house.store.people.grant(ada, "admin", f"slack:{house.slack.team.id}")
    house.spoken("ada", first, "settings")
    await house.until(lambda: bool(house.whispers("ada")), "a link")
    (link,) = re.findall(r"https://switchboard\.invalid/sign-in/([\w-]+)", house.whispers("ada")[-1])
    assert not any("sign-in" in words for words in house.words(first))
    redeemed = await house.store.sessions.redeem(link, "a browser")
    assert redeemed is not None
    assert redeemed[0].id == ada
    assert await house.store.people.roles(redeemed[0].id) == {("admin", f"slack:{house.slack.team.id}")}
    assert await house.store.sessions.redeem(link, "a browser") is None
