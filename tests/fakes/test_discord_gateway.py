"""The fake Discord's gateway and the real discord.py: identify, resume, and all that breaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aiohttp
import discord
import pytest

from tests.fakes.discord.clients import Bare, Listener, listening
from tests.fakes.discord.permissions import Can
from tests.fakes.discord.server import FakeDiscord


async def test_the_library_learns_the_server(fake: FakeDiscord, bot: Listener) -> None:
    """The channels it may not read too, itself with its rights, nobody else."""
    guild = bot.get_guild(int(fake.guild.id))
    assert guild is not None
    assert bot.user is not None
    assert (bot.user.name, bot.application_id) == ("switchboard", int(fake.app.id))
    assert [channel.name for channel in guild.channels] == ["general", "secret"]
    assert [member.name for member in guild.members] == ["switchboard"]
    general, secret = guild.text_channels
    assert general.permissions_for(guild.me).create_public_threads
    assert not secret.permissions_for(guild.me).view_channel
    assert bot.application_flags.gateway_message_content_limited
    assert (await guild.fetch_member(int(fake.ada.id))).name == "ada"
    assert [member.name for member in await guild.query_members("gra")] == ["grace"]


async def test_intents_need_their_switches(fake: FakeDiscord) -> None:
    """Without it the connection closes with 4014, which the library explains."""
    fake.app.switches.clear()
    fake.book.expect("gateway", "4014")
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with listening(fake, Listener()):
            pass


async def test_what_was_missed_is_told_again(fake: FakeDiscord, bot: Listener) -> None:
    """After a dropped connection, after opcode 7 and after a close that allows it: RESUME loses nothing."""
    faults: tuple[Callable[[], Awaitable[None]], ...] = (
        fake.gateway.drop,
        fake.gateway.reconnect,
        partial(fake.gateway.close_with, 4000),
    )
    for number, fault in enumerate(faults):
        await fault()
        fake.say("ada", "general", f"in gap {number}")
        await bot.got("resumed", number + 1)
        await bot.got("message", number + 1)
    assert [message.content for message in bot.of("message")] == ["in gap 0", "in gap 1", "in gap 2"]
    assert (fake.gateway.identified, fake.gateway.resumed) == (1, 3)


async def test_without_a_session_the_gap_is_lost(fake: FakeDiscord, bot: Listener) -> None:
    """Told so, forgotten, or away for too long: the library identifies again."""
    await fake.gateway.invalidate()
    fake.say("ada", "general", "lost")
    await bot.got("ready", 2)
    fake.gateway.forget()
    await fake.gateway.drop()
    await bot.got("ready", 3)
    fake.gateway.resume_seconds = -1
    await fake.gateway.drop()
    await bot.got("ready", 4)
    fake.say("ada", "general", "heard")
    await bot.got("message")
    assert [message.content for message in bot.of("message")] == ["heard"]
    assert (fake.gateway.identified, fake.gateway.resumed) == (4, 0)


async def test_a_session_that_may_go_on(fake: FakeDiscord, bot: Listener) -> None:
    await fake.gateway.invalidate(resumable=True)
    fake.say("ada", "general", "kept")
    assert (await bot.got("message")).content == "kept"
    assert fake.gateway.identified == 1


async def test_events_come_twice(fake: FakeDiscord, bot: Listener) -> None:
    """On order, and when a resumed session repeats what was heard."""
    fake.gateway.repeat("MESSAGE_CREATE")
    fake.say("ada", "general", "twice")
    await bot.got("message", 2)
    fake.gateway.replay_extra = 1
    await fake.gateway.drop()
    await bot.got("message", 3)
    assert len({message.id for message in bot.of("message")}) == 1


async def test_silence_is_noticed(fake: FakeDiscord) -> None:
    """Nothing comes, not even acks; the library gives the connection up and resumes."""
    fake.gateway.heartbeat = 0.05
    client = Listener(heartbeat_timeout=0.3)
    async with listening(fake, client):
        await fake.until(lambda: fake.gateway.beats > 2)
        fake.gateway.silence()
        fake.say("ada", "general", "kept")
        assert (await client.got("message")).content == "kept"
    assert fake.gateway.resumed == 1


class Sharded(discord.AutoShardedClient):
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Waits five seconds otherwise."""


