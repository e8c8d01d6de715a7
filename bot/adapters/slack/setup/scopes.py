"""What the app asks of Slack, and why: scopes, events, and what Slack has of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Scope:
    """A bot scope. ``without`` says what does not work where it is missing, which for a ``vital`` one is too much.

    ``agent``: for the agent view only.
    """

    name: str
    why: str
    without: str
    vital: bool = False
    agent: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """An event the app subscribes to, and the scope that Slack gives it for ("" for none)."""

    name: str
    scope: str
    why: str
    agent: bool = False


SCOPES: tuple[Scope, ...] = (
    Scope("app_mentions:read", "hear mentions of the bot", "mentions in channels are not heard", vital=True),
    Scope(
        "channels:history", "hear the follow-ups in its threads", "threads of public channels go unanswered"
    ),
    Scope("groups:history", "the same in private channels", "threads of private channels go unanswered"),
    Scope("im:history", "read what is written to it directly", "direct messages go unanswered", vital=True),
    Scope("mpim:history", "hear mentions and threads in group messages", "group messages go unanswered"),
    Scope("chat:write", "answer, and let the answer grow", "nothing at all is answered", vital=True),
    Scope("commands", "slash commands, and shortcuts of messages", "slash commands and shortcuts do nothing"),
    Scope("files:read", "read the files that a question comes with", "files in questions are not read"),
    Scope("files:write", "show charts of what was spent", "charts are left out, their words stay"),
    Scope(
        "reactions:write", "mark a question that has to wait with 👀", "nothing shows that a question waits"
    ),
    Scope(
        "reactions:read",
        "heed a sign beneath its answer: 🛑 stop, 🔁 again, 👍 and 👎",
        "signs beneath answers do nothing; the buttons do the same",
    ),
    Scope(
        "channels:read",
        "notice that it was invited, and greet; show channels by name",
        "nobody is greeted at its invitation, and the site shows channels by their ids",
    ),
    Scope("users:read", "know the people in a thread by name", "models see ids in place of people's names"),
    Scope(
        "assistant:write",
        "suggest prompts in the agent view",
        "the agent view suggests nothing",
        agent=True,
    ),
)

EVENTS: tuple[Event, ...] = (
    Event("app_mention", "app_mentions:read", "somebody mentions the bot"),
    Event("message.channels", "channels:history", "a message in a public channel it was invited to"),
    Event("message.groups", "groups:history", "a message in a private channel it was invited to"),
    Event("message.im", "im:history", "a direct message"),
    Event("message.mpim", "mpim:history", "a message in a group it was added to"),
    Event("reaction_added", "reactions:read", "a sign is put beneath a message"),
    Event("reaction_removed", "reactions:read", "a sign is taken back"),
    Event("member_joined_channel", "channels:read", "the bot is invited"),
    Event("tokens_revoked", "", "an admin takes the token back"),
    Event("app_uninstalled", "", "the app is removed"),
    Event("app_home_opened", "", "somebody opens the app's own page"),
    Event("agent_session_stopped", "chat:write", "somebody presses Slack's own Stop", agent=True),
    Event("agent_session_title_changed", "chat:write", "somebody renames the conversation", agent=True),
)


def scopes(*, agent: bool) -> tuple[Scope, ...]:
    """What is asked for, with the agent view or without."""
    return tuple(scope for scope in SCOPES if agent or not scope.agent)


def events(*, agent: bool) -> tuple[Event, ...]:
    """What is subscribed to, with the agent view or without."""
    return tuple(event for event in EVENTS if agent or not event.agent)


def missing(granted: Collection[str], *, agent: bool) -> tuple[Scope, ...]:
    """What is needed and was not granted."""
    return tuple(scope for scope in scopes(agent=agent) if scope.name not in granted)


# What Slack has, for the checker: what is in neither is a slip of the pen, or younger than this list.
_KNOWN = (
    "app_mentions:read assistant:write bookmarks:read bookmarks:write calls:read calls:write "
    "canvases:read canvases:write channels:history channels:join channels:manage channels:read "
    "channels:write.invites channels:write.topic chat:write chat:write.customize chat:write.public "
    "code_channels:manage commands conversations.connect:manage conversations.connect:read "
    "conversations.connect:write datastore:read datastore:write dnd:read emoji:read files:read "
    "files:write groups:history groups:read groups:write groups:write.invites groups:write.topic "
    "im:history im:read im:write im:write.topic incoming-webhook links:read links:write "
    "links.embed:write lists:read lists:write metadata.message:read mpim:history mpim:read mpim:write "
    "mpim:write.topic pins:read pins:write reactions:read reactions:write reminders:read "
    "reminders:write remote_files:read remote_files:share remote_files:write team.billing:read "
    "team.preferences:read team:read triggers:read triggers:write usergroups:read usergroups:write "
    "users.profile:read users:read users:read.email users:write workflow.steps:execute "
)
KNOWN_SCOPES = frozenset(_KNOWN.split())

KNOWN_EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "agent_session_stopped": "chat:write",
        "agent_session_title_changed": "chat:write",
        "app_context_changed": "assistant:write",
        "app_home_opened": "",
        "app_mention": "app_mentions:read",
        "app_rate_limited": "",
        "app_uninstalled": "",
        "channel_archive": "channels:read",
        "channel_created": "channels:read",
        "channel_deleted": "channels:read",
        "channel_left": "channels:read",
        "channel_rename": "channels:read",
        "channel_unarchive": "channels:read",
        "emoji_changed": "emoji:read",
        "file_shared": "files:read",
        "group_archive": "groups:read",
        "group_left": "groups:read",
        "group_rename": "groups:read",
        "link_shared": "links:read",
        "member_joined_channel": "channels:read",
        "member_left_channel": "channels:read",
        "message.channels": "channels:history",
        "message.groups": "groups:history",
        "message.im": "im:history",
        "message.mpim": "mpim:history",
        "message_metadata_posted": "metadata.message:read",
        "pin_added": "pins:read",
        "pin_removed": "pins:read",
        "reaction_added": "reactions:read",
        "reaction_removed": "reactions:read",
        "team_join": "users:read",
        "team_rename": "team:read",
        "tokens_revoked": "",
        "user_change": "users:read",
    }
)
"""Events and the scope that each needs, "" for none."""
