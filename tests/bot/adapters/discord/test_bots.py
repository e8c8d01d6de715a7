"""Whose our tokens are, who speaks where, and how many calls that makes."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from bot.adapters.discord import bots as connected
from bot.adapters.discord.bots import Bot, Bots, Session, meet
from bot.adapters.discord.outgoing.calls import DiscordRefusal, all_calls, call
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.adapters.discord.pace import Pace
from bot.adapters.discord.settings import DiscordSettings
from bot.core.errors import PlaceGone, PlatformBusy, PlatformDown
from bot.core.place import Place
from bot.core.view import View
from tests.bot.adapters.discord.seeing import dm, ours
from tests.fakes import loopback
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.orders import Fault


async def test_a_token_tells_its_bot(fake: FakeDiscord, settings: DiscordSettings, session: Session) -> None:
    """Its name, its application, the servers that it is in."""
    bot = await meet(settings, session, fake.app.token)
    assert (bot.user_id, bot.application_id, bot.name) == (fake.bot.id, fake.app.id, "switchboard")
    assert bot.guilds == {fake.guild.id}
    assert fake.app.token not in repr(bot)


async def test_a_wrong_token_is_told_by_its_end(
    fake: FakeDiscord, settings: DiscordSettings, session: Session
) -> None:
    """The others are connected all the same."""
    fake.book.expect("", "401")
    bots = Bots()
    (say,) = await connected.connect(replace(settings, tokens=("not.a.token", fake.app.token)), session, bots)
    assert "ends in oken" in say
    assert "not.a" not in say
    assert [bot.name for bot in bots] == ["switchboard"]
    assert bots.known


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.DOWN, Fault.AWAY, Fault.BUSY])
async def test_a_discord_that_is_away_says_nothing_of_tokens(
    fake: FakeDiscord, settings: DiscordSettings, session: Session, fault: Fault
) -> None:
    """Nobody is told to change what may be right."""
    fake.order(fault, "get_me", times=2)  # what only reads is asked again where a connection was cut
    bots = Bots()
    with pytest.raises(PlatformDown):
        await connected.connect(settings, session, bots)
    assert not bots.known


async def test_of_several_bots_the_one_that_was_spoken_to_answers(
    fake: FakeDiscord, settings: DiscordSettings, session: Session
) -> None:
    """Else the first of the settings that is there; outside of servers Discord is asked whose a channel is."""
    second = fake.build.app("second", fake.ada)
    fake.build.invite(second)
    bots = Bots()
    await connected.connect(replace(settings, tokens=(*settings.tokens, second.token)), session, bots)
    surface = DiscordSurface(bots, settings)
    here = Place("discord", fake.guild.id, fake.general.id)
    assert (found := bots.of(here)) is not None
    assert found.user_id == fake.bot.id
    other = next(bot for bot in bots if bot.user_id == second.user.id)
    bots.note(here, other)
    await surface.post(here, View("Good morning"), "k1")
    assert [one.author for one in fake.shown("general")] == [second.user]
    fake.book.expect("get_channel", "50001")
    theirs = Place("discord", "@me", fake.world.dm(fake.ada, second.user).id)
    await surface.post(theirs, View("Good morning"), "k2")
    await surface.post(dm(fake), View("Good morning"), "k3")
    assert [one.author for one in fake.shown(theirs.channel)] == [second.user]
    assert [one.author for one in ours(fake, dm(fake))] == [fake.bot]
    bots.drop(other)
    assert (left := bots.of(here)) is not None
    assert left.user_id == fake.bot.id
    nowhere = Place("discord", "@me", "1")
    fake.book.expect("create_message", "10003")
    with pytest.raises(PlaceGone):
        await surface.post(nowhere, View("Good morning"), "k4")


@pytest.mark.parametrize(("scope", "budget"), [("user", "b"), ("shared", "b"), ("global", "")])
async def test_a_429_names_what_is_exhausted(fake: FakeDiscord, bot: Bot, scope: str, budget: str) -> None:
    """That of the call, or that of all calls, for as long as Discord says."""
    fake.order(Fault.BUSY, "get_me", wait=0.7, error=scope)
    with pytest.raises(PlatformBusy) as busy:
        await call(bot, "GET", "/users/@me", what="get me", budget="b")
    assert (busy.value.wait, busy.value.budget) == (0.7, budget or all_calls(bot))


async def test_who_is_shut_out_waits(fake: FakeDiscord, bot: Bot) -> None:
    """After too many refused calls something before Discord takes none at all."""
    for _ in range(10_000):
        fake.api.meters.refused("127.0.0.1", fake.clock.now())
    fake.book.expect("", "banned")
    with pytest.raises(PlatformBusy) as busy:
        await call(bot, "GET", "/users/@me", what="get me", budget="b")
    assert (busy.value.wait, busy.value.budget) == (60.0, all_calls(bot))


async def test_a_refusal_names_the_call_its_code_and_its_fields(
    fake: FakeDiscord, bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    """And nothing of what was said, nor by which key."""
    fake.book.expect("create_message", "50035")
    path = f"/channels/{fake.general.id}/messages"
    caplog.set_level(logging.DEBUG)
    with pytest.raises(DiscordRefusal) as refused:
        await call(bot, "POST", path, {"content": "s3cret" * 400}, what="create message", budget="b")
    assert (refused.value.status, refused.value.code, refused.value.fields) == (
        400,
        50035,
        frozenset({"content"}),
    )
    assert "create message" in str(refused.value)
    assert "s3cret" not in str(refused.value) + caplog.text
    assert bot.token not in str(refused.value) + caplog.text


@pytest.mark.parametrize("method", ["create_message", "edit_message"])
async def test_what_discord_minds_in_buttons_does_not_cost_the_text(
    fake: FakeDiscord, surface: DiscordSurface, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The message goes out without them."""
    place = dm(fake)
    bad = [{"type": 1, "components": []}]
    posted = await surface.post(place, View("Good"), "k1") if method == "edit_message" else None
    monkeypatch.setattr("bot.adapters.discord.outgoing.messages.components", lambda *_: bad)
    fake.book.expect(method, "50035")
    if posted is None:
        await surface.post(place, View("Good morning"), "k1")
    else:
        await surface.edit(place, posted.message_id, View("Good morning"))
    assert [one.content for one in ours(fake, place)] == ["Good morning"]


async def test_a_revoked_token_ends_it(fake: FakeDiscord, bot: Bot, surface: DiscordSurface) -> None:
    """Trying again would only count against us."""
    bot.token = "revoked"
    fake.book.expect("create_message", "401")
    with pytest.raises(PlaceGone):
        await surface.post(dm(fake), View("Good morning"), "k1")


def test_calls_keep_the_limit_of_all_and_leave_room_for_what_matters_more() -> None:
    """Never more in a window than allowed, whatever they are."""
    made: list[tuple[float, int]] = []

    async def main() -> None:
        pace, loop = Pace(10, 1.0), asyncio.get_running_loop()

        async def one(spare: int) -> None:
            async with pace.turn(spare):
                made.append((loop.time(), spare))
                await asyncio.sleep(0.05)

        await asyncio.gather(*(one(spare) for spare in (6, 0) for _ in range(20)))

    loopback.run(main())
    moments = [moment for moment, _ in made]
    assert len(moments) == 40
    assert max(sum(at <= other < at + 1.0 for other in moments) for at in moments) <= 10
    assert [spare for _, spare in made[:10]] == [6] * 4 + [0] * 6
    assert {spare for _, spare in made[-8:]} == {6}
