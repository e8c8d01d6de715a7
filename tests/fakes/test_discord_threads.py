"""The fake Discord's threads, with the real discord.py."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from tests.fakes.discord.clients import Bare, Listener
from tests.fakes.discord.permissions import Can
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.times import ManualClock


async def test_a_thread_is_opened_at_a_message(fake: FakeDiscord, bot: Listener) -> None:
    """Both have one id; it is written in by everybody, and renamed by its owner."""
    said = fake.mention("ada", "general", "hello")
    got = await bot.got("message")
    thread = await got.create_thread(name="Hello", auto_archive_duration=60)
    assert thread.id == got.id
    await thread.send("hi")
    fake.say("grace", said, "me too")
    assert [message.shown for message in fake.thread(said)] == ["hi", "me too"]
    await bot.got("message", 4)
    assert [one.type.name for one in bot.of("message")] == [
        "default",
        "thread_starter_message",
        "default",
        "default",
    ]
    await thread.edit(name="Greetings")
    assert fake.world.channel(said).name == "Greetings"
    read = [message async for message in thread.history()]
    assert read[0].type is discord.MessageType.channel_name_change
    assert read[-1].type is discord.MessageType.thread_starter_message
    fake.book.expect("create_thread", "160004", times=1)
    with pytest.raises(discord.HTTPException):
        await got.create_thread(name="Twice")
    with pytest.raises(AssertionError):
        fake.open_thread("ada", said, "twice")


async def test_an_archived_thread_takes_words_but_no_changes(fake: FakeDiscord, bot: Listener) -> None:
    """Writing opens it again, unless it is locked."""
    said = fake.mention("ada", "general", "hello")
    thread = await (await bot.got("message")).create_thread(name="Hello")
    mine = await thread.send("hi")
    fake.archive(said)
    for call in (mine.edit(content="x"), mine.add_reaction("👍")):
        fake.book.expect("", "50083", times=1)
        with pytest.raises(discord.HTTPException) as caught:
            await call
        assert caught.value.code == 50083
    await thread.send("again")
    assert not fake.world.channel(said).archived
    await mine.edit(content="x")
    fake.archive(said, locked=True)
    fake.book.expect("create_message", "50083", times=1)
    with pytest.raises(discord.Forbidden):
        await thread.send("locked out")
    fake.archive(said, archived=False)
    fake.book.expect("create_message", "160005", times=1)
    with pytest.raises(discord.Forbidden):
        await thread.send("still locked out")
    assert [thread.archived for _, thread in [args for name, args in bot.events if name == "thread_update"]][
        :2
    ]


async def test_a_thread_falls_asleep(fake: FakeDiscord, bot: Listener, clock: ManualClock) -> None:
    """After the time without a word that it was opened with; words wake it, edits do not."""
    said = fake.mention("ada", "general", "hello")
    thread = await (await bot.got("message")).create_thread(name="Hello", auto_archive_duration=60)
    mine = await thread.send("hi")
    await clock.advance(3_599)
    await mine.edit(content="still awake")
    await clock.advance(2)
    fake.book.expect("edit_message", "50083", times=1)
    with pytest.raises(discord.HTTPException):
        await mine.edit(content="asleep")
    await thread.send("awake")
    await mine.edit(content="awake")
    assert [message.shown for message in fake.thread(said)] == ["awake", "awake"]


async def test_threads_are_found(fake: FakeDiscord, bot: Listener) -> None:
    """Those open in the server, those archived in the channel; a private one only once the bot was added."""
    first = fake.open_thread("ada", fake.say("ada", "general", "one"), "first")
    fake.open_thread("ada", "general", "second")
    secret = fake.open_thread("ada", "general", "secret", private=True)
    guild = bot.get_guild(int(fake.guild.id))
    assert guild is not None
    assert sorted(thread.name for thread in await guild.active_threads()) == ["first", "second"]
    fake.archive(first)
    channel: Any = bot.get_channel(int(fake.general.id))
    assert [thread.name async for thread in channel.archived_threads()] == ["first"]
    fake.say("ada", secret, "unheard")
    fake.add(fake.bot, secret)
    fake.say("ada", secret, "heard")
    while "heard" not in [message.content for message in bot.of("message")]:
        await bot.got("message", len(bot.of("message")) + 1)
    assert "unheard" not in [message.content for message in bot.of("message")]
    assert {thread.name for thread in guild.threads} >= {"second", "secret"}


async def test_what_becomes_of_channels_is_told(fake: FakeDiscord, bot: Listener) -> None:
    said = fake.say("ada", "general", "x")
    fake.open_thread("ada", said, "talk")
    fake.rename(said, "long talk")
    fake.archive(said, locked=True)
    fake.delete_channel(said.thread or said)
    room = fake.build.channel("room")
    fake.rename(room, "hall")
    fake.delete_channel(room)
    await bot.got("guild_channel_delete")
    kinds = bot.names(
        "thread_create", "thread_update", "raw_thread_delete", "guild_channel_create", "guild_channel_update"
    )
    assert kinds == [
        "thread_create",
        "thread_update",
        "thread_update",
        "raw_thread_delete",
        "guild_channel_create",
        "guild_channel_update",
    ]


async def test_threads_have_their_rights(fake: FakeDiscord, bare: Bare, clock: ManualClock) -> None:
    """Opening, writing, naming, locking are each allowed by themselves."""
    said = fake.say("ada", "general", "x")
    path = f"/channels/{fake.general.id}/messages/{said.id}/threads"
    wrong = await bare.refused(50035, "POST", path, {"name": "", "auto_archive_duration": 61})
    assert wrong.wrong == {"name BASE_TYPE_REQUIRED"}
    fake.build.permit(fake.general, fake.bot, deny=Can.CREATE_PUBLIC_THREADS | Can.SEND_MESSAGES)
    await bare.refused(50013, "POST", path, {"name": "x"})
    thread = fake.open_thread("ada", said, "x")
    messages = f"/channels/{thread.id}/messages"
    assert (await bare("POST", messages, {"content": "in threads SEND_MESSAGES has no say"})).status == 200
    fake.build.permit(fake.general, fake.bot, deny=Can.SEND_MESSAGES_IN_THREADS)
    await bare.refused(50013, "POST", messages, {"content": "x"})
    await bare.refused(50013, "PATCH", f"/channels/{thread.id}", {"name": "not its owner"})
    fake.build.permit(fake.general, fake.bot, allow=Can.MANAGE_THREADS)
    await bare("PATCH", f"/channels/{thread.id}", {"locked": True, "archived": True})
    await bare.refused(50083, "PATCH", f"/channels/{thread.id}", {"name": "x"})
    await bare("PATCH", f"/channels/{thread.id}", {"archived": False})
    fake.guild.most_threads = 1
    other = fake.say("ada", "general", "y")
    fake.build.permit(fake.general, fake.bot)
    path = f"/channels/{fake.general.id}/messages/{other.id}/threads"
    await bare.refused(160006, "POST", path, {"name": "x"})
