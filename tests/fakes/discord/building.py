"""More servers, people, channels and apps, and what changes about them."""

from __future__ import annotations

from collections.abc import Collection

from tests.fakes.discord import channels
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.events import Events
from tests.fakes.discord.guilds import App, Guild, Member, Role, User
from tests.fakes.discord.permissions import EVERYONE, Can
from tests.fakes.discord.world import World

# What the invitation asks for: enough to answer, in threads too.
INVITED = (
    Can.VIEW_CHANNEL
    | Can.SEND_MESSAGES
    | Can.SEND_MESSAGES_IN_THREADS
    | Can.CREATE_PUBLIC_THREADS
    | Can.READ_MESSAGE_HISTORY
    | Can.EMBED_LINKS
    | Can.ATTACH_FILES
    | Can.ADD_REACTIONS
    | Can.USE_APPLICATION_COMMANDS
)
NOTHING = Can(0)
SWITCHES = frozenset({"message_content"})


class Builder:
    """Verbs that change a world, and tell of it. Without a guild they mean the first."""

    def __init__(self, world: World, events: Events) -> None:
        self._world, self._events = world, events

    def user(self, name: str, *, guild: Guild | None = None, member: bool = True) -> User:
        """A person, in the server unless they are no ``member``."""
        user = User(self._world.id(), name)
        self._world.users[user.id] = user
        if member and self._world.guilds:
            self._enter(self._guild(guild), user)
        return user

    def other_bot(self, name: str, *, guild: Guild | None = None) -> User:
        """A bot that is not ours; it speaks through ``say``."""
        user = self.user(name, guild=guild)
        user.bot = True
        return user

    def guild(self, name: str, owner: User) -> Guild:
        guild = Guild(self._world.id(), name, owner.id, self._world.stamp())
        guild.roles[guild.id] = Role(guild.id, "@everyone", int(EVERYONE))
        self._world.guilds[guild.id] = guild
        self._enter(guild, owner)
        return guild

    def channel(
        self,
        name: str,
        *,
        guild: Guild | None = None,
        kind: int = channels.TEXT,
        members: Collection[User] | None = None,
    ) -> Channel:
        """A channel for everybody, or only for these members."""
        guild = self._guild(guild)
        channel = Channel(self._world.id(), kind, name, guild)
        if members is not None:
            channel.overwrites[guild.id] = (0, int(Can.VIEW_CHANNEL))
            channel.overwrites |= {user.id: (int(Can.VIEW_CHANNEL), 0) for user in members}
        self._world.channels[channel.id] = channel
        self._events.channel("CREATE", channel)
        return channel

    def group_dm(self, *people: User) -> Channel:
        """A group of people without the bot; an app can be used there that one of them installed."""
        channel = Channel(self._world.id(), channels.GROUP, "", recipients={one.id: one for one in people})
        self._world.channels[channel.id] = channel
        return channel

    def app(self, name: str, owner: User, *, switches: Collection[str] = SWITCHES) -> App:
        number = self._world.id()
        user = User(number, name, bot=True)
        self._world.users[user.id] = user
        app = App(number, user, f"token-of-{number}.of.fake", owner, set(switches))
        self._world.apps[app.token] = app
        return app

    def invite(self, app: App, guild: Guild | None = None, permissions: Can = INVITED) -> None:
        """Bring an app's bot into a server, with a role of its own."""
        guild = self._guild(guild)
        role = Role(self._world.id(), app.name, int(permissions), len(guild.roles), bot=app.user.id)
        guild.roles[role.id] = role
        guild.members[app.user.id] = Member(app.user, self._world.stamp(), [role.id])
        self._world.changed()
        self._events.joined(guild, app.user)

    def kick(self, user: User, guild: Guild | None = None) -> None:
        """Out of the server; a bot's own role goes with it."""
        guild = self._guild(guild)
        self._events.left(guild, user)
        del guild.members[user.id]
        guild.roles = {role.id: role for role in guild.roles.values() if role.bot != user.id}
        self._world.changed()

    def join(self, user: User, guild: Guild | None = None) -> None:
        self._enter(self._guild(guild), user)

    def outage(self, guild: Guild | None = None, *, over: bool = False) -> None:
        """The server is out of reach for a while, or here again."""
        self._events.outage(self._guild(guild), over=over)

    def reset_token(self, app: App) -> None:
        """As in the developer portal: the old one is nobody's, and no session goes on. The gateway closes with 4004."""
        del self._world.apps[app.token]
        app.token = f"token-{self._world.id()}-of-{app.id}.of.fake"
        self._world.apps[app.token] = app
        for session in self._events.gateway.sessions:
            session.over = session.over or session.app is app

    def install(self, app: App, user: User) -> None:
        """For a person: they take the app along, wherever they write."""
        app.installed_by.add(user.id)

    def role(
        self, name: str, permissions: Can = NOTHING, *, guild: Guild | None = None, mentionable: bool = False
    ) -> Role:
        guild = self._guild(guild)
        role = Role(self._world.id(), name, int(permissions), len(guild.roles), mentionable)
        guild.roles[role.id] = role
        return role

    def give(self, user: User, role: Role, *, guild: Guild | None = None) -> None:
        self._guild(guild).members[user.id].roles.append(role.id)

    def permit(
        self, where: Channel, whom: User | Role | Guild, *, allow: Can = NOTHING, deny: Can = NOTHING
    ) -> None:
        """An overwrite of a channel for somebody, a role, or (the guild) everybody."""
        where.overwrites[whom.id] = (int(allow), int(deny))
        self._world.changed()
        self._events.channel("UPDATE", where)

    def change_role(self, role: Role, permissions: Can, *, guild: Guild | None = None) -> None:
        """What a role may do in the whole server."""
        role.permissions = int(permissions)
        self._world.changed()
        self._events.role(self._guild(guild), role)

    def bot_role(self, app: App, guild: Guild | None = None) -> Role:
        return next(one for one in self._guild(guild).roles.values() if one.bot == app.user.id)

    def _enter(self, guild: Guild, user: User) -> None:
        guild.members[user.id] = Member(user, self._world.stamp())
        self._events.joined(guild, user)

    def _guild(self, guild: Guild | None) -> Guild:
        return guild or next(iter(self._world.guilds.values()))
