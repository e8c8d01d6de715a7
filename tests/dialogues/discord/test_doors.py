"""Doors that are closed: archived, locked and deleted threads, missing permissions, closed direct messages."""

from __future__ import annotations

from tests.fakes.discord.permissions import Can
from tests.fakes.discord_house import DiscordHouse
from tests.fakes.provider import answer_for


async def test_an_archived_thread_wakes_up(house: DiscordHouse) -> None:
    """A thread that was archived under a growing answer is opened again, and the answer becomes whole."""
    house.provider.script(text="word " * 300, speed=300, holds=(40,))
    first = house.mention("ada", "general", "Tell me a story.")
    await house.grows(first)
    house.fake.book.expect("edit_message", "50083")
    house.fake.book.expect("create_message", "50083")
    house.fake.archive(first)
    house.provider.go_on()
    shown = await house.answered(first)
    assert shown.text.split() == ["word"] * 300


async def test_a_locked_thread(house: DiscordHouse) -> None:
    """Nothing can be shown in a thread that is locked: what was used is billed, and elsewhere it is answered."""
    house.provider.script(text="word " * 300, speed=300, holds=(40,))
    first = house.mention("ada", "general", "Tell me a story.")
    growing = await house.grows(first)
    house.fake.book.expect("", "50083")
    house.fake.book.expect("", "160005")
    house.fake.book.expect("", "50013")
    house.expected.unseen = True
    house.fake.archive(first, locked=True)
    house.provider.go_on()
    await house.provider.billed_all()
    await house.rested(first)
    growing.deleted = True
    second = house.mention("ada", "general", "Are you there?")
    assert (await house.answered(second)).text == answer_for("Are you there?")


async def test_the_thread_is_deleted_under_the_answer(house: DiscordHouse) -> None:
    """Nobody can be shown anything: the provider's stream is closed, what was used is billed, the next is answered."""
    house.provider.script(text="word " * 5000, speed=40)
    first = house.mention("ada", "general", "Tell me a story.")
    growing = await house.grows(first)
    house.fake.book.expect("", "10003")
    house.expected.unseen = True
    house.fake.delete_channel(first)
    await house.provider.billed_all()
    await house.rested(first)
    assert not house.provider.billed[0].completed
    growing.deleted = True
    second = house.mention("ada", "general", "Are you there?")
    assert (await house.answered(second)).text == answer_for("Are you there?")


async def test_the_answer_is_deleted_while_it_grows(house: DiscordHouse) -> None:
    """Somebody who may has taken it away: nothing hangs, what was used is billed, and the next is answered."""
    house.provider.script(text="word " * 300, speed=300, holds=(40,))
    first = house.mention("ada", "general", "Tell me a story.")
    growing = await house.grows(first)
    house.fake.book.expect("edit_message", "10008")
    house.expected.unseen = True
    house.delete("ada", growing)
    house.provider.go_on()
    await house.provider.billed_all()
    await house.rested(first)
    house.reply("ada", first, "Second question.")
    assert (await house.answered(first)).text == answer_for("Second question.")


async def test_where_no_thread_can_be_opened(house: DiscordHouse) -> None:
    """Without that permission the answer is a reply in the channel, and who replies to it goes on."""
    house.fake.build.permit(house.fake.general, house.fake.bot, deny=Can.CREATE_PUBLIC_THREADS)
    house.fake.book.expect("create_thread", "50013")
    house.fake.book.expect("get_channel", "10003")
    first = house.mention("ada", "general", "First question.")
    shown = await house.answered(first)
    assert shown.text == answer_for("First question.")
    assert first.thread is None
    house.reply("ada", first, "Second question.")
    await house.answered(first)
    assert shown.text in house.read()


async def test_where_nothing_can_be_written(house: DiscordHouse) -> None:
    """In a channel in which the bot may only read, nothing is shown, nothing hangs, and other places are answered."""
    may_not = Can.SEND_MESSAGES | Can.SEND_MESSAGES_IN_THREADS | Can.CREATE_PUBLIC_THREADS
    house.fake.build.permit(house.fake.general, house.fake.bot, deny=may_not)
    house.fake.book.expect("", "50013")
    house.fake.book.expect("get_channel", "10003")
    house.expected.unseen = True
    first = house.mention("ada", "general", "First question.")
    await house.quiet()
    await house.rested(first)
    other = house.mention("ada", house.room("room"), "Are you there?")
    assert (await house.answered(other)).text == answer_for("Are you there?")


async def test_direct_messages_that_were_closed(house: DiscordHouse) -> None:
    """Who takes no direct messages any more gets no answer there; nothing hangs, and others are answered."""
    first = house.dm("ada", "First question.")
    await house.answered(first)
    house.fake.close_dms("ada")
    house.fake.book.expect("", "50007")
    house.expected.unseen = True
    house.dm("ada", "Second question.")
    await house.quiet()
    await house.rested(first)
    other = house.dm("grace", "Are you there?")
    assert (await house.answered(other)).text == answer_for("Are you there?")
