"""What is meant for the bot and what is not, and how what changes or stood there before reaches the model."""

from __future__ import annotations

from tests.fakes.platform_house import PlatformHouse
from tests.fakes.provider import answer_for


async def test_follow_ups_need_no_mention(house: PlatformHouse) -> None:
    """In a thread it answers in, the bot hears everybody; by their names."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    house.reply("grace", first, "And for me?")
    await house.answered(first)
    assert "Grace" in house.read()[-1] or "grace" in house.read()[-1]


async def test_what_begins_with_somebody_elses_name(house: PlatformHouse) -> None:
    """Words to somebody else are left alone, but the model reads them with the next question."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    house.talk("ada", "general", f"{house.naming('grace')} what do you think?", thread=first)
    await house.quiet()
    house.reply("grace", first, "I think it is fine.")
    await house.answered(first)
    assert len(house.provider.requests) == 2
    assert "what do you think?" in "\n".join(house.read())


async def test_threads_that_are_not_ours(house: PlatformHouse) -> None:
    """Talk in a channel, and in threads the bot was never asked into, is none of its business."""
    talk = house.talk("ada", "general", "Who is in today?")
    house.talk("grace", "general", "I am.", thread=talk)
    await house.quiet()
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    assert len(house.provider.requests) == 1
    assert "Who is in today?" not in "\n".join(house.read())


async def test_what_stood_in_the_thread_before(house: PlatformHouse) -> None:
    """Called into a thread, the bot has read what was said there."""
    talk = house.talk("ada", "general", "The soup was salty.")
    house.talk("grace", "general", "It was not salty enough.", thread=talk)
    await house.quiet()
    asked = house.mention("ada", "general", "Who is right?", thread=talk)
    await house.answered(asked)
    read = "\n".join(house.read())
    assert (
        read.index("The soup was salty.")
        < read.index("It was not salty enough.")
        < read.index("Who is right?")
    )
    house.reply("grace", asked, "Are you sure?")
    await house.answered(asked)
    assert "\n".join(house.read()).count("It was not salty enough.") == 1


async def test_a_channel_of_mentions_only(house: PlatformHouse) -> None:
    """Where a channel has said so, only what names the bot is for it; the rest is read with the next question."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    await house.command("ada", "general", "follow mentions")
    house.talk("grace", "general", "Between ourselves.", thread=first)
    await house.quiet()
    house.mention("ada", "general", "Second question.", thread=first)
    await house.answered(first)
    assert len(house.provider.requests) == 2
    assert "Between ourselves." in "\n".join(house.read())


async def test_an_edit_is_what_the_next_answer_reads(house: PlatformHouse) -> None:
    """A question that is corrected after its answer stands corrected in the history."""
    first = house.mention("ada", "general", "What is for dinner?")
    await house.answered(first)
    house.edit("ada", first, f"{house.naming('bot')} What is for lunch?")
    await house.quiet()
    house.reply("ada", first, "Are you sure?")
    await house.answered(first)
    read = "\n".join(house.read())
    assert "What is for lunch?" in read
    assert "What is for dinner?" not in read


async def test_what_is_deleted_is_forgotten(house: PlatformHouse) -> None:
    """A message that is taken back after its answer is read by no model any more."""
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    second = house.reply("ada", first, "My password is mellon.")
    await house.answered(first)
    house.delete("ada", second)
    await house.quiet()
    house.reply("ada", first, "Third question.")
    await house.answered(first)
    assert "mellon" not in "\n".join(text for text in house.read() if not text.startswith("Answer "))


async def test_a_name_put_in_afterwards(house: PlatformHouse) -> None:
    """A message that names the bot only since it was edited is answered then, once."""
    talk = house.talk("ada", "general", "What is for dinner?")
    await house.quiet()
    house.edit("ada", talk, f"{house.naming('bot')} What is for dinner?")
    house.said(talk, "What is for dinner?")
    assert (await house.answered(talk)).text == answer_for("What is for dinner?")


async def test_another_bot_is_not_answered(house: PlatformHouse) -> None:
    """Two bots in one thread do not talk to one another for ever."""
    other = house.other_bot("pipeline")
    first = house.mention("ada", "general", "First question.")
    await house.answered(first)
    house.talk(other, "general", f"{house.naming('bot')} the build is red", thread=first)
    await house.quiet()
    house.reply("ada", first, "Second question.")
    await house.answered(first)
    assert len(house.provider.requests) == 2


async def test_a_model_that_tries_to_call_people(either: PlatformHouse) -> None:
    """Whatever a model writes, nobody is called by it; people read its words all the same."""
    house = either
    text = f"<!channel> {house.naming('grace')} <!here> @here @everyone @channel, everybody! `<!everyone>`"
    house.provider.script(text=text)
    shown = await house.answered(house.ask("Call them."))
    assert all(word in shown.text for word in ("channel", "here", "everybody"))
