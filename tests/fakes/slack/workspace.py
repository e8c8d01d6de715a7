"""Who and where: workspaces, their people and channels, and the apps installed in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.slack.messages import Message
from tests.fakes.slack.refusals import JSON


@dataclass(eq=False)
class User:
    """A person or a bot. ``bot_id`` and ``app_id`` are set for bots."""

    id: str
    team: str
    name: str
    bot_id: str = ""
    app_id: str = ""
    tz: str = "Europe/Berlin"
    guest: bool = False
    admin: bool = False
    owner: bool = False
    deleted: bool = False

    @property
    def is_bot(self) -> bool:
        return bool(self.bot_id)

    @property
    def json(self) -> JSON:
        return {
            "id": self.id,
            "team_id": self.team,
            "name": self.name,
            "real_name": self.name.title(),
            "deleted": self.deleted,
            "tz": self.tz,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_admin": self.admin or self.owner,
            "is_owner": self.owner,
            "is_primary_owner": False,
            "is_restricted": self.guest,
            "is_ultra_restricted": False,
            "profile": {"display_name": self.name, "real_name": self.name.title(), "team": self.team},
        }


KINDS = ("channel", "group", "im", "mpim")


@dataclass(eq=False)
class Channel:
    """A public channel, a private one (``group``), a DM (``im``) or a group DM (``mpim``)."""

    id: str
    team: str
    kind: str
    name: str
    members: set[str] = field(default_factory=set)
    shared: bool = False  # with another company (Slack Connect)
    archived: bool = False
    streams: bool = True  # false: native streaming is refused with channel_type_not_supported
    messages: dict[str, Message] = field(default_factory=dict)

    @property
    def json(self) -> JSON:
        common: JSON = {"id": self.id, "created": 1_700_000_000, "is_archived": self.archived}
        if self.kind == "im":
            return {**common, "is_im": True, "user": next(iter(sorted(self.members)), "")}
        return {
            **common,
            "name": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_im": False,
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "channel",
            "is_shared": self.shared,
            "is_ext_shared": self.shared,
            "context_team_id": self.team,
        }


@dataclass(eq=False)
class Workspace:
    """A team. ``edit_window`` is after how many seconds messages cannot be edited, None for never."""

    id: str
    name: str
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    edit_window: float | None = None

    @property
    def domain(self) -> str:
        return self.name.lower()


# Bot scopes that the reference names, with what this product could want of them.
SCOPES = frozenset(
    {
        "app_mentions:read",
        "assistant:write",
        "channels:history",
        "channels:join",
        "channels:manage",
        "channels:read",
        "chat:write",
        "chat:write.customize",
        "chat:write.public",
        "commands",
        "emoji:read",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "groups:write",
        "im:history",
        "im:read",
        "im:write",
        "links:read",
        "links:write",
        "metadata.message:read",
        "mpim:history",
        "mpim:read",
        "mpim:write",
        "pins:read",
        "pins:write",
        "reactions:read",
        "reactions:write",
        "team:read",
        "usergroups:read",
        "users.profile:read",
        "users:read",
        "users:read.email",
        "users:write",
    }
)


@dataclass(eq=False)
class App:
    """A Slack app as its settings pages know it. Without ``request_url`` it is in Socket Mode.

    ``shortcuts`` are callback ids with their kind (message, global). ``prompts`` are its suggested ones.
    """

    id: str
    name: str
    app_token: str
    signing_secret: str
    events: frozenset[str]
    commands: tuple[str, ...]
    shortcuts: Mapping[str, str]
    agent: bool = False
    home_tab: bool = True
    app_scopes: frozenset[str] = frozenset({"connections:write"})
    request_url: str = ""
    options_url: str = ""


@dataclass(eq=False)
class Installation:
    """An app in a workspace: its bot's token and user, and the scopes that were granted."""

    app: App
    team: Workspace
    token: str
    bot: User
    scopes: frozenset[str]
    revoked: bool = False
    views: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if unknown := self.scopes - SCOPES:
            raise ValueError(f"Slack knows no bot scope {', '.join(sorted(unknown))}")
