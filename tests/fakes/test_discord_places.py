"""The fake Discord's channels, servers and people, as discord.py asks for them."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from tests.fakes.discord.channels import NEWS, VOICE
from tests.fakes.discord.clients import Bare, Listener
from tests.fakes.discord.permissions import ALL, Can, allowed
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.refused import Misuse


async def test_the_server_is_read(fake: FakeDiscord, bot: Listener) -> None:
    guild = await bot.fetch_guild(int(fake.guild.id))
    assert guild.owner_id == int(fake.ada.id)
    assert [channel.name for channel in await guild.fetch_channels()] == ["general", "secret"]
    assert [role.name for role in await guild.fetch_roles()] == ["@everyone", "switchboard"]
    assert (await bot.fetch_user(int(fake.grace.id))).name == "grace"
    channel = await bot.fetch_channel(int(fake.general.id))
    assert isinstance(channel, discord.TextChannel)


async def test_what_is_not_there(fake: FakeDiscord, bare: Bare) -> None:
    await bare.refused(10013, "GET", "/users/17")
    await bare.refused(10004, "GET", "/guilds/17")
    await bare.refused(10013, "GET", f"/guilds/{fake.guild.id}/members/17")
    stranger = fake.build.user("mallory", member=False)
    await bare.refused(10007, "GET", f"/guilds/{fake.guild.id}/members/{stranger.id}")
    other = fake.build.guild("Other", fake.ada)
    await bare.refused(50001, "GET", f"/guilds/{other.id}")
    await bare.refused(10013, "POST", "/users/@me/channels", {"recipient_id": "17"})
    await bare.refused(50007, "POST", "/users/@me/channels", {"recipient_id": fake.bot.id})
    voice = fake.build.channel("lobby", kind=VOICE)
    assert (await bare("POST", f"/channels/{voice.id}/messages", {"content": "x"})).status == 200
    said = fake.say("ada", voice, "x")
    await bare.refused(50024, "POST", f"/channels/{voice.id}/messages/{said.id}/threads", {"name": "x"})
    fake.delete_channel(voice)
    await bare.refused(10003, "GET", f"/channels/{voice.id}")


async def test_a_bot_manages_channels_if_it_may(fake: FakeDiscord, bot: Listener) -> None:
    channel: Any = bot.get_channel(int(fake.general.id))
    fake.book.expect("", "50013", times=2)
    for call in (channel.edit(name="lounge"), channel.delete()):
        with pytest.raises(discord.Forbidden):
            await call
    fake.build.change_role(fake.build.bot_role(fake.app), ALL)
    await channel.edit(name="lounge", topic="talk")
    assert (fake.general.name, fake.general.topic) == ("lounge", "talk")
    await channel.delete()
    assert fake.general.deleted


async def test_a_bot_goes_in_and_out(fake: FakeDiscord, bot: Listener) -> None:
    """Of threads, of the server."""
    channel: Any = bot.get_channel(int(fake.general.id))
    public = await channel.create_thread(name="free", type=discord.ChannelType.public_thread)
    assert fake.general.messages[next(reversed(fake.general.messages))].kind == 18
    assert fake.shown("general") == []
    await public.leave()
    assert fake.bot.id not in fake.world.channels[str(public.id)].members
    await public.join()
    assert fake.bot.id in fake.world.channels[str(public.id)].members
    fake.build.permit(fake.general, fake.bot, deny=Can.CREATE_PRIVATE_THREADS)
    fake.book.expect("create_free_thread", "50013", times=1)
    with pytest.raises(discord.Forbidden):
        await channel.create_thread(name="own")
    fake.archive(str(public.id))
    fake.book.expect("join_thread", "50083", times=1)
    with pytest.raises(discord.HTTPException):
        await public.join()
    fake.book.expect("leave_thread", "50024", times=1)
    with pytest.raises(discord.HTTPException):
        await bot.http.leave_thread(channel.id)
    news = fake.build.channel("news", kind=NEWS)
    thread = fake.open_thread("ada", fake.say("ada", news, "x"), "about it")
    assert thread.kind == 10
    guild = bot.get_guild(int(fake.guild.id))
    assert guild is not None
    await guild.leave()
    await bot.got("guild_remove")
    assert fake.bot.id not in fake.guild.members


async def test_rights_are_worked_out(fake: FakeDiscord) -> None:
    """Everybody's, then roles together, then the person's; the owner and administrators may all."""
    room = fake.build.channel("room")
    team = fake.build.role("team", Can.MANAGE_MESSAGES)
    fake.build.give(fake.grace, team)
    assert Can.MANAGE_MESSAGES in allowed(room, fake.grace)
    fake.build.permit(room, fake.guild, deny=Can.VIEW_CHANNEL)
    assert allowed(room, fake.grace) == Can(0)
    fake.build.permit(room, team, allow=Can.VIEW_CHANNEL, deny=Can.SEND_MESSAGES)
    assert Can.SEND_MESSAGES not in allowed(room, fake.grace)
    fake.build.permit(room, fake.grace, allow=Can.SEND_MESSAGES)
    assert Can.SEND_MESSAGES in allowed(room, fake.grace)
    assert allowed(room, fake.ada) == ALL
    assert allowed(room, fake.bot) == Can(0)
    fake.build.change_role(team, Can.ADMINISTRATOR)
    assert allowed(room, fake.grace) == ALL


async def test_people_can_do_what_people_can(fake: FakeDiscord) -> None:
    """And nothing else: a test that asks for more is wrong."""
    pager = fake.build.other_bot("pager")
    said = fake.say(pager, "general", "down!")
    fake.build.permit(fake.general, fake.grace, deny=Can.SEND_MESSAGES | Can.ADD_REACTIONS)
    for misuse in (
        lambda: fake.say("grace", "general", "x"),
        lambda: fake.say("grace", "secret", "x"),
        lambda: fake.say("nobody", "general", "x"),
        lambda: fake.react("grace", said, "👍"),
        lambda: fake.edit("ada", said, "x"),
        lambda: fake.archive("general"),
        lambda: fake.delete("grace", said),
        lambda: fake.shown(said),
        lambda: fake.form("ada"),
    ):
        with pytest.raises(Misuse):
            misuse()