async def test_shards_share_the_servers(fake: FakeDiscord) -> None:
    """Each hears its own; direct messages go to the first."""
    intents = discord.Intents.default()
    other = fake.build.guild("Other", fake.ada)
    other.id = str(int(other.id) + (1 << 22))  # the other shard's
    fake.world.guilds[other.id] = other
    client = Sharded(shard_count=2, intents=intents, guild_ready_timeout=0.01)
    task = asyncio.ensure_future(client.start(fake.app.token))
    await fake.connected(2)
    assert sorted(session.shard for session in fake.gateway.open()) == [(0, 2), (1, 2)]
    fake.dm("ada", "x")
    heard = [[name for name, _ in one.said].count("MESSAGE_CREATE") for one in sorted_by_shard(fake)]
    assert heard == [1, 0]
    await client.close()
    await asyncio.gather(task, return_exceptions=True)


def sorted_by_shard(fake: FakeDiscord) -> list[Any]:
    return sorted(fake.gateway.sessions, key=lambda session: session.shard)


WRONG = [
    ("v=9&encoding=json", [], 4012),
    ("v=10&encoding=json", ["{"], 4002),
    ("v=10&encoding=json", [{"op": 99}], 4001),
    ("v=10&encoding=json", [{"op": 3, "d": {}}], 4003),
    ("v=10&encoding=json", [{"op": 2, "d": {"token": "nobody"}}], 4004),
    ("v=10&encoding=json", [{"op": 2, "d": {"intents": 1, "properties": {}}}] * 2, 4005),
    ("v=10&encoding=json", [{"op": 2, "d": {"intents": 1, "shard": [2, 2], "properties": {}}}], 4010),
    ("v=10&encoding=json", [{"op": 2, "d": {"intents": 1 << 60, "properties": {}}}], 4013),
    ("v=10&encoding=json", [{"op": 1, "d": None}] * 121, 4008),
]


@pytest.mark.parametrize(("query", "frames", "code"), WRONG)
async def test_wrong_frames_end_the_connection(
    fake: FakeDiscord, query: str, frames: list[Any], code: int
) -> None:
    fake.book.expect("gateway", str(code), times=1)
    url = fake.world.url.replace("http", "ws", 1)
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/gw?{query}") as ws:
        for frame in frames:
            if isinstance(frame, dict) and frame["op"] == 2:
                frame = {"op": 2, "d": {"token": fake.app.token, **frame["d"]}}  # noqa: PLW2901
            await ws.send_str(frame if isinstance(frame, str) else json.dumps(frame))
        async for _ in ws:
            pass
        assert ws.close_code == code


async def test_the_gateway_is_away(fake: FakeDiscord) -> None:
    fake.gateway.away = True
    url = fake.world.url.replace("http", "ws", 1)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{url}/gw?v=10&encoding=json")


async def test_too_many_identifies(fake: FakeDiscord) -> None:
    """More in five seconds than max_concurrency allows make the session invalid."""
    fake.gateway.concurrency = 0
    fake.book.expect("gateway", "identify", times=1)
    client = Listener()
    task = asyncio.ensure_future(client.start(fake.app.token))
    await fake.until(lambda: fake.book.count("gateway", "identify"))
    fake.gateway.concurrency = 16
    await fake.connected()
    await client.close()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_frame_that_comes_too_late(fake: FakeDiscord) -> None:
    """A session goes on only from where it was."""
    url = fake.world.url.replace("http", "ws", 1) + "/gw?v=10&encoding=json"
    start = {"op": 2, "d": {"token": fake.app.token, "intents": 1, "properties": {}}}
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as ws:
            await ws.send_json(start)
            frames = [await ws.receive_json() for _ in range(3)]
            assert [frame["t"] for frame in frames] == [None, "READY", "GUILD_CREATE"]
            await ws.close(code=4000)
        again = {"token": fake.app.token, "session_id": frames[1]["d"]["session_id"]}
        async with session.ws_connect(url) as ws:
            await ws.send_json({"op": 6, "d": {**again, "seq": 1}})
            assert [(await ws.receive_json())["t"] for _ in range(3)] == [None, "GUILD_CREATE", "RESUMED"]
            await ws.send_json({"op": 3, "d": {}})
            await ws.close(code=4000)
        fake.book.expect("gateway", "4007", times=1)
        async with session.ws_connect(url) as ws:
            await ws.send_json({"op": 6, "d": {**again, "seq": 99}})
            await ws.receive_json()
            await ws.receive()
            assert ws.close_code == 4007


