"""How often, and what may go wrong on order."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import discord
import pytest

from tests.fakes import loopback
from tests.fakes.discord.clients import Bare, Listener
from tests.fakes.discord.limits import RULES, Rule
from tests.fakes.discord.pointing import pointed_at
from tests.fakes.discord.routes import ROUTES
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.orders import Fault
from tests.fakes.times import ManualClock


def test_every_limit_is_of_an_endpoint() -> None:
    assert set(RULES) <= {route.bucket or route.name for route in ROUTES}


async def test_five_in_five_seconds(fake: FakeDiscord, bare: Bare, clock: ManualClock) -> None:
    """For posts and for edits each, in every channel and thread; headers and refusal say when there is room."""
    path = f"/channels/{fake.general.id}/messages"
    answers = [await bare("POST", path, {"content": str(number)}) for number in range(5)]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["4", "3", "2", "1", "0"]
    await clock.advance(2)
    limited = await bare.refused(429, "POST", path, {"content": "6"})
    assert limited.body == {"message": "You are being rate limited.", "retry_after": 3.0, "global": False}
    headers = ("Retry-After", "X-RateLimit-Reset-After", "X-RateLimit-Scope", "Via", "Content-Type")
    assert [limited.headers[name] for name in headers] == [
        "3",
        "3.000",
        "user",
        "1.1 google",
        "application/json",
    ]
    message = answers[0].body["id"]
    edits = [await bare("PATCH", f"{path}/{message}", {"content": f"e{number}"}) for number in range(5)]
    assert edits[0].headers["X-RateLimit-Bucket"] != answers[0].headers["X-RateLimit-Bucket"]
    await bare.refused(429, "PATCH", f"{path}/{message}", {"content": "x"})
    thread = fake.open_thread("ada", "general", "own budget")
    assert (await bare("POST", f"/channels/{thread.id}/messages", {"content": "x"})).status == 200
    await clock.advance(3)
    assert (await bare("POST", path, {"content": "6"})).status == 200


def test_twenty_edits_take_fifteen_seconds() -> None:
    """In virtual time: the library waits silently before each refusal, in every channel by itself."""

    async def write(channel: Any, fake: FakeDiscord) -> None:
        message = await channel.send("0")
        for number in range(1, 21):
            await message.edit(content=str(number))

    async def play() -> list[float]:
        async with FakeDiscord(clock=loopback.LoopClock()) as fake:
            with pointed_at(fake):
                client = Listener()
                await client.login(fake.app.token)
                rooms = [fake.build.channel(f"room{number}") for number in range(5)]
                fake.api.round_trip = 0.05
                channels = [client.get_partial_messageable(int(room.id)) for room in rooms]
                await asyncio.gather(*(write(channel, fake) for channel in channels))
                await client.close()
            assert fake.unexpected() == []
            said = [fake.shown(room)[0] for room in rooms]
            assert {message.shown for message in said} == {"20"}
            return [message.history[-1][0] - message.history[1][0] for message in said]

    took = loopback.run(play())
    assert all(15 <= seconds < 16.5 for seconds in took), took


async def test_all_calls_together(fake: FakeDiscord, bare: Bare, clock: ManualClock) -> None:
    """Fifty a second, to which answers to interactions do not count."""
    for _ in range(50):
        await bare("GET", f"/users/{fake.ada.id}")
    limited = await bare.refused(429, "GET", "/users/@me")
    assert (limited.body["global"], limited.headers["X-RateLimit-Global"]) == (True, "true")
    await bare.refused(50027, "POST", f"/webhooks/{fake.app.id}/nobody", {"content": "x"})
    await clock.advance(1)
    await bare("GET", "/users/@me")


async def test_names_and_old_messages_have_hidden_limits(
    fake: FakeDiscord, bare: Bare, clock: ManualClock
) -> None:
    """Two names in ten minutes; few edits of what is older than an hour. No header warns."""
    path = f"/channels/{fake.general.id}/messages"
    message = (await bare("POST", path, {"content": "x"})).body["id"]
    thread = (await bare("POST", f"{path}/{message}/threads", {"name": "a"})).body["id"]
    for name in "bc":
        await bare("PATCH", f"/channels/{thread}", {"name": name})
    limited = await bare.refused(429, "PATCH", f"/channels/{thread}", {"name": "d"})
    assert (limited.body["retry_after"], limited.headers["X-RateLimit-Remaining"]) == (600.0, "47")
    await bare("PATCH", f"/channels/{thread}", {"archived": False})
    await clock.advance(3601)
    for number in range(3):
        await bare("PATCH", f"{path}/{message}", {"content": str(number)})
    old = await bare.refused(30046, "PATCH", f"{path}/{message}", {"content": "x"})
    assert (old.status, old.body["retry_after"]) == (429, 20.0)


async def test_too_many_refusals_end_in_a_ban(fake: FakeDiscord, bare: Bare) -> None:
    """Not by Discord's own answer: the library takes it for what it is."""
    fake.api.meters.invalid = Rule(3, 600.0)
    for _ in range(3):
        await bare.refused(50001, "GET", f"/channels/{fake.private.id}")
    fake.book.expect("", "banned", times=1)
    banned = await bare("GET", "/users/@me")
    assert (banned.status, "Via" in banned.headers) == (429, False)


