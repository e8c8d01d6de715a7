"""Endpoints of channels, servers and people."""

from __future__ import annotations

from tests.fakes.discord import channels, messages
from tests.fakes.discord.calls import Call
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.events import thread_json
from tests.fakes.discord.permissions import Can, allowed, everywhere
from tests.fakes.discord.posting import fresh, post
from tests.fakes.discord.refusals import JSON, Refusal
from tests.fakes.discord.shapes import Shape, flag, maybe, number, one, snowflake, text

_thread = Shape(
    {},
    {
        "name": text(100),
        "archived": flag,
        "locked": flag,
        "auto_archive_duration": one(*channels.DURATIONS),
        "rate_limit_per_user": maybe(number(0, 21_600)),
        "invitable": flag,
    },
)
_channel = Shape({}, {"name": text(100), "topic": maybe(text(1024, 0)), "position": maybe(number(0, 500))})


def me(call: Call) -> JSON:
    return {**call.by.user.json, "verified": True, "mfa_enabled": True, "email": None, "flags": 0}


def application(call: Call) -> JSON:
    return call.by.json


def gateway(call: Call) -> JSON:
    of_bot = call.events.gateway
    return {
        "url": call.world.url.replace("http", "ws", 1) + "/gw",
        "shards": 1,
        "session_start_limit": {
            "total": 1000,
            "remaining": of_bot.starts,
            "reset_after": 86_400_000,
            "max_concurrency": of_bot.concurrency,
        },
    }


def user(call: Call) -> JSON:
    found = call.world.users.get(call.path["user"])
    if found is None:
        raise Refusal(10013)
    return found.json


def open_dm(call: Call) -> JSON:
    """A channel, even to who takes no messages: only sending tells."""
    Shape({"recipient_id": snowflake})(call.body, ())
    found = call.world.users.get(str(call.body["recipient_id"]))
    if found is None:
        raise Refusal(10013)
    if found.bot:
        raise Refusal(50007)
    return call.world.dm(call.by.user, found).json


def channel(call: Call) -> JSON:
    found = call.channel
    return thread_json(found, call.by) if found.is_thread else found.json


def edit(call: Call) -> JSON:
    """Rename, archive, lock and so on. A new name has a limit of its own: twice in ten minutes."""
    found, by = call.channel, call.by.user
    if found.is_dm:
        raise Refusal(50024)
    (_thread if found.is_thread else _channel)(call.body, ())
    if found.is_thread:
        _may_edit(call, found)
    else:
        call.need(found, Can.MANAGE_CHANNELS)
    renamed = call.body.get("name", found.name) != found.name
    if "name" in call.body:
        call.meters.hide("rename", call.by.id, found.id, call.now)
    found.name = call.body.get("name", found.name)
    found.topic = call.body.get("topic") or found.topic
    found.duration = call.body.get("auto_archive_duration", found.duration)
    if call.body.get("archived", found.archived) != found.archived:
        found.archived_at = call.world.stamp()
    if found.is_thread and renamed:
        told = fresh(call.world, found, by, messages.RENAMED)
        told.content = found.name
        post(call.world, call.events, told)
    found.archived, found.active_at = call.body.get("archived", found.archived), call.now
    found.locked = call.body.get("locked", found.locked)
    call.world.changed()
    call.events.channel("UPDATE", found)
    return channel(call)


def _may_edit(call: Call, thread: Channel) -> None:
    """Its owner and who manages threads; while it is archived only to open it again."""
    may = Can.MANAGE_THREADS in allowed(thread, call.by.user)
    if thread.archived and call.body.get("archived") is not False:
        raise Refusal(50083)
    if not may and (thread.locked or "locked" in call.body or thread.owner != call.by.user.id):
        raise Refusal(50013)


def delete(call: Call) -> JSON:
    found = call.channel
    if not found.is_dm:
        call.need(found, Can.MANAGE_THREADS if found.is_thread else Can.MANAGE_CHANNELS)
        found.deleted = True
        call.world.changed()
        call.events.channel("DELETE", found)
    return found.json


def guild(call: Call) -> JSON:
    found = call.guild
    body = found.json
    if call.query.get("with_counts") in ("1", "true", "True"):
        body |= {"approximate_member_count": len(found.members), "approximate_presence_count": 1}
    return body


def guilds(call: Call) -> list[JSON]:
    """Those the bot is in, with what it may do there."""
    limit, after = call.number("limit", 200, 1, 200), int(call.query.get("after", "0"))
    mine = [one for one in call.world.guilds.values() if call.by.user.id in one.members]
    mine = sorted((one for one in mine if int(one.id) > after), key=lambda one: int(one.id))[:limit]
    return [
        {
            "id": one.id,
            "name": one.name,
            "icon": None,
            "owner": False,
            "permissions": str(int(everywhere(one, call.by.user))),
            "features": [],
        }
        for one in mine
    ]


def leave_guild(call: Call) -> None:
    found = call.guild
    call.events.left(found, call.by.user)
    del found.members[call.by.user.id]
    call.world.changed()


def guild_channels(call: Call) -> list[JSON]:
    found = call.guild
    of_guild = [one for one in call.world.channels.values() if one.guild is found and not one.deleted]
    return [one.json for one in of_guild if not one.is_thread]


def roles(call: Call) -> list[JSON]:
    return [role.json for role in call.guild.roles.values()]


def member(call: Call) -> JSON:
    found = call.guild.members.get(call.path["user"])
    if found is None:
        raise Refusal(10007 if call.path["user"] in call.world.users else 10013)
    return found.json


def members(call: Call) -> list[JSON]:
    """Only with the switch for members."""
    limit = call.number("limit", 1, 1, 1000)
    if "members" not in call.by.switches:
        raise Refusal(50001)
    after = int(call.query.get("after", "0"))
    found = sorted(call.guild.members.values(), key=lambda one: int(one.user.id))
    return [one.json for one in found if int(one.user.id) > after][:limit]
