"""Where answers are replies in the channel: a chain of replies is a conversation, and an older message a branch."""

from __future__ import annotations

from tests.fakes.discord_house import DiscordHouse
from tests.fakes.home import OTHER
from tests.fakes.provider import answer_for


async def test_three_turns(chains: DiscordHouse) -> None:
    """Each answer replies to its question, and has read the chain above it; no thread is opened."""
    house = chains
    first = house.mention("ada", "general", "First question.")
    shown = await house.answered(first)
    assert shown.text == answer_for("First question.")
    house.reply("ada", first, "Second question.")
    second = await house.answered(first)
    house.reply("grace", first, "Third question.")
    await house.answered(first)
    assert house.read()[1::2] == [shown.text, second.text]
    assert first.thread is None
    assert "create_thread" not in house.called()
    assert all(message.replied is not None for message in house.eyes.ours(house.place(first)))


async def test_an_older_answer_is_a_branch(chains: DiscordHouse) -> None:
    """Who replies to an earlier answer goes on from there: what was said after it is not read."""
    house = chains
    first = house.mention("ada", "general", "First question.")
    shown = await house.answered(first)
    house.reply("ada", first, "Second question.")
    await house.answered(first)
    earlier = next(one for one in house.eyes.ours(house.place(first)) if one.id == shown.lines[0].id)
    house.said(house.fake.reply("ada", earlier, "Another second question."), "Another second question.")
    await house.answered(first)
    read = "\n".join(house.read())
    assert "First question." in read
    assert shown.text in read
    assert answer_for("Second question.") not in house.read()


async def test_two_chains_know_nothing_of_one_another(chains: DiscordHouse) -> None:
    """Each mention that answers nothing begins a conversation of its own, in the same channel."""
    house = chains
    first = house.mention("ada", "general", "First question.")
    second = house.mention("grace", "general", "Second question.")
    await house.answered(first)
    await house.answered(second)
    house.reply("ada", first, "And then?")
    await house.answered(first)
    assert len(await house.messages(first)) == 4
    assert len(await house.messages(second)) == 2


async def test_another_model(chains: DiscordHouse) -> None:
    """A word in the chain, and the button beneath an answer, are for that chain alone."""
    house = chains
    first = house.mention("ada", "general", "First question.")
    second = house.mention("grace", "general", "Second question.")
    await house.answered(first)
    await house.answered(second)
    await house.press(first, "Model")
    await house.choose("gpt-6-luna")
    house.reply("ada", first, "And then?")
    assert (await house.answered(first)).footer.startswith(OTHER)
    house.reply("grace", second, "And what then?")
    assert not (await house.answered(second)).footer.startswith(OTHER)


async def test_a_chain_after_a_restart(chains: DiscordHouse) -> None:
    """It goes on where it was; what was said meanwhile is answered once."""
    house = chains
    first = house.mention("ada", "general", "First question.")
    shown = await house.answered(first)
    await house.stop()
    house.reply("ada", first, "Second question.")
    await house.restart()
    assert (await house.answered(first)).text == answer_for("Second question.")
    assert shown.text in house.read()
    assert len(house.answers(first)) == 2


async def test_long_answers_in_one_channel(chains: DiscordHouse) -> None:
    """Two answers of several messages each grow side by side in one channel, and each is whole."""
    house = chains
    text = " ".join(f"word{number}" for number in range(600))
    house.provider.script(text=text, speed=400)
    house.provider.script(text=text.upper(), speed=400)
    first = house.mention("ada", "general", "First question.")
    second = house.mention("grace", "general", "Second question.")
    one, other = await house.answered(first), await house.answered(second)
    assert {"".join(one.text.split()).lower(), "".join(other.text.split()).lower()} == {"".join(text.split())}
    assert len(one.lines) > 1
    assert len(other.lines) > 1


async def test_a_fork_of_a_chain(chains: DiscordHouse) -> None:
    """It begins with a message of ours in the channel: who replies to that goes on in the fork."""
    house = chains
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    await house.menu("ada", house.message_of(first), "Fork from here")
    opening = await house.forked()
    house.said(house.fake.reply("grace", opening, "Second question."), "Second question.")
    await house.answered(opening)
    assert "First question." in house.read()[0]
    assert len(await house.messages(opening)) == 4
    assert len(await house.messages(first)) == 2


async def test_an_edited_question_of_a_chain(chains: DiscordHouse) -> None:
    """The offer stands beneath it in the channel, and its button knows which chain it is about."""
    house = chains
    first = house.mention("ada", "general", "What is for dinner?")
    await house.answered(first)
    house.edit("ada", first, f"{house.naming('bot')} What is for lunch?")
    await house.until(lambda: bool(house.offers("ada", first)), "an offer")
    house.again(first)
    await house.click("ada", house.offers("ada", first)[-1], "Answer again")
    assert (await house.answered(first, 2)).text == answer_for("What is for lunch?")
