"""One answer played through the real delivery, reply and surface against the fake Slack, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from bot.adapters.slack import workspaces as connected
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import App, SlackSettings
from bot.adapters.slack.workspaces import Workspace, Workspaces
from bot.conversation.delivery.delivery import Delivery, whole
from bot.core.place import Place
from tests.bot.adapters import played
from tests.bot.adapters.played import FOOTER, WAYS, Seen, run
from tests.bot.adapters.slack.conftest import workspace_of
from tests.bot.adapters.slack.seeing import all_seen, ours
from tests.fakes import loopback, scenes
from tests.fakes.slack.server import FakeSlack

__all__ = ["FOOTER", "WAYS", "Played", "run", "stage"]


class Played(played.Played):
    """A stage with an answer on it."""

    surface: SlackSurface

    def __init__(
        self, slack: FakeSlack, surface: SlackSurface, workspace: Workspace, delivery: Delivery, place: Place
    ) -> None:
        super().__init__(surface, delivery, place)
        self.slack, self.workspace = slack, workspace

    def seen(self) -> Sequence[Seen]:
        return all_seen(self.slack, self.place)

    def check(self, *, pages: int | None = None) -> None:
        super().check(pages=pages)
        assert not [message.ts for message in ours(self.slack, self.place) if message.streaming]
        assert self.slack.unexpected() == []

    def methods(self) -> list[str]:
        """The chat methods that were applied, in turn."""
        return [method.removeprefix("chat.") for _, method, _ in self.slack.api.calls if "chat." in method]


@asynccontextmanager
async def stage(
    where: Callable[[FakeSlack], Place], *, agent: bool = True, **settings: Any
) -> AsyncIterator[Played]:
    """A fake Slack with a surface and a delivery. Every call takes a tenth of a second."""
    async with (
        FakeSlack(clock=loopback.LoopClock(), agent=agent, events=()) as slack,
        connected.session() as session,
    ):
        slack.api.round_trip = 0.1
        slack.general.members.add(slack.bot.bot.id)
        given = replace(SlackSettings((App((slack.bot.token,)),), api_url=slack.api_url), **settings)
        workspace, workspaces = workspace_of(slack, given, session), Workspaces()
        workspaces.add(workspace)
        workspaces.known = True
        surface = SlackSurface(workspaces, given, whole, asyncio.get_running_loop().time)
        async with scenes.running() as delivery:
            yield Played(slack, surface, workspace, delivery, where(slack))
        await surface.close()
