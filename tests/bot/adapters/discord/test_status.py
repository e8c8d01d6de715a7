"""That somebody is typing, as long as an answer is waited for."""

from __future__ import annotations

import asyncio

from bot.core.view import View
from tests.bot.adapters.discord.playing import run, stage
from tests.bot.adapters.discord.seeing import asked, calls, dm
from tests.fakes.orders import Fault


def test_it_is_shown_until_the_answer_begins() -> None:
    """Discord shows it for ten seconds, so it is said again; a message takes it away."""

    async def scene() -> None:
        async with stage(dm) as played:
            await played.surface.status(played.place, "demo/quick is thinking…")
            await asyncio.sleep(1)
            for _ in range(30):
                assert played.fake.typing(played.place.channel)
                await asyncio.sleep(1)
            assert len(calls(played.fake, "typing")) == 4
            await played.surface.post(played.place, View("Good morning"), "k1")
            await asyncio.sleep(60)
            assert len(calls(played.fake, "typing")) == 4
            assert played.fake.unexpected() == []

    run(scene())


def test_it_ends_when_it_is_taken_back_or_forgotten() -> None:
    """After ten minutes whoever asked for it is gone."""

    async def scene() -> None:
        async with stage(dm) as played:
            await played.surface.status(played.place, "thinking")
            await asyncio.sleep(20)
            await played.surface.status(played.place, "")
            await asyncio.sleep(60)
            assert len(calls(played.fake, "typing")) == 3
            await played.surface.status(played.place, "thinking")
            await asyncio.sleep(3_600)
            assert len(calls(played.fake, "typing")) == 3 + 75

    run(scene())


def test_it_is_shown_where_people_look() -> None:
    """In the channel until there is a thread; many who wait in one channel need one sign."""

    async def scene() -> None:
        async with stage(asked) as played:
            for place in (played.place, asked(played.fake), asked(played.fake)):
                await played.surface.status(place, "thinking")
            await asyncio.sleep(1)
            assert played.fake.typing("general")
            assert len(calls(played.fake, "typing")) == 1
            await played.surface.prepare(played.place)
            await asyncio.sleep(8)
            assert played.fake.typing(played.place.thread)

    run(scene())


def test_it_never_fails_and_never_insists() -> None:
    """Whatever Discord says; a place that is closed to us is left alone, a limit is waited for."""

    async def scene() -> None:
        async with stage(dm) as played:
            fake = played.fake
            fake.order(Fault.DOWN, "typing")
            fake.order(Fault.BUSY, "typing", wait=60)
            await played.surface.status(played.place, "thinking")
            await asyncio.sleep(60)
            assert calls(fake, "typing") == []
            await asyncio.sleep(20)
            assert calls(fake, "typing")
            fake.close_dms("ada")
            fake.book.expect("typing", "50007")
            await asyncio.sleep(60)
            assert fake.book.count("typing", "50007") == 1

    run(scene())
