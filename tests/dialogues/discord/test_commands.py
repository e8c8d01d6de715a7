"""Orders in Discord in the course of a conversation: slash commands, buttons, menus, forms, words."""

from __future__ import annotations

from tests.fakes.discord.messages import Message
from tests.fakes.discord_house import DiscordHouse
from tests.fakes.home import BIG, OTHER
from tests.fakes.provider import Script, answer_for
from tests.fakes.surface import BROKEN_OFF, WHOLE


async def test_every_way_to_another_model(house: DiscordHouse) -> None:
    """A slash command with completion, a word, the button and its menu, the search: each for this thread."""
    first = house.mention("ada", "general", "First question.")
    assert (await house.answered(first)).footer.startswith(BIG)
    assert OTHER in await house.command("ada", first, "model gpt-6-luna")
    house.reply("grace", first, "Second question.")
    assert (await house.answered(first)).footer.startswith(OTHER)
    house.spoken("ada", first, "!model gpt-4.1")
    await house.says(first, f"{BIG}** answers here")
    house.reply("ada", first, "Third question.")
    assert (await house.answered(first)).footer.startswith(BIG)
    await house.press(first, "Model")
    await house.choose("gpt-6-luna")
    house.reply("ada", first, "Fourth question.")
    assert (await house.answered(first)).footer.startswith(OTHER)
    await house.press(first, "Model", by="grace")
    await house.fake.press("grace", house.screens[house.fake.grace.id], "Search")
    await house.fake.submit("grace", typed="gpt-4.1")
    await house.choose(BIG, by="grace")
    house.reply("ada", first, "Fifth question.")
    assert (await house.answered(first)).footer.startswith(BIG)
    assert answer_for("First question.") in house.read()
    assert len(house.answers(first)) == 5


async def test_what_concerns_one_person(house: DiscordHouse) -> None:
    """Help, errors and thanks are read by who asked alone; a switch is read by all."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    before = len(house.words(first))
    await house.command("ada", first, "help")
    await house.press(first, "👍")
    assert len(house.words(first)) == before
    shown = [one.content for one in house.fake.whispers("ada")]
    assert len(shown) == len(set(shown))
    assert shown[-1] == "Thanks, noted."
    assert house.fake.whispers("grace") == []
    await house.command("ada", first, "model gpt-6-luna")
    assert len(house.words(first)) == before + 1


async def test_the_menu_of_a_message(house: DiscordHouse) -> None:
    """“Answer again” at an answer, at a question in the thread, and “Choose the model”."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    house.provider.script(text="Fish, then.")
    house.again(first)
    assert (await house.fake.menu("grace", house.message_of(first), "Answer again")).ok
    assert (await house.answered(first, 2)).text == "Fish, then."
    house.seen("ada", await house.fake.menu("ada", house.message_of(first), "Choose the model"))
    await house.choose("gpt-6-luna")
    house.reply("ada", first, "Second question.")
    assert (await house.answered(first)).footer.startswith(OTHER)


async def test_buttons_work_after_a_restart(house: DiscordHouse) -> None:
    """Those beneath answers of another process: another answer, another model, what people think."""
    first = house.mention("ada", "general", "What is for dinner?")
    shown = await house.answered(first)
    assert shown.labels == WHOLE
    await house.restart()
    await house.rate(first, "good")
    house.provider.script(text="Fish, then.")
    await house.press(first, "Retry", by="grace")
    assert (await house.answered(first, 2)).text == "Fish, then."
    await house.press(first, "Model")
    await house.choose("gpt-6-luna")
    house.reply("ada", first, "And for lunch?")
    assert (await house.answered(first)).footer.startswith(OTHER)


async def test_continue_after_a_crash(house: DiscordHouse) -> None:
    """An answer that a dead process left behind goes on by its button."""
    house.provider.script(text="word " * 3000, speed=100)
    first = house.mention("ada", "general", "Tell me a story.")
    await house.grows(first, 40)
    house.order(first, "broken")
    await house.crash()
    await house.restart()
    shown = await house.answered(first, 1)
    assert shown.labels == BROKEN_OFF
    house.provider.script(text="and the rest of it.")
    await house.press(first, "Continue")
    await house.answered(first, 2)
    assert "word word" in str(house.provider.requests[-1]["messages"])


async def test_stop_by_a_slash_command(house: DiscordHouse) -> None:
    """In the thread, by anybody there."""
    house.provider.script(text="word " * 5000, speed=40)
    first = house.mention("ada", "general", "Tell me a story.")
    await house.grows(first, 40)
    house.order(first, "stopped")
    await house.command("grace", first, "stop")
    assert (await house.answered(first)).outcome == "stopped"


async def test_a_click_of_many(house: DiscordHouse) -> None:
    """Everybody presses “Retry” in the same moment: one more answer."""
    first = house.mention("ada", "general", "What is for dinner?")
    await house.answered(first)
    message: Message = house.message_of(first)
    people = [house.user(f"person{number}") for number in range(5)]
    house.provider.default = Script(text="Fish, then.")
    house.again(first)
    for click in [house.later(house.fake.press(who, message, "Retry")) for who in people]:
        assert (await click).ok
    await house.answered(first, 2)
    await house.quiet()
    await house.rested(first)
    assert len(house.answers(first)) == 2


async def test_a_guest(house: DiscordHouse) -> None:
    """Where only a person has brought us along, commands are answered by the interaction alone."""
    house.fake.build.install(house.fake.app, house.fake.ada)
    group = house.fake.build.group_dm(house.fake.ada, house.fake.grace)
    assert "write to me directly" in await house.command("ada", group, "help")
    assert OTHER in await house.command("ada", group, "model gpt-6-luna")
    assert "create_message" not in house.called()


async def test_commands_are_told_once(house: DiscordHouse) -> None:
    """Discord is told of them at the first start, and not again while they stay what they are."""
    await house.restart()
    await house.restart()
    await house.command("ada", "general", "help")
    assert house.called().count("overwrite_global_commands") == 1


async def test_forgetting(house: DiscordHouse) -> None:
    """Who began the conversation is asked once, alone, and the button does it, for all to see."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    assert "Only an admin" in await house.command("grace", first, "forget")
    assert "Forget this conversation? 2 messages" in await house.command("ada", first, "forget")
    await house.click("ada", house.fake.whispers("ada")[-1], "Forget it")
    await house.says(first, "Forgotten: 2 messages.")
    house.mention("ada", "general", "Second question.", thread=first)
    await house.answered(first)
    assert "First question." not in "".join(house.read())


async def test_the_link_to_the_site_is_for_one_person(house: DiscordHouse) -> None:
    """A slash command whispers it; a word in a thread, whose answer all would see, gets none."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    assert "https://switchboard.invalid/sign-in/" in await house.command("ada", first, "settings")
    house.spoken("ada", first, "settings")
    await house.says(first, "only you may see it")
    assert not any("sign-in/" in words for words in house.words(first))
