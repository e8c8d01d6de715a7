"""The Slack surface does what every surface has to, wherever it speaks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.core.place import Place
from tests.bot.adapters.slack.seeing import all_seen, dm_thread, flat_dm, ours, thread
from tests.contracts.surfaces import Seen, Stage, SurfaceContract
from tests.fakes.orders import Fault
from tests.fakes.slack.server import FakeSlack


def stage_at(slack: FakeSlack, surface: SlackSurface, place: Place, elsewhere: Place) -> Stage:
    """A stage whose audience sits at one place."""

    async def look() -> list[Seen]:
        return all_seen(slack, place)

    async def delete(message_id: str) -> None:
        message = next(one for one in ours(slack, place) if one.ts == message_id)
        message.deleted = True
        slack.book.expect("chat.update", "message_not_found")
        slack.book.expect("chat.appendStream", "message_not_found")

    async def cut() -> None:
        slack.order(Fault.CUT, times=1_000)

    return Stage(surface, place, elsewhere, look, delete, cut)


class TestChannelThread(SurfaceContract):
    """A thread in a channel, where messages are updated."""

    @pytest.fixture
    def stage(self, slack: FakeSlack, surface: SlackSurface) -> Stage:
        return stage_at(slack, surface, thread(slack), thread(slack))


class TestAgentThread(SurfaceContract):
    """A thread in a DM with the agent, where growing messages are native streams."""

    @pytest.fixture
    def stage(self, slack: FakeSlack, surface: SlackSurface) -> Stage:
        return stage_at(slack, surface, dm_thread(slack), dm_thread(slack))


class TestFlatDm(SurfaceContract):
    """A DM without threads."""

    @pytest.fixture
    def stage(self, slack: FakeSlack, surface: SlackSurface) -> Stage:
        here = flat_dm(slack)
        return stage_at(slack, surface, here, replace(here, channel=flat_dm(slack, "grace").channel))