async def test_limits_can_be_switched_off(fake: FakeDiscord, bare: Bare) -> None:
    fake.meters_off = True
    for number in range(60):
        await bare("POST", f"/channels/{fake.general.id}/messages", {"content": str(number)})
    assert len(fake.shown("general")) == 60


async def test_an_answer_is_lost(fake: FakeDiscord, bot: Listener) -> None:
    """The call was applied. With the same nonce it can be made again; one that was cut was not applied."""
    channel: Any = bot.get_channel(int(fake.general.id))
    for fault in (Fault.LOST, Fault.CUT):
        fake.order(fault, "create_message", channel=fake.general.id)
        with pytest.raises(aiohttp.ClientError):
            await channel.send(f"once {fault.name}", nonce=fault.name)
        await channel.send(f"once {fault.name}", nonce=fault.name)
    assert [message.shown for message in fake.shown("general")] == ["once LOST", "once CUT"]


async def test_it_is_away(fake: FakeDiscord, bot: Listener) -> None:
    """503 is raised at once, refusals are what was ordered; after that all is well."""
    channel: Any = bot.get_channel(int(fake.general.id))
    fake.order(Fault.AWAY, "create_message")
    with pytest.raises(discord.DiscordServerError):
        await channel.send("x")
    for error, status in (("50013", 403), ("403", 403), ("404", 404)):
        fake.order(Fault.REFUSED, "create_message", error=error)
        with pytest.raises(discord.HTTPException) as caught:
            await channel.send("x")
        assert caught.value.status == status
    await channel.send("x")
    assert len(fake.shown("general")) == 1


async def test_it_is_broken(fake: FakeDiscord, bare: Bare) -> None:
    fake.order(Fault.DOWN, "create_message", times=2)
    path = f"/channels/{fake.general.id}/messages"
    statuses = [(await bare("POST", path, {"content": "x"})).status for _ in range(3)]
    assert statuses == [500, 500, 200]


async def test_a_storm_of_refusals(fake: FakeDiscord, bot: Listener) -> None:
    """The library waits as long as it is told, unless that is too long for it."""
    channel: Any = bot.get_channel(int(fake.general.id))
    fake.order(Fault.BUSY, "create_message", times=3, wait=0.01)
    await channel.send("x")
    fake.order(Fault.BUSY, "typing", wait=0.01, error="global")
    await channel.typing()
    bot.http.max_ratelimit_timeout = 30
    fake.order(Fault.BUSY, "create_message", wait=31)
    with pytest.raises(discord.RateLimited) as caught:
        await channel.send("x")
    assert caught.value.retry_after == 31


async def test_an_answer_takes_its_time(fake: FakeDiscord, bot: Listener) -> None:
    """On order until it is withdrawn; and every call as long as the way is."""
    channel: Any = bot.get_channel(int(fake.general.id))
    order = fake.order(Fault.SLOW, "create_message")
    sending = asyncio.ensure_future(channel.send("x"))
    await fake.until(lambda: fake.shown("general"))
    assert not sending.done()
    fake.withdraw(order)
    await sending
    fake.api.round_trip, begun = 0.04, time.perf_counter()
    await channel.send("y")
    assert time.perf_counter() - begun > 0.03


async def test_calls_are_counted(fake: FakeDiscord, bare: Bare) -> None:
    """Each that was applied, with its moment, its ids and what was sent."""
    await bare("POST", f"/channels/{fake.general.id}/messages", {"content": "x"})
    moment, name, path, body = fake.api.calls[-1]
    assert (moment, name, path["channel"], body) == (
        fake.clock.now(),
        "create_message",
        fake.general.id,
        {"content": "x"},
    )
