"""conversations.*, users.info and reactions.*: what an app may read, and small signs."""

from __future__ import annotations

import re

from tests.fakes.slack.calls import Call
from tests.fakes.slack.messages import Message
from tests.fakes.slack.refusals import JSON, Refusal
from tests.fakes.slack.workspace import Channel

_EMOJI = re.compile(r"[a-z0-9_+'-]{1,100}")
_CURSOR = "next_ts:"


def replies(call: Call) -> JSON:
    """A thread; its root leads every page."""
    channel = _readable(call)
    asked = channel.messages.get(call.args["ts"])
    if asked is None or asked.to or (asked.deleted and not call.world.thread(channel, asked.ts)):
        raise Refusal("thread_not_found")
    if asked.is_reply:
        return {"messages": [_read(call, channel, asked)], "has_more": False}
    thread = [message for message in call.world.thread(channel, asked.ts) if message is not asked]
    page, more = _page(call, thread)
    root = [] if asked.deleted else [asked]
    return {"messages": [_read(call, channel, message) for message in [*root, *page]], **more}


def history(call: Call) -> JSON:
    """A channel outside of its threads, the newest first."""
    channel = _readable(call)
    top = [
        message
        for message in channel.messages.values()
        if not message.deleted and not message.to and (not message.is_reply or message.broadcast)
    ]
    page, more = _page(call, top[::-1])
    return {"messages": [_read(call, channel, message) for message in page], **more}


def info(call: Call) -> JSON:
    channel = call.channel()
    call.need_for(channel, "read")
    body = {**channel.json, "is_member": call.by.bot.id in channel.members}
    if call.get("include_num_members"):
        body["num_members"] = len(channel.members)
    return {"channel": body}


def open_(call: Call) -> JSON:
    """A DM or a group DM with the people named."""
    if call.get("channel"):
        channel = call.channel()
        return {"channel": {"id": channel.id}, "no_op": True, "already_open": True}
    names = [name for name in call.get("users", "").split(",") if name]
    if not names:
        raise Refusal("users_list_not_supplied")
    if len(names) > 8:
        raise Refusal("too_many_users")
    people = [call.by.team.users.get(name) for name in names]
    call.need("im:write" if len(names) == 1 else "mpim:write")
    users = [user for user in people if user is not None and not user.deleted]
    if len(users) < len(names):
        raise Refusal("user_not_found")
    channel = call.world.group_dm("im" if len(users) == 1 else "mpim", [*users, call.by.bot])
    return {"channel": channel.json if call.get("return_im") else {"id": channel.id}}


def user_info(call: Call) -> JSON:
    user = call.by.team.users.get(call.args["user"])
    if user is None:
        raise Refusal("user_not_found")
    return {"user": user.json}


def react(call: Call) -> JSON:
    channel, message, who = _reaction(call)
    name = call.args["name"]
    if who in message.reactions.get(name, []):
        raise Refusal("already_reacted")
    message.reactions.setdefault(name, []).append(who)
    call.world.changed()
    call.events.reacted("reaction_added", channel, message, who, name)
    return {}


def unreact(call: Call) -> JSON:
    channel, message, who = _reaction(call)
    name = call.args["name"]
    if who not in message.reactions.get(name, []):
        raise Refusal("no_reaction")
    message.reactions[name].remove(who)
    if not message.reactions[name]:
        del message.reactions[name]
    call.world.changed()
    call.events.reacted("reaction_removed", channel, message, who, name)
    return {}


def _reaction(call: Call) -> tuple[Channel, Message, str]:
    if not _EMOJI.fullmatch(call.args["name"]):
        raise Refusal("invalid_name")
    channel = call.channel()
    return channel, call.world.message(channel, call.args["timestamp"]), call.by.bot.id


def _readable(call: Call) -> Channel:
    channel = call.channel()
    call.need_for(channel, "history")
    if call.by.bot.id not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def _read(call: Call, channel: Channel, message: Message) -> JSON:
    """A message as these methods give it; a root says how many replies it has."""
    body = call.world.fresh(message).json(metadata=bool(call.get("include_all_metadata")))
    answers = [one for one in call.world.thread(channel, message.ts) if one is not message]
    if answers:
        body |= {"thread_ts": message.ts, "reply_count": len(answers), "latest_reply": answers[-1].ts}
        body["reply_users"] = sorted({one.user for one in answers})
    elif message.is_reply:
        body["parent_user_id"] = channel.messages[message.root].user
    return body


def _page(call: Call, messages: list[Message]) -> tuple[list[Message], JSON]:
    """The messages within the bounds asked for, one page of them, and where the next begins."""
    oldest, latest = float(call.get("oldest", 0)), float(call.get("latest", "inf"))
    inclusive = bool(call.get("inclusive"))
    within = [
        message
        for message in messages
        if oldest < float(message.ts) < latest or (inclusive and float(message.ts) in (oldest, latest))
    ]
    start, limit = 0, call.get("limit", 1000)
    if cursor := call.get("cursor"):
        places = [n for n, message in enumerate(within) if f"{_CURSOR}{message.ts}" == cursor]
        if not places:
            raise Refusal("invalid_cursor")
        start = places[0]
    page, rest = within[start : start + limit], within[start + limit :]
    if not rest:
        return page, {"has_more": False}
    return page, {"has_more": True, "response_metadata": {"next_cursor": f"{_CURSOR}{rest[0].ts}"}}
