"""What people do with the app's own things, and what they see of its work."""

from __future__ import annotations

from typing import Any

from tests.fakes.refused import Misuse
from tests.fakes.slack import views
from tests.fakes.slack.acks import Ack
from tests.fakes.slack.events import Events
from tests.fakes.slack.exchanges import View
from tests.fakes.slack.interactions import Interactions
from tests.fakes.slack.messages import Message, StreamState
from tests.fakes.slack.people import People, Where, Who
from tests.fakes.slack.refusals import JSON
from tests.fakes.slack.sessions import STATUS_SECONDS, Session
from tests.fakes.slack.workspace import Installation
from tests.fakes.slack.world import World


class Screens(People):
    """Verbs that wait for the app's ack, as a person does."""

    def __init__(self, world: World, events: Events, interactions: Interactions) -> None:
        super().__init__(world, events)
        self._interactions = interactions

    async def command(self, who: Who, where: Where, name: str, text: str = "", *, thread_ts: str = "") -> Ack:
        """A slash command. The client sends none from a thread."""
        user, channel = self._world.user(who), self._world.channel(where)
        self._must_be_member(user, channel)
        if thread_ts:
            raise Misuse(f"{name} is not supported in threads. Sorry!")
        return await self._interactions.command(self._installed(user), user, channel, name, text)

    async def click(self, who: Who, on: Message | View, action_id: str, choice: Any = "") -> Ack:
        """Use a button, or choose in a menu: the option's value, an id, "positive" or "negative"."""
        user = self._world.user(who)
        return await self._interactions.click(self._installed(user), user, on, action_id, choice)

    async def suggest(self, who: Who, on: Message | View, action_id: str, typed: str = "") -> list[JSON]:
        """Type into an external select; what it offers can be chosen afterwards."""
        user = self._world.user(who)
        return await self._interactions.suggest(self._installed(user), user, on, action_id, typed)

    async def submit(self, who: Who, values: dict[str, Any] | None = None) -> Ack:
        """Fill in the top modal (by action_id) and submit it."""
        user, view = self._world.user(who), self.screen(who)
        return await self._interactions.submit(self._installed(user), user, self._shown(view), values or {})

    async def close(self, who: Who) -> None:
        """Close the top modal."""
        user, view = self._world.user(who), self.screen(who)
        await self._interactions.close(self._installed(user), user, self._shown(view))

    async def shortcut(self, who: Who, callback_id: str, message: Message | None = None) -> Ack:
        """Use a shortcut: a message's, or the global one."""
        user = self._world.user(who)
        return await self._interactions.shortcut(self._installed(user), user, callback_id, message)

    def screen(self, who: Who) -> View | None:
        """The modal on top of somebody's screen."""
        user = self._world.user(who)
        stack = views.stack_of(self._world, self._installed(user).app.id, user.id)
        return stack[-1] if stack else None

    def home(self, who: Who) -> View | None:
        """Somebody's home tab, if the app published one."""
        user = self._world.user(who)
        return views.home_of(self._world, self._installed(user).app.id, user.id)

    def open_home(self, who: Who, tab: str = "home") -> None:
        """Open the app's home or messages tab."""
        user = self._world.user(who)
        by, view = self._installed(user), self.home(who)
        shown = {"view": views.payload(by, view)} if view is not None and tab == "home" else {}
        channel = self._world.dm(user, by.bot).id
        self._events.happened(by, "app_home_opened", user=user.id, channel=channel, tab=tab, **shown)

    def look(self, who: Who, where: Where | None = None) -> None:
        """Turn to a channel, or away, with the app beside it (agent apps)."""
        user = self._world.user(who)
        by, context = self._installed(user), {}
        if not by.app.agent:
            raise Misuse("only an agent is shown beside a channel")
        if where is not None:
            seen = self._world.channel(where)
            entity = {"type": "slack#/types/channel_id", "value": seen.id, "team_id": seen.team}
            context = {"entities": [entity]}
        channel = self._world.dm(user, by.bot).id
        self._events.happened(by, "app_context_changed", user=user.id, channel=channel, context=context)

    def status(self, where: Where, thread_ts: str) -> str:
        """What the app says it is doing in a thread; it fades by itself."""
        channel = self._world.channel(where)
        for installation in self._world.installed_in(channel.team):
            status = self._world.statuses.get((installation.app.id, channel.id, thread_ts))
            if status is not None and self._world.clock.now() - status.at <= STATUS_SECONDS:
                return status.text
        return ""

    def prompts(self, who: Who) -> list[str]:
        """The titles of the prompts suggested to somebody."""
        user = self._world.user(who)
        by = self._installed(user)
        offered = self._world.prompts.get((by.app.id, self._world.dm(user, by.bot).id), [])
        return [prompt["title"] for prompt in offered]

    def session(self, where: Where, thread_ts: str) -> Session | None:
        """The agent session of a thread."""
        channel = self._world.channel(where)
        sessions = self._world.sessions.values()
        return next((s for s in sessions if (s.channel, s.thread_ts) == (channel.id, thread_ts)), None)

    def stop(self, who: Who, where: Where, thread_ts: str) -> None:
        """Press Slack's own stop button: it is there while a session is processing."""
        user, channel = self._world.user(who), self._world.channel(where)
        by, session = self._installed(user), self.session(where, thread_ts)
        if session is None or session.status != "processing" or "agent_session_stopped" not in by.app.events:
            raise Misuse("there is no stop button")
        stopped = [message for message in self._world.thread(channel, thread_ts) if message.streaming]
        for message in stopped:
            if message.stream is not None:
                message.stream.state = StreamState.STOPPED_BY_USER
        self._world.changed()
        self._events.happened(
            by,
            "agent_session_stopped",
            channel=channel.id,
            thread_ts=thread_ts,
            user=user.id,
            streaming_message_ts=[message.ts for message in stopped],
        )

    def rename(self, who: Who, where: Where, thread_ts: str, title: str) -> None:
        """Give a conversation with an agent another title."""
        user, channel, session = (
            self._world.user(who),
            self._world.channel(where),
            self.session(where, thread_ts),
        )
        if session is None:
            raise Misuse("there is no session to rename")
        session.title = title
        self._events.happened(
            self._installed(user),
            "agent_session_title_changed",
            channel=channel.id,
            thread_ts=thread_ts,
            user=user.id,
            title=title,
        )

    def uninstall(self, by: Installation | None = None) -> None:
        """Remove the app from a workspace: its token is worth nothing from now on."""
        by = by or self.bot
        by.revoked = True
        self._events.happened(by, "tokens_revoked", tokens={"oauth": [], "bot": [by.bot.id]})
        self._events.happened(by, "app_uninstalled")

    def _shown(self, view: View | None) -> View:
        if view is None:
            raise Misuse("there is no modal on the screen")
        return view