async def test_everybody_is_asked_for(fake: FakeDiscord, bot: Listener) -> None:
    """Which takes the intent; by id it does not."""
    guild = bot.get_guild(int(fake.guild.id))
    assert guild is not None
    found = await guild.query_members(user_ids=[int(fake.ada.id)])
    assert [member.name for member in found] == ["ada"]
    fake.app.switches.add("members")
    intents = discord.Intents.default()
    intents.members = True
    client = Listener(intents=intents)
    async with listening(fake, client):
        whole = client.get_guild(int(fake.guild.id))
        assert whole is not None
        assert sorted(member.name for member in whole.members) == ["ada", "grace", "switchboard"]
        fake.build.join(fake.build.user("joan", member=False))
        assert (await client.got("member_join")).name == "joan"


async def test_rights_and_places_change(fake: FakeDiscord, bot: Listener) -> None:
    """A bot hears of its invitations and kicks; what it cannot see it does not hear."""
    other = fake.build.guild("Other", fake.grace)
    fake.build.invite(fake.app, other)
    assert (await bot.got("guild_join")).name == "Other"
    fake.build.kick(fake.bot, other)
    assert (await bot.got("guild_remove")).name == "Other"
    fake.build.permit(fake.general, fake.bot, deny=Can.VIEW_CHANNEL)
    await bot.got("guild_channel_update")
    fake.say("ada", "general", "unheard")
    fake.build.change_role(fake.build.bot_role(fake.app), Can.ADMINISTRATOR)
    await bot.got("guild_role_update")
    fake.say("ada", "secret", "heard")
    assert (await bot.got("message")).content == "heard"


async def test_an_outage_is_no_goodbye(fake: FakeDiscord, bot: Listener) -> None:
    fake.build.outage()
    await bot.got("guild_unavailable")
    fake.build.outage(over=True)
    assert (await bot.got("guild_available", 2)).name == "Acme"
    assert bot.names("guild_join", "guild_remove") == []


async def test_a_token_is_reset(fake: FakeDiscord) -> None:
    """The library gives up; the old token logs in no more."""
    client = Listener()
    async with listening(fake, client) as running:
        old = fake.app.token
        fake.build.reset_token(fake.app)
        await fake.gateway.close_with(4004)
        with pytest.raises(discord.ConnectionClosed) as caught:
            await running
        assert caught.value.code == 4004
    fake.book.expect("get_me", "401", times=1)
    late = Listener()
    with pytest.raises(discord.LoginFailure):
        await late.login(old)
    await late.close()


async def test_the_gateway_is_asked_for(fake: FakeDiscord, bare: Bare) -> None:
    fake.gateway.concurrency, fake.gateway.starts = 2, 7
    answer = (await bare("GET", "/gateway/bot")).body
    assert answer["session_start_limit"] | {"reset_after": 0} == {
        "total": 1000,
        "remaining": 7,
        "reset_after": 0,
        "max_concurrency": 2,
    }
    assert [guild["name"] for guild in (await bare("GET", "/users/@me/guilds")).body] == ["Acme"]
    assert (await bare("GET", f"/guilds/{fake.guild.id}?with_counts=true")).body[
        "approximate_member_count"
    ] == 3
    await bare.refused(50001, "GET", f"/guilds/{fake.guild.id}/members?limit=10")
    fake.app.switches.add("members")
    assert len((await bare("GET", f"/guilds/{fake.guild.id}/members?limit=10")).body) == 3
