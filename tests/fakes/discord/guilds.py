"""Who there is: people, bots and the apps behind them; servers with their roles and members."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.discord.refusals import JSON

MIB = 1 << 20
# Bits of an application's flags: the limited ones are those of an app in fewer than 100 servers.
_SWITCHES = {"presences": 1 << 13, "members": 1 << 15, "message_content": 1 << 19}


@dataclass(eq=False)
class User:
    """A person or a bot. ``closed``: takes no direct messages."""

    id: str
    name: str
    bot: bool = False
    closed: bool = False
    locale: str = "en-US"

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    @property
    def json(self) -> JSON:
        return {
            "id": self.id,
            "username": self.name,
            "discriminator": "0000" if self.bot else "0",
            "global_name": None if self.bot else self.name.title(),
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclass(eq=False)
class App:
    """An application as the developer portal knows it, with its bot.

    ``switches`` are its privileged intents that are on: message_content, members, presences.
    """

    id: str
    user: User
    token: str
    owner: User
    switches: set[str] = field(default_factory=set)
    installed_by: set[str] = field(default_factory=set)  # users who installed it for themselves
    commands: dict[str, dict[str, JSON]] = field(default_factory=dict)  # by guild ("" for global), by id
    created_commands: dict[str, list[float]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def flags(self) -> int:
        return sum(bit for name, bit in _SWITCHES.items() if name in self.switches)

    @property
    def json(self) -> JSON:
        return {
            "id": self.id,
            "name": self.name,
            "icon": None,
            "description": "",
            "summary": "",
            "type": None,
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": self.flags,
            "hook": True,
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "integration_types_config": {"0": {}, "1": {}},
            "owner": self.owner.json,
            "team": None,
            "bot": self.user.json,
        }


@dataclass(eq=False)
class Role:
    """A role; the one of everybody has the server's id."""

    id: str
    name: str
    permissions: int
    position: int = 0
    mentionable: bool = False
    bot: str = ""  # the bot whose own role it is

    @property
    def json(self) -> JSON:
        body: JSON = {
            "id": self.id,
            "name": self.name,
            "permissions": str(int(self.permissions)),
            "position": self.position,
            "mentionable": self.mentionable,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": bool(self.bot),
            "flags": 0,
        }
        return body | ({"tags": {"bot_id": self.bot}} if self.bot else {})


@dataclass(eq=False)
class Member:
    """Somebody in a server."""

    user: User
    joined_at: str
    roles: list[str] = field(default_factory=list)

    @property
    def partial(self) -> JSON:
        """Without the user: as in a message."""
        return {
            "roles": list(self.roles),
            "joined_at": self.joined_at,
            "nick": None,
            "avatar": None,
            "premium_since": None,
            "communication_disabled_until": None,
            "pending": False,
            "flags": 0,
            "mute": False,
            "deaf": False,
        }

    @property
    def json(self) -> JSON:
        return {**self.partial, "user": self.user.json}


@dataclass(eq=False)
class Guild:
    """A server. ``tier`` is its boost level, on which the size of files hangs."""

    id: str
    name: str
    owner: str
    joined_at: str
    roles: dict[str, Role] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    tier: int = 0
    most_threads: int = 1000

    @property
    def everyone(self) -> Role:
        return self.roles[self.id]

    @property
    def file_size(self) -> int:
        return (10, 10, 50, 100)[self.tier] * MIB

    @property
    def json(self) -> JSON:
        """As the REST API gives it; GUILD_CREATE adds channels and members."""
        return {
            "id": self.id,
            "name": self.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "banner": None,
            "description": None,
            "owner_id": self.owner,
            "roles": [role.json for role in self.roles.values()],
            "emojis": [],
            "stickers": [],
            "features": [],
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "safety_alerts_channel_id": None,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": self.tier,
            "premium_subscription_count": 0,
            "premium_progress_bar_enabled": False,
            "preferred_locale": "en-US",
            "application_id": None,
            "vanity_url_code": None,
            "max_members": 500_000,
        }
