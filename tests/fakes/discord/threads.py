"""Endpoints of threads: start, find, join, leave."""

from __future__ import annotations

from tests.fakes.discord import channels, messages
from tests.fakes.discord.calls import Call
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.events import Events, thread_json
from tests.fakes.discord.guilds import User
from tests.fakes.discord.messages import Message
from tests.fakes.discord.permissions import Can, sees
from tests.fakes.discord.posting import fresh, join, post
from tests.fakes.discord.refusals import JSON, Refusal
from tests.fakes.discord.shapes import Shape, flag, maybe, number, one, text
from tests.fakes.discord.world import World

_common = {
    "auto_archive_duration": maybe(one(*channels.DURATIONS)),
    "rate_limit_per_user": maybe(number(0, 21_600)),
}
_from_message = Shape({"name": text(100)}, _common)
_free = Shape(
    {"name": text(100)},
    {
        **_common,
        "type": one(channels.NEWS_THREAD, channels.THREAD, channels.PRIVATE_THREAD),
        "invitable": flag,
    },
)


def from_message(call: Call) -> JSON:
    """A thread at a message; both have the same id."""
    channel = call.channel
    call.need(channel, Can.CREATE_PUBLIC_THREADS)
    message = call.world.message(channel, call.path["message"])
    _from_message(call.body, ())
    if channel.kind not in (channels.TEXT, channels.NEWS):
        raise Refusal(50024)
    if message.thread is not None or message.id in call.world.channels:
        raise Refusal(160004)
    if message.system:
        raise Refusal(50021)
    _check_room(call, channel)
    thread = start(
        call.world,
        call.events,
        channel,
        call.by.user,
        call.body["name"],
        message=message,
        duration=_duration(call),
    )
    return thread_json(thread, call.by)


def free(call: Call) -> JSON:
    """A thread without a message, private if nothing else is said."""
    channel = call.channel
    _free(call.body, ())
    kind = call.body.get("type", channels.PRIVATE_THREAD)
    private = kind == channels.PRIVATE_THREAD
    call.need(channel, Can.CREATE_PRIVATE_THREADS if private else Can.CREATE_PUBLIC_THREADS)
    if channel.kind not in (channels.TEXT, channels.NEWS):
        raise Refusal(50024)
    _check_room(call, channel)
    thread = start(
        call.world, call.events, channel, call.by.user, call.body["name"], kind=kind, duration=_duration(call)
    )
    return thread_json(thread, call.by)


def start(
    world: World,
    events: Events,
    channel: Channel,
    by: User,
    name: str,
    *,
    message: Message | None = None,
    kind: int = channels.THREAD,
    duration: int = 1440,
) -> Channel:
    """Open a thread. Its first entry points to the message it stands at; else the channel tells of it."""
    if message is not None and channel.kind == channels.NEWS:
        kind = channels.NEWS_THREAD
    now = world.stamp()
    thread = Channel(message.id if message else world.id(), kind, name, channel.guild, channel)
    thread.owner, thread.duration, thread.archived_at, thread.created_at = by.id, duration, now, now
    thread.members[by.id], thread.active_at = now, world.clock.now()
    world.channels[thread.id] = thread
    events.channel("CREATE", thread)
    if message is not None:
        message.thread, message.flags = thread, message.flags | messages.HAS_THREAD
        events.edited(message)
        starter = fresh(world, thread, by, messages.THREAD_STARTER)
        starter.replied = message
        starter.reference = {"type": 0, "channel_id": channel.id, "message_id": message.id}
        world.appear(starter)
        events.posted(starter)
    elif kind != channels.PRIVATE_THREAD:
        told = fresh(world, channel, by, messages.THREAD_CREATED)
        told.content, told.reference = name, {"type": 0, "channel_id": thread.id}
        post(world, events, told)
    world.changed()
    return thread


def active(call: Call) -> JSON:
    """All of a server that the bot can see."""
    seen = [one for one in call.world.threads(call.guild) if sees(one, call.by.user)]
    return _listed(call, seen[::-1]) | {"has_more": False}


def archived(call: Call) -> JSON:
    """The public ones of a channel, those archived last first."""
    channel = call.channel
    call.need(channel, Can.READ_MESSAGE_HISTORY)
    limit, before = call.number("limit", 50, 2, 100), call.query.get("before", "9999")
    public = (channels.THREAD, channels.NEWS_THREAD)
    found = [
        one
        for one in call.world.channels.values()
        if one.parent is channel and one.archived and one.kind in public and one.archived_at < before
    ]
    found.sort(key=lambda thread: thread.archived_at, reverse=True)
    return _listed(call, found[:limit]) | {"has_more": len(found) > limit}


def enter(call: Call) -> None:
    thread = _open(call)
    if call.by.user.id not in thread.members:
        join(call.world, call.events, thread, call.by.user)


def leave(call: Call) -> None:
    thread = _open(call)
    if thread.members.pop(call.by.user.id, None):
        call.events.joined_thread(thread, [], [call.by.user.id])


def _open(call: Call) -> Channel:
    thread = call.channel
    if not thread.is_thread:
        raise Refusal(50024)
    if thread.archived:
        raise Refusal(50083)
    return thread


def _listed(call: Call, found: list[Channel]) -> JSON:
    me = call.by.user.id
    members = [thread.member_json(me) for thread in found if me in thread.members]
    return {"threads": [thread.json for thread in found], "members": members}


def _duration(call: Call) -> int:
    return int(call.body.get("auto_archive_duration") or 1440)


def _check_room(call: Call, channel: Channel) -> None:
    if channel.guild and len(call.world.threads(channel.guild)) >= channel.guild.most_threads:
        raise Refusal(160006)
