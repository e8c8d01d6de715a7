"""One answer played through the real delivery, reply and surface against the fake Discord, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bot.adapters.discord import bots as connected
from bot.adapters.discord.bots import Bots
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.conversation.delivery.delivery import Delivery
from bot.core.place import Place
from tests.bot.adapters import played
from tests.bot.adapters.discord.seeing import all_seen, settings_of
from tests.bot.adapters.played import Seen, run
from tests.fakes import loopback, scenes
from tests.fakes.discord.server import FakeDiscord

__all__ = ["Played", "run", "stage"]


class Played(played.Played):
    """A stage with an answer on it."""

    surface: DiscordSurface

    def __init__(
        self, fake: FakeDiscord, bots: Bots, surface: DiscordSurface, delivery: Delivery, place: Place
    ) -> None:
        super().__init__(surface, delivery, place)
        self.fake, self.bots = fake, bots

    def seen(self) -> Sequence[Seen]:
        return all_seen(self.fake, self.place)

    def check(self, *, pages: int | None = None) -> None:
        super().check(pages=pages)
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
