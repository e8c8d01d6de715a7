"""One answer played through the real delivery, reply and surface against the fake Discord, in virtual time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.discord import bots as connected
from bot.adapters.discord.bots import Bots
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.reply import Reply
from bot.core.place import Place
from bot.core.view import Button
from tests.bot.adapters.discord.seeing import all_seen, settings_of
from tests.fakes import loopback, scenes
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.measure import Row, ink, words

FOOTER, WAYS = "demo/quick · in all", (Button("Retry", "retry #1"),)


@dataclass
class Played:
    """A stage with an answer on it."""

    fake: FakeDiscord
    bots: Bots
    surface: DiscordSurface
    delivery: Delivery
    place: Place
    text: str = ""
    keys: Iterator[int] = field(default_factory=itertools.count)

    async def answer(
        self,
        tokens: int = 120,
        per_second: float = 40.0,
        *,
        until: Callable[[int], Awaitable[None]] | None = None,
    ) -> None:
        """Let a model say so many tokens, and finish; ``until`` sees the number of each before it is said."""
        reply = Reply(
            Row().journal(), self.delivery, self.surface, self.place, new_key=lambda: f"k{next(self.keys)}"
        )
        said = words(tokens)
        self.text = "".join(said)
        for number, token in enumerate(said):
            if until is not None:
                await until(number)
            reply.feed(token)
            await asyncio.sleep(1 / per_second)
        await reply.finish(footer=FOOTER, buttons=WAYS)
        await asyncio.sleep(150)  # what is left behind gets tidied

    def check(self, *, pages: int | None = None) -> None:
        """The whole text stands there once, with its end beneath it, and nothing is left growing."""
        shown = all_seen(self.fake, self.place)
        assert ink("".join(one.text for one in shown)) == ink(self.text)
        assert pages in (None, len(shown))
        assert (shown[-1].footer, shown[-1].buttons) == (FOOTER, ("Retry",))
        assert all((one.footer, one.buttons) == ("", ()) for one in shown[:-1])
        assert self.fake.unexpected() == []
        assert self.fake.pings() == []


@asynccontextmanager
async def stage(where: Callable[[FakeDiscord], Place], **settings: Any) -> AsyncIterator[Played]:
    """A fake Discord with a surface and a delivery. Every call takes a twentieth of a second."""
    async with FakeDiscord(clock=loopback.LoopClock()) as fake, connected.session() as session:
        given, bots = settings_of(fake, **settings), Bots()
        await connected.connect(given, session, bots)
        fake.api.round_trip = 0.05
        surface = DiscordSurface(bots, given, asyncio.get_running_loop().time)
        async with scenes.running() as delivery:
            yield Played(fake, bots, surface, delivery, where(fake))
        await surface.close()


def run(scene: Awaitable[None]) -> None:
    """Play a scene in virtual time."""

    async def main() -> None:
        await scene

    loopback.run(main())
