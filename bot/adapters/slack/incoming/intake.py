"""What is said in Slack, kept before it is acked: once this returns Slack need not deliver again.

Everything here may be asked twice with the same event, by this process or another. StorageDown passes through:
then nothing was kept, there is no ack, and Slack delivers again.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.adapters.slack.commands.commands import SlackCommands
from bot.adapters.slack.incoming.addressed import (
    Event,
    Heard,
    heard,
    is_to_another,
    key_of,
    may_speak,
    mentions_us,
    place_of,
    words_for_us,
)
from bot.adapters.slack.incoming.channels import Channels
from bot.adapters.slack.incoming.occasions import entitle
from bot.adapters.slack.incoming.overheard import Thread
from bot.adapters.slack.incoming.people import People
from bot.adapters.slack.incoming.turns import Turns, Twins
from bot.adapters.slack.incoming.wording import mentioned
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.workspaces import FAILURES, Workspace
from bot.conversation.engine import Engine
from bot.conversation.settings import Settings
from bot.core.background import Background
from bot.core.message import Author, Incoming, Overheard, Promised, Said
from bot.core.place import Place
from storage.store import Store

log = logging.getLogger(__name__)

_SEEN = "eyes"  # the sign on a message that has to wait for the answer before it
_HELP = "/help"


class Intake:
    """Takes ``message`` and ``app_mention`` events."""

    def __init__(
        self,
        settings: SlackSettings,
        *,
        store: Store,
        engine: Engine,
        widening: Settings,
        surface: SlackSurface,
        commands: SlackCommands,
        background: Background,
    ) -> None:
        self._settings, self._store, self._engine, self._widening = settings, store, engine, widening
        self._surface, self._commands, self._background = surface, commands, background
        self.people = People(background)
        self._channels = Channels(store, background)
        self._thread = Thread(engine, self.people, self._is_command)
        self._turns, self._twins = Turns(), Twins()

    async def message(self, workspace: Workspace, event: Event) -> None:
        """Something was said, changed or deleted."""
        self._twins.told(f"{workspace.team}/{event.get('channel')}")
        match event.get("subtype"), event:
            case "message_changed", {"message": Mapping() as now}:
                await self._changed(workspace, event, now)
            case "message_deleted", {"deleted_ts": str(ts)}:
                await self._withdraw(workspace, str(event.get("channel")), ts)
            case _ if not event.get("hidden"):
                said = heard(event)
                await self._said(workspace, said)
                self._twins.taken(f"{workspace.team}/{said.key}")
            case _:
                pass

    async def mention(self, workspace: Workspace, event: Event) -> None:
        """The twin of a message that mentions us, or of its edit."""
        said = heard(event)
        if not may_speak(workspace, self._settings, said):
            return
        if said.edited:
            await self._amended(workspace, said)
            return
        channel = f"{workspace.team}/{said.channel}"
        if not await self._twins.has_come(channel, f"{workspace.team}/{said.key}"):
            await self._said(workspace, said, twin=self._twins.tells(channel))

    async def _changed(self, workspace: Workspace, event: Event, now: Mapping[str, Any]) -> None:
        said = heard(event, now)
        if said.subtype == "tombstone":
            await self._withdraw(workspace, said.channel, said.ts)
        elif may_speak(workspace, self._settings, said):
            before = event.get("previous_message")
            # Slack tells of a link's preview as of an edit.
            if not isinstance(before, Mapping) or before.get("text") != now.get("text"):
                await self._amended(workspace, said)

    async def _withdraw(self, workspace: Workspace, channel: str, ts: str) -> None:
        await self._engine.withdraw(Place("slack", workspace.team, channel), key_of(channel, ts))

    async def _amended(self, workspace: Workspace, said: Heard) -> None:
        place = place_of(workspace, said)
        async with self._turns.at(str(place)):
            text, _ = words_for_us(workspace, said, await self._names(workspace, said))
            known = await self._engine.amend(place, said.key, text, said.user)
        if not known and not said.direct and mentions_us(workspace, said):
            await self._said(workspace, said)

    async def _said(self, workspace: Workspace, said: Heard, *, twin: bool = False) -> None:
        """Take what is for us. A ``twin`` runs no command: its sibling does, perhaps in another process."""
        if not may_speak(workspace, self._settings, said):
            return
        place = place_of(workspace, said)
        async with self._turns.at(str(place)):
            inside = said.direct or (said.is_reply and await self._has_conversation(place))
            line = self._line(workspace, said, inside=inside)
            if line is not None:
                if not twin:
                    await self._run(workspace, said, place, line)
            elif await self._is_for_us(workspace, said, place, inside=inside):
                await self._receive(workspace, said, place, begun=inside)
            elif inside:
                self._thread.passed(place)

    async def _has_conversation(self, place: Place) -> bool:
        return await self._store.conversations.current(str(place)) is not None

    def _line(self, workspace: Workspace, said: Heard, *, inside: bool) -> str | None:
        """The command that it is. A bare mention asks for help, unless there is a thread to look at."""
        text, began = words_for_us(workspace, said)
        if said.files or not (inside or began):
            return None
        if not text and not said.is_reply:
            return _HELP
        return self._commands.line_of(text, mentioned=began, in_conversation=inside)

    def _is_command(self, text: str) -> bool:
        return self._commands.line_of(text, mentioned=False, in_conversation=True) is not None

    async def _run(self, workspace: Workspace, said: Heard, place: Place, line: str) -> None:
        await self._commands.words(
            workspace=workspace,
            place=place,
            channel=said.channel,
            user=said.user,
            ts=said.ts,
            thread_ts=said.thread,
            line=line,
        )

    async def _is_for_us(self, workspace: Workspace, said: Heard, place: Place, *, inside: bool) -> bool:
        if said.direct or mentions_us(workspace, said):
            return True
        return inside and not is_to_another(workspace, said) and await self._widening.follows(place)

    async def _receive(self, workspace: Workspace, said: Heard, place: Place, *, begun: bool) -> None:
        names, overheard = await asyncio.gather(
            self._names(workspace, said), self._overheard(workspace, said, place, begun=begun)
        )
        text, _ = words_for_us(workspace, said, names)
        self._surface.note_asker(place, said.user)
        received = await self._engine.receive(
            Incoming(
                key=said.key,
                place=place,
                author=Author(said.user or next(iter(sorted(said.bots))), names.get(said.user, "")),
                what=Said(text, promised=_promised(said), overheard=overheard),
                sent_at=_moment(said.ts),
            )
        )
        self._thread.received(place, said)
        if said.public:
            self._channels.used(workspace, said.channel)
        if received.fresh and received.busy and "reactions:write" in workspace.scopes:
            self._background.start(_mark(workspace, said), "a sign on a message")
        if received.fresh and workspace.agent and said.direct and not said.is_reply:
            self._background.start(entitle(workspace, said, text), "a title")

    async def _names(self, workspace: Workspace, said: Heard) -> dict[str, str]:
        others = [user for user in mentioned(said.text) if user != workspace.bot_user]
        return await self.people.names(workspace, [said.user, *others])

    async def _overheard(
        self, workspace: Workspace, said: Heard, place: Place, *, begun: bool
    ) -> tuple[Overheard, ...]:
        """What was said to others: before the conversation, or between where only mentions are answered."""
        if said.direct or not said.is_reply:
            return ()
        if begun and not self._thread.has_passed(place) and await self._widening.follows(place):
            return ()
        return await self._thread.before(workspace, said, place)


async def _mark(workspace: Workspace, said: Heard) -> None:
    try:
        await workspace.client.reactions_add(channel=said.channel, timestamp=said.ts, name=_SEEN)
    except FAILURES as error:
        log.info("a message could not be marked as seen: %s", error)


def _promised(said: Heard) -> tuple[Promised, ...]:
    return tuple(_file(file) for file in said.files if file.get("id") and file.get("mode") != "tombstone")


def _file(file: Mapping[str, Any]) -> Promised:
    """A file of another company's (Slack Connect) comes with its id alone."""
    url = file.get("url_private_download") or file.get("url_private") or ""
    size = file.get("size")
    return Promised(
        name=str(file.get("name") or file.get("title") or file["id"]),
        media_type=str(file.get("mimetype") or ""),
        size=size if isinstance(size, int) else 0,
        ref=json.dumps({"id": str(file["id"]), "url": str(url)}),
    )


def _moment(ts: str) -> datetime:
    """When a message was written, which its id says."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC)
