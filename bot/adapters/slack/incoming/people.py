"""What people are called: asked once, remembered for a while, and nobody waits long for a name."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from bot.adapters.slack.workspaces import FAILURES, Workspace
from bot.core.background import Background

_WAIT = 0.8  # seconds
_FRESH = 6 * 3600.0  # seconds that a name is believed
_AGAIN = 60.0  # seconds before somebody whose name could not be had is asked after again
_MOST = 10_000

_Who = tuple[str, str]  # team and user


class People:
    """Names by user. What comes too late for one message is there for the next."""

    def __init__(self, background: Background, clock: Callable[[], float] = time.monotonic) -> None:
        self._background, self._clock = background, clock
        self._names: OrderedDict[_Who, tuple[str, float]] = OrderedDict()  # with the moment it is old
        self._bots: OrderedDict[_Who, None] = OrderedDict()
        self._asking: dict[_Who, asyncio.Task[Any]] = {}

    async def name(self, workspace: Workspace, user: str, seconds: float = _WAIT) -> str:
        """What a person is called, "" where Slack does not say so in time."""
        return (await self.names(workspace, [user], seconds)).get(user, "")

    async def is_bot(self, workspace: Workspace, user: str, seconds: float = _WAIT) -> bool:
        """Whether it is a program, as far as Slack says so in time."""
        await self.names(workspace, [user], seconds)
        return (workspace.team, user) in self._bots

    async def names(
        self, workspace: Workspace, users: Iterable[str], seconds: float = _WAIT
    ) -> dict[str, str]:
        """The names that can be had in time, by id."""
        wanted = [user for user in dict.fromkeys(users) if user]
        asking = [task for user in wanted if (task := self._asked(workspace, user)) is not None]
        if asking:
            await asyncio.wait(asking, timeout=seconds)
        known = {user: self._names.get((workspace.team, user), ("", 0.0))[0] for user in wanted}
        return {user: name for user, name in known.items() if name}

    def _asked(self, workspace: Workspace, user: str) -> asyncio.Task[Any] | None:
        """The question under way, begun where there is none; None where nothing needs to be asked."""
        who = (workspace.team, user)
        if "users:read" not in workspace.scopes or self._names.get(who, ("", 0.0))[1] > self._clock():
            return None
        task = self._asking.get(who)
        if task is None:
            task = self._asking[who] = self._background.start(self._ask(workspace, user), "a name")
            task.add_done_callback(lambda _: self._asking.pop(who, None))
        return task

    async def _ask(self, workspace: Workspace, user: str) -> None:
        try:
            answer = await workspace.client.users_info(user=user)
        except FAILURES:
            self._keep((workspace.team, user), "", _AGAIN)
        else:
            told = answer.get("user") or {}
            if told.get("is_bot"):
                self._bots[workspace.team, user] = None
                _trim(self._bots)
            self._keep((workspace.team, user), _called(told), _FRESH)

    def _keep(self, who: _Who, name: str, seconds: float) -> None:
        self._names[who] = (name or self._names.get(who, ("", 0.0))[0], self._clock() + seconds)
        self._names.move_to_end(who)
        _trim(self._names)


def _trim(remembered: OrderedDict[_Who, Any]) -> None:
    if len(remembered) > _MOST:
        remembered.popitem(last=False)


def _called(user: dict[str, Any]) -> str:
    """As the person wants to be called; else the full name; else the handle."""
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    return str(next((name for name in names if name), ""))
