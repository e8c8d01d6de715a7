"""How a message gets into a channel, from whomever, and what that wakes."""

from __future__ import annotations

from tests.fakes.discord.channels import Channel
from tests.fakes.discord.events import Events
from tests.fakes.discord.guilds import User
from tests.fakes.discord.messages import NORMAL, Message
from tests.fakes.discord.permissions import Can, allowed, sees
from tests.fakes.discord.refusals import Refusal
from tests.fakes.discord.world import World


def fresh(world: World, channel: Channel, author: User, kind: int = NORMAL) -> Message:
    """A message that is not there yet."""
    return Message(world.id(), channel, author, world.clock.now(), world.stamp(), kind=kind)


def check_unlocked(channel: Channel, author: User) -> None:
    """Only who manages threads speaks in a locked one."""
    if channel.is_thread and channel.locked and Can.MANAGE_THREADS not in allowed(channel, author):
        raise Refusal(50083, status=403) if channel.archived else Refusal(160005)


def check_open(world: World, channel: Channel, author: User) -> None:
    """Whether somebody's words get in: not into locked threads, nor to people who want none."""
    check_unlocked(channel, author)
    if channel.is_dm and author.bot:
        for user in channel.recipients.values():
            if user is author:
                continue
            if user.closed:
                raise Refusal(50007)
            if not _meet(world, author, user):
                raise Refusal(50278)


def post(world: World, events: Events, message: Message) -> None:
    """Put it there and tell of it. A thread that was archived is open again."""
    thread = message.channel
    if thread.is_thread and not message.to:
        if thread.archived:
            thread.archived, thread.archived_at = False, world.stamp()
            events.channel("UPDATE", thread)
        if message.author.id not in thread.members and sees(thread, message.author):
            join(world, events, thread, message.author)
    world.appear(message)
    if not message.to:
        events.posted(message)


def join(world: World, events: Events, thread: Channel, user: User) -> None:
    thread.members[user.id] = world.stamp()
    events.joined_thread(thread, [user.id], [])


def change(world: World, events: Events, message: Message, *, edited: bool = True) -> None:
    """Its words changed."""
    if edited:
        message.edited = world.stamp()
    message.note(world.clock.now())
    world.changed()
    if not message.to:
        events.edited(message)


def remove(world: World, events: Events, messages: list[Message]) -> None:
    for message in messages:
        message.deleted = True
        message.note(world.clock.now())
    world.changed()
    shown = [message for message in messages if not message.to]
    if shown:
        events.removed(shown)


def _meet(world: World, bot: User, user: User) -> bool:
    """In a server of both, or because the person took the app along."""
    app = next((app for app in world.apps.values() if app.user is bot), None)
    taken = app is not None and user.id in app.installed_by
    return taken or any({bot.id, user.id} <= guild.members.keys() for guild in world.guilds.values())
