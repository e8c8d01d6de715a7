"""Who may do what where: roles, channels' overwrites, threads by their parent."""

from __future__ import annotations

from enum import IntFlag

from tests.fakes.discord.channels import Channel
from tests.fakes.discord.guilds import Guild, User
from tests.fakes.discord.refusals import Refusal


class Can(IntFlag):
    """The permissions that this product could meet, by their bits."""

    KICK_MEMBERS = 1 << 1
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


ALL = Can((1 << 52) - 1)
# What a new server lets everybody do.
EVERYONE = (
    Can.VIEW_CHANNEL
    | Can.SEND_MESSAGES
    | Can.EMBED_LINKS
    | Can.ATTACH_FILES
    | Can.READ_MESSAGE_HISTORY
    | Can.MENTION_EVERYONE
    | Can.USE_EXTERNAL_EMOJIS
    | Can.ADD_REACTIONS
    | Can.USE_APPLICATION_COMMANDS
    | Can.CREATE_PUBLIC_THREADS
    | Can.CREATE_PRIVATE_THREADS
    | Can.SEND_MESSAGES_IN_THREADS
)
IN_DMS = EVERYONE & ~(Can.CREATE_PUBLIC_THREADS | Can.CREATE_PRIVATE_THREADS | Can.MENTION_EVERYONE)


def everywhere(guild: Guild, user: User) -> Can:
    """What somebody's roles allow, before any channel has its say."""
    if guild.owner == user.id:
        return ALL
    member = guild.members[user.id]
    allowed = Can(guild.everyone.permissions)
    for role in member.roles:
        allowed |= Can(guild.roles[role].permissions)
    return ALL if Can.ADMINISTRATOR in allowed else allowed


def allowed(channel: Channel, user: User) -> Can:
    """What somebody may do in a channel: nothing where they cannot see it."""
    guild = channel.guild
    if guild is None:
        return IN_DMS if user.id in channel.recipients else Can(0)
    if user.id not in guild.members:
        return Can(0)
    base = everywhere(guild, user)
    if base == ALL:
        return base
    home = channel.parent if channel.is_thread and channel.parent is not None else channel
    for allow, deny in _overwrites(home, guild, user):
        base = Can((int(base) & ~deny) | allow)
    private = channel.is_private_thread and user.id not in channel.members
    if Can.VIEW_CHANNEL not in base or (private and Can.MANAGE_THREADS not in base):
        return Can(0)
    return base


def _overwrites(channel: Channel, guild: Guild, user: User) -> list[tuple[int, int]]:
    """In the order in which they hold: everyone, the roles together, the person."""
    given = channel.overwrites
    roles = [given[role] for role in guild.members[user.id].roles if role in given]
    together = (0, 0)
    for allow, deny in roles:
        together = (together[0] | allow, together[1] | deny)
    # A permission that one role denies and another allows is allowed.
    return [given.get(guild.id, (0, 0)), together, given.get(user.id, (0, 0))]


def sees(channel: Channel, user: User) -> bool:
    return Can.VIEW_CHANNEL in allowed(channel, user)


def need(channel: Channel, user: User, wanted: Can) -> None:
    """Raises Missing Access where the channel is not seen, Missing Permissions for anything else."""
    has = allowed(channel, user)
    if Can.VIEW_CHANNEL not in has:
        raise Refusal(50001)
    if wanted not in has:
        raise Refusal(50013)


def to_speak(channel: Channel) -> Can:
    """What writing takes there."""
    return Can.SEND_MESSAGES_IN_THREADS if channel.is_thread else Can.SEND_MESSAGES
