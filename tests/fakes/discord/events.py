"""What apps are told: every change becomes an event for the sessions that care."""

from __future__ import annotations

from collections.abc import Callable

from tests.fakes.discord.channels import Channel
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.guilds import App, Guild, Role, User
from tests.fakes.discord.messages import Message
from tests.fakes.discord.permissions import sees
from tests.fakes.discord.refusals import JSON
from tests.fakes.discord.sessions import Intent, Session
from tests.fakes.discord.world import World

Build = Callable[[Session], JSON]


class Events:
    """One method for each thing that happens."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.gateway = Gateway(world, self._greet)

    def posted(self, message: Message) -> None:
        self._of_message("MESSAGE_CREATE", message)

    def edited(self, message: Message) -> None:
        self._of_message("MESSAGE_UPDATE", message)

    def removed(self, messages: list[Message]) -> None:
        """One by itself, several as a bulk."""
        channel = messages[0].channel
        ids = [message.id for message in messages]
        many = len(messages) > 1
        body: JSON = {"ids": ids} if many else {"id": ids[0]}
        self._in(
            "MESSAGE_DELETE_BULK" if many else "MESSAGE_DELETE",
            channel,
            (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
            lambda _: body | _place(channel),
        )

    def reacted(self, name: str, message: Message, user: User, emoji: str) -> None:
        channel = message.channel
        body: JSON = {
            "user_id": user.id,
            "message_id": message.id,
            "emoji": {"id": None, "name": emoji},
            "burst": False,
            "type": 0,
            **_place(channel),
        }
        if name == "MESSAGE_REACTION_ADD":
            body["message_author_id"] = message.author.id
            if channel.guild and user.id in channel.guild.members:
                body["member"] = channel.guild.members[user.id].json
        self._in(name, channel, (Intent.GUILD_REACTIONS, Intent.DIRECT_REACTIONS), lambda _: body)

    def typed(self, channel: Channel, user: User) -> None:
        body = {"user_id": user.id, "timestamp": int(self._world.clock.now()), **_place(channel)}
        if channel.guild and user.id in channel.guild.members:
            body["member"] = channel.guild.members[user.id].json
        self._in("TYPING_START", channel, (Intent.GUILD_TYPING, Intent.DIRECT_TYPING), lambda _: body)

    def channel(self, name: str, channel: Channel) -> None:
        """CHANNEL_CREATE, _UPDATE, _DELETE; a thread's are called THREAD_."""
        if channel.is_thread and name == "DELETE":
            parent = channel.parent.id if channel.parent else None
            gone = {"id": channel.id, "type": channel.kind, "parent_id": parent, **_guild(channel.guild)}
            self._in("THREAD_DELETE", channel, (Intent.GUILDS, 0), lambda _: gone)
        elif channel.is_thread:
            created = {"newly_created": True} if name == "CREATE" else {}
            self._in(
                f"THREAD_{name}", channel, (Intent.GUILDS, 0), lambda s: thread_json(channel, s.app) | created
            )
        else:
            # All channels of a server are told to its bots, also those that they cannot read.
            self._tell(f"CHANNEL_{name}", Intent.GUILDS, channel.guild, None, lambda _: channel.json)

    def joined_thread(self, channel: Channel, users: list[str], gone: list[str]) -> None:
        body = {
            "id": channel.id,
            "member_count": len(channel.members),
            "added_members": [channel.member_json(user) for user in users],
            "removed_member_ids": gone,
            **_guild(channel.guild),
        }
        for app in self._world.apps.values():
            # Of others it is told only to who wants to hear of members.
            intent = Intent.GUILDS if app.user.id in (*users, *gone) else Intent.MEMBERS
            self._tell("THREAD_MEMBERS_UPDATE", intent, channel.guild, channel, lambda _: body, only=app)

    def role(self, guild: Guild, role: Role) -> None:
        body = {"guild_id": guild.id, "role": role.json}
        self._tell("GUILD_ROLE_UPDATE", Intent.GUILDS, guild, None, lambda _: body)

    def joined(self, guild: Guild, user: User) -> None:
        app = self._app(user)
        if app is not None:
            self._tell(
                "GUILD_CREATE", Intent.GUILDS, guild, None, lambda s: self._guild_json(guild, s), only=app
            )
        body = {**guild.members[user.id].json, "guild_id": guild.id}
        self._tell("GUILD_MEMBER_ADD", Intent.MEMBERS, guild, None, lambda _: body)

    def left(self, guild: Guild, user: User) -> None:
        """Before they are gone from the members."""
        app = self._app(user)
        if app is not None:
            self._tell("GUILD_DELETE", Intent.GUILDS, guild, None, lambda _: {"id": guild.id}, only=app)
        body = {"guild_id": guild.id, "user": user.json}
        self._tell("GUILD_MEMBER_REMOVE", Intent.MEMBERS, guild, None, lambda _: body)

    def outage(self, guild: Guild, *, over: bool = False) -> None:
        """A server is out of reach for a while, or here again. Nobody left."""
        gone = {"id": guild.id, "unavailable": True}
        if over:
            self._tell("GUILD_CREATE", Intent.GUILDS, guild, None, lambda s: self._back(guild, s))
        else:
            self._tell("GUILD_DELETE", Intent.GUILDS, guild, None, lambda _: gone)

    def asked(self, app: App, guild: Guild | None, payload: JSON) -> bool:
        """INTERACTION_CREATE, to every session of the app, when it resumes if it is away. False if nobody listens."""
        installed = guild if guild is not None and app.user.id in guild.members else None
        hearing = [one for one in self.gateway.sessions if one.app is app and one.cares(0, installed, None)]
        for session in hearing:
            self.gateway.tell(session, "INTERACTION_CREATE", payload)
        return any(session.connection for session in hearing)

    def _greet(self, session: Session) -> None:
        """READY, then one GUILD_CREATE after the other."""
        app = session.app
        shared = [guild for guild in self._world.guilds.values() if session.cares(0, guild, None)]
        self.gateway.tell(
            session,
            "READY",
            {
                "v": 10,
                "user": {**app.user.json, "verified": True, "mfa_enabled": True, "email": None, "flags": 0},
                "guilds": [{"id": guild.id, "unavailable": True} for guild in shared],
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": self._world.url.replace("http", "ws", 1) + "/gw",
                "shard": list(session.shard),
                "application": {"id": app.id, "flags": app.flags},
                "private_channels": [],
                "presences": [],
                "relationships": [],
            },
        )
        for guild in shared:
            if session.intents & Intent.GUILDS:
                self.gateway.tell(session, "GUILD_CREATE", self._back(guild, session))

    def _back(self, guild: Guild, session: Session) -> JSON:
        """A server that the bot was in before. Without the field it is news: the bot was invited."""
        return {**self._guild_json(guild, session), "unavailable": False}

    def _guild_json(self, guild: Guild, session: Session) -> JSON:
        """Of the members only the bot itself, unless it asked for presences."""
        bot = session.app.user
        everybody = bool(session.intents & Intent.PRESENCES)
        members = [one.json for one in guild.members.values() if everybody or one.user is bot]
        of_guild = [one for one in self._world.channels.values() if one.guild is guild and not one.deleted]
        threads = [one for one in self._world.threads(guild) if sees(one, bot)]
        return {
            **guild.json,
            "joined_at": guild.members[bot.id].joined_at,
            "large": False,
            "member_count": len(guild.members),
            "members": members,
            "channels": [one.json for one in of_guild if not one.is_thread],
            "threads": [thread_json(one, session.app) for one in threads],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def _of_message(self, name: str, message: Message) -> None:
        channel, place = message.channel, _place(message.channel)
        author = message.author
        member = channel.guild.members.get(author.id) if channel.guild else None
        if member is not None:
            place["member"] = member.partial
        place.pop("channel_id")
        place |= {"channel_type": channel.kind}
        if name == "MESSAGE_CREATE" and message.nonce is not None:
            place["nonce"] = message.nonce
        self._in(
            name,
            channel,
            (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
            lambda s: message.json(self._world.signed, s.app, reads=s.reads) | place,
        )

    def _in(self, name: str, channel: Channel, intents: tuple[int, int], build: Build) -> None:
        """An event in a channel: with one intent in servers, with another in direct messages."""
        intent = intents[0] if channel.guild else intents[1]
        self._tell(name, intent, channel.guild, channel, build)

    def _tell(
        self,
        name: str,
        intent: int,
        guild: Guild | None,
        channel: Channel | None,
        build: Build,
        *,
        only: App | None = None,
    ) -> None:
        for session in self.gateway.sessions:
            if only in (None, session.app) and session.cares(intent, guild, channel):
                self.gateway.tell(session, name, build(session))

    def _app(self, user: User) -> App | None:
        return next((app for app in self._world.apps.values() if app.user is user), None)


def thread_json(thread: Channel, app: App) -> JSON:
    """A thread as this app gets it: with its own membership, if it is in it."""
    me = app.user.id
    return thread.json | ({"member": thread.member_json(me)} if me in thread.members else {})


def _place(channel: Channel) -> JSON:
    return {"channel_id": channel.id, **_guild(channel.guild)}


def _guild(guild: Guild | None) -> JSON:
    return {"guild_id": guild.id} if guild else {}
