"""The Discord surface does what every surface has to, wherever it speaks."""

from __future__ import annotations

import pytest

from bot.adapters.discord.bots import Bots
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.adapters.discord.settings import Answers
from bot.core.place import Place
from tests.bot.adapters.discord.seeing import all_seen, asked, dm, ours, settings_of, thread
from tests.contracts.surfaces import Seen, Stage, SurfaceContract
from tests.fakes.discord.posting import remove
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.orders import Fault
from tests.fakes.times import ManualClock


def stage_at(fake: FakeDiscord, surface: DiscordSurface, place: Place, elsewhere: Place) -> Stage:
    """A stage whose audience sits at one place."""
    # A thread that nobody spoke in has no messages to be found, and is no channel yet.
    fake.book.expect("get_messages", "10003")
    fake.book.expect("get_channel", "10003")

    async def look() -> list[Seen]:
        return all_seen(fake, place)

    async def delete(message_id: str) -> None:
        remove(fake.world, fake.events, [one for one in ours(fake, place) if one.id == message_id])
        fake.book.expect("edit_message", "10008")

    async def cut() -> None:
        fake.order(Fault.CUT, times=1_000)

    return Stage(surface, place, elsewhere, look, delete, cut)


class TestNewThread(SurfaceContract):
    """A thread at the message that asks, which the first answer opens."""

    @pytest.fixture
    def stage(self, fake: FakeDiscord, surface: DiscordSurface) -> Stage:
        return stage_at(fake, surface, asked(fake), asked(fake, "and a functor?"))


class TestOldThread(SurfaceContract):
    """A thread that was there before us."""

    @pytest.fixture
    def stage(self, fake: FakeDiscord, surface: DiscordSurface) -> Stage:
        fake.book.expect("get_message", "10008")
        return stage_at(fake, surface, thread(fake), thread(fake, "new times"))


class TestDirectMessages(SurfaceContract):
    """Direct messages, where there are no threads."""

    @pytest.fixture
    def stage(self, fake: FakeDiscord, surface: DiscordSurface) -> Stage:
        return stage_at(fake, surface, dm(fake), dm(fake, "grace"))


class TestReplies(SurfaceContract):
    """A channel, where an answer stands as a reply beneath the message that asks."""

    @pytest.fixture
    def surface(self, fake: FakeDiscord, bots: Bots, clock: ManualClock) -> DiscordSurface:
        return DiscordSurface(bots, settings_of(fake, answers=Answers.REPLY), clock.now)

    @pytest.fixture
    def stage(self, fake: FakeDiscord, surface: DiscordSurface) -> Stage:
        fake.book.expect("get_channel", "10003")
        fake.build.channel("workshop")
        return stage_at(fake, surface, asked(fake), asked(fake, "and a functor?", "workshop"))
