"""What happens in Slack beside what is said: the app's tab is opened, an answer stopped, a title or a token changed."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from bot.adapters.slack.incoming.addressed import PLATFORM, Event, Heard, place_at
from bot.adapters.slack.outgoing.calls import SlackRefusal, call
from bot.adapters.slack.outgoing.status import SESSION
from bot.adapters.slack.outgoing.surface import SlackSurface
from bot.adapters.slack.setup.prompts import PROMPTS
from bot.adapters.slack.workspaces import FAILURES, Workspace
from bot.commands.orders import Recent
from bot.conversation.delivery.delivery import Delivery
from bot.conversation.engine import Engine
from bot.core.background import Background
from bot.core.errors import PlatformError
from bot.core.place import Place
from bot.core.view import Tone, View
from storage.store import Store

log = logging.getLogger(__name__)

_HOUR = 3600.0
_TITLE = 200  # characters, Slack's limit
_HELLO = (
    "Hello, and thanks for the invitation. Mention me in a message, and a thread begins in which a model answers; "
    "in the thread go on without a mention. `@Switchboard help` shows what else can be said, "
    "`@Switchboard follow mentions` lets me answer mentions only."
)


class Occasions:
    """Takes every event that is no message. What is quick is done before the ack, the rest behind it."""

    def __init__(
        self,
        *,
        store: Store,
        engine: Engine,
        delivery: Delivery,
        surface: SlackSurface,
        background: Background,
        home: Callable[[Workspace, str], Coroutine[Any, Any, None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._engine, self._delivery, self._surface = store, engine, delivery, surface
        self._background, self._home, self._clock = background, home, clock
        self._prompted = Recent()  # people

    async def take(self, workspace: Workspace, event: Event) -> None:
        """Do what an event asks for. Raises StorageDown, after which Slack delivers it again."""
        match event.get("type"):
            case "app_home_opened" if event.get("tab") == "messages":
                self._opened(workspace, event)
            case "app_home_opened" if event.get("tab") == "home":
                self._background.start(self._home(workspace, str(event.get("user"))), "a home tab")
            case "agent_session_stopped":
                await self._stopped(_session(workspace, event))
            case "agent_session_title_changed":
                await self._entitled(_session(workspace, event), str(event.get("title") or ""))
            case "member_joined_channel" if event.get("user") == workspace.bot_user:
                self._joined(workspace, event)
            case _:
                pass

    def _opened(self, workspace: Workspace, event: Event) -> None:
        who = (workspace.team, str(event.get("user")))
        if not workspace.agent or not self._prompted.is_new(who, self._clock(), _HOUR):
            return
        self._background.start(_suggest(workspace, str(event.get("channel"))), "suggested prompts")

    async def _stopped(self, place: Place) -> None:
        """Slack has ended the streams itself; the model has to be stopped too."""
        self._surface.stopped(place)
        conversation = await self._store.conversations.current(str(place))
        if conversation is not None:
            await self._engine.stop(conversation.id)

    async def _entitled(self, place: Place, title: str) -> None:
        conversation = await self._store.conversations.current(str(place))
        if conversation is not None and title and title != conversation.title:
            await self._store.conversations.rename(conversation.id, title)

    def _joined(self, workspace: Workspace, event: Event) -> None:
        if inviter := event.get("inviter"):
            place = Place(PLATFORM, workspace.team, str(event.get("channel")))
            digest = hashlib.sha256(f"hello {place} {event.get('event_ts')}".encode()).hexdigest()
            self._background.start(self._greet(place, str(inviter), f"c{digest[:24]}"), "a greeting")

    async def _greet(self, place: Place, inviter: str, key: str) -> None:
        try:
            await self._delivery.send(
                self._surface, place, View(_HELLO, tone=Tone.NOTICE, private_to=inviter), key
            )
        except PlatformError as error:
            log.info("nobody was greeted at %s: %s", place, error)


async def entitle(workspace: Workspace, said: Heard, text: str) -> None:
    """Give a new conversation with the agent its first line as its title. Best effort."""
    title = " ".join(text.partition("\n")[0].split())[:_TITLE]
    if not title or SESSION in workspace.lacks:
        return
    there = {"channel_id": said.channel, "thread_ts": said.ts}
    made = {**there, "status": "active", "title": title, "initiator_user_id": said.user}
    try:
        # Whoever comes first makes the session, we or the answer's status; one that is there keeps its title.
        answer = await call(workspace, "agents.sessions.setStatus", made)
        if answer.get("title") != title:
            await call(workspace, "agents.sessions.rename", {**there, "title": title})
    except SlackRefusal as refusal:
        if refusal.code == "not_authorized":  # the app has the scope, but not the agent view
            workspace.lacks.add(SESSION)
        log.info("a conversation got no title: %s", refusal)
    except PlatformError as error:
        log.info("a conversation got no title: %s", error)


async def _suggest(workspace: Workspace, channel: str) -> None:
    prompts = [{"title": title, "message": message} for title, message in PROMPTS]
    try:
        await workspace.client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=prompts)
    except FAILURES as error:
        log.info("no prompts were suggested: %s", error)


def _session(workspace: Workspace, event: Event) -> Place:
    channel, thread = str(event.get("channel")), str(event.get("thread_ts"))
    return place_at(workspace, channel, thread, thread, direct=channel.startswith("D"))
