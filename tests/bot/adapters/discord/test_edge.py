"""The edge: connecting, being refused, ending, several bots."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import discord
import pytest
import pytest_asyncio
import yarl

from bot.adapters.discord.edge import CONNECTING, DiscordNotReady
from bot.adapters.discord.incoming.gateway import Gateway
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.core.errors import PlaceGone, PlatformDown
from bot.core.view import View
from storage.store import Store
from tests.bot.adapters.discord.edge_stage import Stage, so, staged
from tests.fakes.discord.permissions import Can
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.orders import Fault


@pytest_asyncio.fixture
async def stage(fake: FakeDiscord, store: Store) -> AsyncIterator[Stage]:
    """An edge that does not run yet."""
    async with staged(fake, store) as stage:
        yield stage


async def test_it_listens(stage: Stage, fake: FakeDiscord) -> None:
    """A mention lies in the inbox, at the thread that it will have."""
    assert stage.edge.health() == CONNECTING
    await stage.start()
    assert stage.edge.health() == "ok"
    question = fake.mention("ada", "general", "what is a monad?")
    assert await stage.heard(question) == ["what is a monad?"]
    assert stage.commands.connections == [fake.bot.id]
    await fake.until(lambda: question.thread)


async def test_it_ends(stage: Stage, fake: FakeDiscord) -> None:
    """Cancelled it leaves nothing open, says goodbye, and can be started again."""
    await stage.start()
    await stage.stop()
    await fake.until(lambda: not fake.gateway.connections)
    assert list(stage.bots) == []
    await stage.start()
    assert await stage.heard(fake.dm("ada", "hello?")) == ["hello?"]


async def test_a_token_that_is_none(stage: Stage, fake: FakeDiscord) -> None:
    """The sentence names the variable and where to get another."""
    fake.book.expect("get_me", "401", times=1)
    stage.change(tokens=("nonsense.token",))
    with pytest.raises(DiscordNotReady, match="DISCORD_BOT_TOKEN") as caught:
        await stage.edge.run()
    assert "discord.com/developers" in caught.value.say
    assert "nonsense" not in caught.value.say


async def test_an_intent_that_is_off(stage: Stage, fake: FakeDiscord) -> None:
    """The sentence names the switch, and where it is."""
    fake.app.switches.clear()
    fake.book.expect("gateway", "4014")
    with pytest.raises(DiscordNotReady, match="Message Content Intent") as caught:
        await stage.edge.run()
    assert f"applications/{fake.app.id}/bot" in caught.value.say


async def test_a_token_that_is_reset(stage: Stage, fake: FakeDiscord) -> None:
    """While we listen: discord.py gives up, and so do we, with a sentence."""
    await stage.start()
    fake.build.reset_token(fake.app)
    await fake.gateway.close_with(4004)
    assert stage.running is not None
    with pytest.raises(DiscordNotReady, match="no longer valid"):
        await stage.running


async def test_discord_is_away(stage: Stage, fake: FakeDiscord) -> None:
    """The supervisor tries again, with a sentence in health."""
    fake.order(Fault.AWAY, "get_me", times=9)
    with pytest.raises(PlatformDown, match="/users/@me"):
        await stage.edge.run()


async def test_a_gateway_that_refuses(
    stage: Stage, fake: FakeDiscord, caplog: pytest.LogCaptureFixture
) -> None:
    """Health says so until the connection stands, and the log in a line."""
    fake.gateway.away = True
    stage.running = asyncio.create_task(stage.edge.run())
    await so(lambda: stage.edge.listeners)
    await so(lambda: "Failed to connect" in caplog.text)
    assert stage.edge.health() == CONNECTING
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert "Traceback" not in caplog.text
    await stage.stop()


async def test_of_two_bots_one_speaks(stage: Stage, fake: FakeDiscord) -> None:
    """The first of the tokens that is in a server, also where the other is meant; each has its own direct messages."""
    other = fake.build.app("second", fake.ada)
    fake.build.invite(other)
    elsewhere = fake.build.guild("Elsewhere", fake.ada)
    fake.build.invite(other, elsewhere)
    there = fake.build.channel("there", guild=elsewhere)
    stage.change(tokens=(fake.app.token, other.token))
    await stage.start(bots=2)
    first = fake.say("ada", "general", f"{other.user.mention} who are you?")
    second = fake.say("ada", there, f"{other.user.mention} and here?")
    assert await stage.heard(first) == ["who are you?"]
    assert await stage.heard(second) == ["and here?"]
    speaking = [stage.bots.of(stage.place(one)) for one in (first, second)]
    assert [one.user_id for one in speaking if one] == [fake.bot.id, other.user.id]
    await fake.until(lambda: first.thread and second.thread)
    assert first.thread is not None
    assert first.thread.owner == fake.bot.id


async def test_one_bad_token_of_two(stage: Stage, fake: FakeDiscord) -> None:
    """The other bot is there, and health tells."""
    fake.book.expect("get_me", "401", times=1)
    stage.change(tokens=("nonsense.token", fake.app.token))
    stage.running = asyncio.create_task(stage.edge.run())
    await fake.connected()
    question = fake.mention("ada", "general", "hello?")
    await fake.until(lambda: question.thread)
    assert "DISCORD_BOT_TOKEN" in stage.edge.health()


async def test_a_bot_that_is_switched_off_leaves_the_other(stage: Stage, fake: FakeDiscord) -> None:
    """It is forgotten, so that the other speaks where it spoke, about what nobody has taken too."""
    other = fake.build.app("second", fake.ada)
    fake.build.invite(other)
    stage.change(tokens=(other.token, fake.app.token))
    await stage.start(bots=2)
    fake.book.expect("gateway", "4004", times=1)
    fake.build.reset_token(other)
    await fake.gateway.drop()
    await fake.until(lambda: fake.gateway.resumed)
    question = fake.mention("ada", "general", "hello?")
    await fake.until(lambda: question.thread)
    assert question.thread is not None
    assert question.thread.owner == fake.bot.id
    assert "second is no longer valid" in stage.edge.health()


async def test_a_bot_that_leaves_a_server_to_the_other(stage: Stage, fake: FakeDiscord) -> None:
    """What the first was not allowed to see waits for nobody once it is gone: the other has seen it."""
    other = fake.build.app("second", fake.ada)
    fake.build.invite(other)
    fake.build.permit(fake.general, other.user, deny=Can.VIEW_CHANNEL)
    stage.change(tokens=(other.token, fake.app.token))
    await stage.start(bots=2)
    question = fake.mention("ada", "general", "hello?")
    assert await stage.heard(question) == []
    fake.build.kick(other.user)
    await fake.until(lambda: question.thread)
    assert question.thread is not None
    assert question.thread.owner == fake.bot.id


async def test_later_sessions_go_where_the_first_went(
    stage: Stage, fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """discord.py would ask Discord itself, past a proxy."""
    nowhere = yarl.URL("ws://127.0.0.1:9/")
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", nowhere)
    await stage.start()
    await fake.gateway.invalidate()
    await fake.until(lambda: fake.gateway.identified == 2)
    await stage.stop()
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", nowhere)
    stage.change(api_url=stage.settings.api_url, gateway_url=f"{fake.world.url.replace('http', 'ws')}/gw/own")
    await stage.start()
    assert str(discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY).endswith("/gw/own")


async def test_sessions_keep_their_distance(
    stage: Stage, fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first begins at once, the next one so much later that Discord does not mind."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    await stage.start()
    (ours,) = stage.bots
    gateway = Gateway(ours, stage.settings, lambda *_: None, pause=5.0)
    monkeypatch.setattr("bot.adapters.discord.incoming.gateway.asyncio.sleep", sleep)
    for shard in range(3):
        await gateway.before_identify_hook(shard, initial=shard == 0)
    monkeypatch.undo()
    assert [round(wait) for wait in waits] == [5, 10]


async def test_servers_come_and_go(stage: Stage, fake: FakeDiscord) -> None:
    """Where we are invited we answer; where we are no longer there is nobody to speak."""
    await stage.start()
    other = fake.build.guild("Other", fake.grace)
    fake.build.invite(fake.app, other)
    lobby = fake.build.channel("lobby", guild=other)
    question = fake.mention("grace", lobby, "hello?")
    assert await stage.heard(question) == ["hello?"]
    await fake.until(lambda: question.thread)
    place = stage.place(question)
    fake.build.kick(fake.bot, other)
    await stage.quiet()
    assert stage.bots.of(place) is None
    with pytest.raises(PlaceGone):
        await stage.surface.post(place, View("too late"), "k1")


async def test_an_outage_of_a_server(stage: Stage, fake: FakeDiscord) -> None:
    """It is no goodbye; what is said once it is back is heard."""
    await stage.start()
    fake.mention("ada", "general", "before")
    fake.build.outage()
    fake.build.outage(over=True)
    question = fake.mention("ada", "general", "after")
    assert await stage.heard(question) == ["after"]
    assert fake.guild.id in next(iter(stage.bots)).guilds


async def test_threads_that_are_deleted(stage: Stage, fake: FakeDiscord) -> None:
    """Nothing breaks; the next mention opens another."""
    await stage.start()
    question = fake.mention("ada", "general", "one")
    await fake.until(lambda: question.thread)
    fake.archive(question)
    fake.delete_channel(question)
    fake.delete("ada", question)
    again = fake.mention("ada", "general", "two")
    assert await stage.heard(again) == ["two"]


async def test_interactions_are_handed_on(stage: Stage, fake: FakeDiscord) -> None:
    """As the gateway tells them, to the bot that was asked."""
    await stage.start()
    (ours,) = stage.bots
    ping = {"type": 1, "name": "ping", "description": "Is anybody there?"}
    assert (await ours.request("POST", f"/applications/{ours.application_id}/commands", ping)).status < 300
    asked = await fake.command("ada", "general", "ping")
    assert asked.payload["id"]
    ((bot, payload),) = stage.commands.interactions
    assert (bot, payload["type"]) == (fake.bot.id, 2)


async def test_our_own_nonces_reach_the_surface(stage: Stage, fake: FakeDiscord) -> None:
    """So that a message that another process made is found again by its key, without a button that has it."""
    await stage.start()
    direct = fake.dm("ada", "hello?")
    await stage.quiet()
    place = stage.place(direct)
    elsewhere = DiscordSurface(stage.bots, stage.settings)
    posted = await elsewhere.post(place, View("an answer"), "k7")
    await elsewhere.close()
    await stage.quiet()
    assert await stage.surface.find(place, {"k7"}) == {"k7": posted.message_id}
