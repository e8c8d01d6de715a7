"""The Slack edge: connects every workspace, takes what Slack sends, and answers what it posts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import NamedTuple

from bot.adapters.slack.commands.commands import SlackCommands, register
from bot.adapters.slack.door import Door
from bot.adapters.slack.incoming.addressed import Event
from bot.adapters.slack.incoming.intake import Intake
from bot.adapters.slack.incoming.occasions import Occasions
from bot.adapters.slack.incoming.reactions import SlackReactions
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.sockets import CONNECTING, Sockets
from bot.adapters.slack.workspaces import (
    Session,
    SlackNotReady,
    Workspace,
    Workspaces,
    client,
    connect,
    dead,
    session,
)
from bot.commands.command import Desk
from bot.commands.reactions import Reactions
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.engine import Engine
from bot.conversation.settings import Settings
from bot.core.background import Background
from storage.store import Store

log = logging.getLogger(__name__)


class Reply(NamedTuple):
    """An answer over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class SlackEdge:
    """Runs under a supervisor. One Bolt app for each app of the settings, all over the same workspaces."""

    def __init__(
        self,
        settings: SlackSettings,
        *,
        store: Store,
        engine: Engine,
        desk: Desk,
        delivery: Delivery,
        surface: SlackSurface,
        workspaces: Workspaces,
        widening: Settings,
    ) -> None:
        self._settings, self._store, self._engine, self._delivery = settings, store, engine, delivery
        self._surface, self._workspaces, self._widening = surface, workspaces, widening
        self._commands = SlackCommands(desk, delivery, surface, workspaces, store, settings)
        self._doors: tuple[Door, ...] = ()
        self._sockets: tuple[Sockets, ...] = ()
        self._troubles: dict[str, str] = {}  # by what they are about

    async def run(self) -> None:
        """Connect the workspaces, then stay.

        Raises SlackNotReady where no token opens a workspace, PlatformDown where Slack is away.
        """
        async with AsyncExitStack() as stack:
            speaking = await stack.enter_async_context(session())
            stack.callback(self._forget)
            background = Background("slack")
            stack.push_async_callback(background.close)
            stack.push_async_callback(self._commands.close)
            self._troubles = {one: one for one in await connect(self._settings, speaking, self._workspaces)}
            if not list(self._workspaces):
                raise SlackNotReady(say=" ".join(self._troubles))
            self._open(speaking, background)
            async with asyncio.TaskGroup() as group:
                for sockets in self._sockets:
                    group.create_task(sockets.run(self._settings.sockets))
                await asyncio.Event().wait()  # apps that Slack posts to need no task

    def use(self, settings: SlackSettings) -> None:
        """Connect other apps from the next ``run`` on. Everything but the apps stays as it was."""
        self._settings = settings

    async def post_in(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Take what Slack posted, if one of our apps' secrets signs it. ``headers`` have names in lower case.

        503 until the workspaces are connected: Slack then posts it again.
        """
        doors = [door for door in self._doors if door.app.signing_secret]
        if not doors:
            return Reply(503, {}, b"")
        signed = next((door for door in doors if door.is_signed(headers, body)), None)
        if signed is not None:
            return Reply(*await signed.posted(headers, body))
        # The check of our certificate is the one thing that Slack does not sign; Bolt refuses what only looks so.
        if b"ssl_check=1" in body:
            return Reply(*await doors[0].posted({"content-type": headers.get("content-type", "")}, body))
        return Reply(401, {}, b"")

    def health(self) -> str:
        """What does not work just now, in sentences; "ok" where everything does."""
        troubles = [*self._troubles.values(), *(sockets.trouble for sockets in self._sockets)]
        otherwise = "ok" if self._doors else CONNECTING
        return " ".join(filter(None, dict.fromkeys(troubles))) or otherwise

    def _open(self, speaking: Session, background: Background) -> None:
        """Make what the payloads come in by, new at each start because all of it holds the session."""
        intake = Intake(
            self._settings,
            store=self._store,
            engine=self._engine,
            widening=self._widening,
            surface=self._surface,
            commands=self._commands,
            background=background,
        )
        occasions = Occasions(
            store=self._store,
            engine=self._engine,
            delivery=self._delivery,
            surface=self._surface,
            background=background,
            home=self._commands.at_home,
        )
        signs = SlackReactions(Reactions(self._store, self._engine), intake.people, self._settings)
        anybody = client(speaking, self._settings, None)
        take = partial(self._take, intake, occasions, signs)
        self._doors = tuple(Door(app, anybody, self._workspaces, take) for app in self._settings.apps)
        for door in self._doors:
            register(door.bolt, self._commands)
        self._sockets = tuple(
            Sockets(speaking, anybody, door.app.app_token, door.enveloped)
            for door in self._doors
            if door.app.app_token
        )

    async def _take(
        self,
        intake: Intake,
        occasions: Occasions,
        signs: SlackReactions,
        workspace: Workspace,
        event: Event,
    ) -> None:
        match event.get("type"):
            case "message":
                await intake.message(workspace, event)
            case "app_mention":
                await intake.mention(workspace, event)
            case "reaction_added" | "reaction_removed":
                await signs.take(workspace, event)
            case "tokens_revoked" | "app_uninstalled" if _ends(workspace, event):
                self._workspaces.drop(workspace.team)
                self._troubles[workspace.team] = dead(workspace.name)
                log.warning("%s", self._troubles[workspace.team])
            case _:
                await occasions.take(workspace, event)

    def _forget(self) -> None:
        self._workspaces.forget()
        self._doors, self._sockets = (), ()


def _ends(workspace: Workspace, event: Event) -> bool:
    """Whether it is our token that was revoked, and not that of a person who once installed the app."""
    tokens = event.get("tokens")
    if event.get("type") == "app_uninstalled" or not isinstance(tokens, Mapping):
        return True
    return workspace.bot_user in (tokens.get("bot") or ())
