"""What Slack tells an app: which events there are, what each needs, and how they look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.slack.messages import Message
from tests.fakes.slack.refusals import JSON
from tests.fakes.slack.workspace import Channel, Installation, User
from tests.fakes.slack.world import World

# Event (as it is subscribed to) and the scope it needs, "" for none. From the event reference.
EVENTS: Mapping[str, str] = {
    "app_context_changed": "assistant:write",
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "agent_session_stopped": "chat:write",
    "agent_session_title_changed": "chat:write",
    "member_joined_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "tokens_revoked": "",
}
_MESSAGE_EVENTS = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}
Deliver = Callable[[Installation, JSON], None]


class Events:
    """Tells every app that may know of a change. ``withheld``: subscribed to, but the scope is missing."""

    def __init__(self, world: World, deliver: Deliver) -> None:
        self._world, self._deliver = world, deliver
        self.withheld: list[tuple[str, str]] = []
        # What a mention with files is told as. Reports differ: without them (""), with them, or not at all (None).
        self.files_in_mentions: str | None = ""
        self._mention_first = False

    def posted(self, channel: Channel, message: Message) -> None:
        """A new message, of whomever: everybody subscribed, and the twin ``app_mention``."""
        body = {**message.json(), **_placed(channel, message.ts)}
        if message.broadcast:
            body["subtype"] = "thread_broadcast"
        # The order of the twins is not promised, so it changes from one message to the next.
        self._mention_first = not self._mention_first
        if self._mention_first:
            self._mentioned(channel, message)
        self._told_members(channel, body)
        if not self._mention_first:
            self._mentioned(channel, message)

    def edited(self, channel: Channel, message: Message, before: JSON, by: User) -> None:
        ts = self._world.ts()
        body = {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "message": message.json(),
            "previous_message": before,
            "ts": ts,
            **_placed(channel, ts),
        }
        self._told_members(channel, body)
        if not by.is_bot and message.edited:
            # An edit of a message with a mention fires app_mention again, with `edited` in it (bolt-js#960).
            self._mentioned(channel, message)

    def remove(self, channel: Channel, message: Message) -> None:
        """Delete a message and tell; where a thread hangs on it, a tombstone stands in its place."""
        before, ts = message.json(), self._world.ts()
        message.deleted = True
        message.note(self._world.clock.now())
        self._world.changed()
        body: JSON = {"type": "message", "hidden": True, "previous_message": before, "ts": ts}
        if not message.is_reply and self._world.thread(channel, message.ts):
            stone: JSON = {"type": "message", "subtype": "tombstone", "text": "This message was deleted."}
            stone |= {"user": "USLACKBOT", "hidden": True, "ts": message.ts, "thread_ts": message.ts}
            body |= {"subtype": "message_changed", "message": stone}
        else:
            body |= {"subtype": "message_deleted", "deleted_ts": message.ts}
        self._told_members(channel, {**body, **_placed(channel, ts)})

    def happened(self, installation: Installation, name: str, **event: Any) -> None:
        """An event of one app."""
        body = {"type": name, **event}
        body.setdefault("event_ts", self._world.ts())
        self._tell(installation, name, body)

    def reacted(self, name: str, channel: Channel, message: Message, user: str, emoji: str) -> None:
        item = {"type": "message", "channel": channel.id, "ts": message.ts}
        for installation in self._world.installed_in(channel.team):
            if installation.bot.id in channel.members:
                self.happened(
                    installation, name, user=user, reaction=emoji, item=item, item_user=message.user
                )

    def joined(self, channel: Channel, user: User, **more: Any) -> None:
        letter = {"channel": "C"}.get(channel.kind, "G")
        for installation in self._world.installed_in(channel.team):
            if installation.bot.id in channel.members:
                about = {"user": user.id, "channel": channel.id, "channel_type": letter, "team": channel.team}
                self.happened(installation, "member_joined_channel", **about, **more)

    def _told_members(self, channel: Channel, body: JSON) -> None:
        for installation in self._world.installed_in(channel.team):
            if installation.bot.id in channel.members:
                self._tell(installation, _MESSAGE_EVENTS[channel.kind], dict(body))

    def _mentioned(self, channel: Channel, message: Message) -> None:
        """Not in DMs, where every message is addressed (app_mention's reference)."""
        if message.files and self.files_in_mentions is None:
            return
        for installation in self._world.installed_in(channel.team):
            bot = installation.bot
            if channel.kind == "im" or message.user == bot.id or bot.id not in channel.members:
                continue
            if bot.id in message.pings:
                body = {
                    **message.json(),
                    "type": "app_mention",
                    "channel": channel.id,
                    "event_ts": message.ts,
                }
                body.pop("subtype", None)
                if not self.files_in_mentions:
                    body.pop("files", None)
                self._tell(installation, "app_mention", body)

    def _tell(self, installation: Installation, name: str, body: JSON) -> None:
        if name not in installation.app.events:
            return
        needed = EVENTS[name]
        if needed and needed not in installation.scopes:
            self.withheld.append((name, needed))
            return
        channel = self._world.teams[installation.team.id].channels.get(str(body.get("channel")))
        self._deliver(
            installation, self._envelope(installation, body, shared=bool(channel and channel.shared))
        )

    def _envelope(self, installation: Installation, event: JSON, *, shared: bool) -> JSON:
        team = installation.team.id
        return {
            "token": "legacy-verification-token",
            "team_id": team,
            "context_team_id": team,
            "context_enterprise_id": None,
            "api_app_id": installation.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": self._world.id("Ev"),
            "event_time": int(self._world.clock.now()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": team,
                    "user_id": installation.bot.id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": shared,
            "event_context": self._world.id("EC"),
        }


def _placed(channel: Channel, ts: str) -> JSON:
    return {"channel": channel.id, "channel_type": channel.kind, "event_ts": ts}
