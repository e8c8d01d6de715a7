"""One answer played through the real delivery, reply and surface against the fake Slack, in virtual time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from bot.adapters.slack import workspaces as connected
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import App, SlackSettings
from bot.adapters.slack.workspaces import Workspace, Workspaces
from bot.conversation.delivery.delivery import Delivery, whole
from bot.conversation.reply import Reply
from bot.core.place import Place
from bot.core.view import Button
from tests.bot.adapters.slack.conftest import workspace_of
from tests.bot.adapters.slack.seeing import all_seen, ours
from tests.fakes import loopback, scenes
from tests.fakes.measure import Row, ink, words
from tests.fakes.slack.server import FakeSlack

FOOTER, WAYS = "demo/quick · in all", (Button("Retry", "retry #1"),)


@dataclass
class Played:
    """A stage with an answer on it."""

    slack: FakeSlack
    surface: SlackSurface
    workspace: Workspace
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
        shown = all_seen(self.slack, self.place)
        assert ink("".join(one.text for one in shown)) == ink(self.text)
        assert pages in (None, len(shown))
        assert (shown[-1].footer, shown[-1].buttons) == (FOOTER, ("Retry",))
        assert all((one.footer, one.buttons) == ("", ()) for one in shown[:-1])
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


def run(scene: Awaitable[None]) -> None:
    """Play a scene in virtual time."""

    async def main() -> None:
        await scene

    loopback.run(main())
