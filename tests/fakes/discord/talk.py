"""Endpoints of messages: create, edit, delete, read, react, type."""

from __future__ import annotations

import unicodedata
from typing import Any

from tests.fakes.discord import channels
from tests.fakes.discord.calls import Call
from tests.fakes.discord.drafts import CREATE, EDIT, Draft, refer, replied_to
from tests.fakes.discord.messages import REPLY, Message
from tests.fakes.discord.permissions import Can, allowed, to_speak
from tests.fakes.discord.posting import change, check_open, fresh, post, remove
from tests.fakes.discord.refusals import JSON, Refusal
from tests.fakes.discord.shapes import Invalid, Shape, many, snowflake

NONCE_SECONDS, OLD_SECONDS, BULK_SECONDS = 300.0, 3600.0, 14 * 86_400.0
REACTIONS = 20


def create(call: Call) -> JSON:
    """A message of the bot's. With the nonce of one that is there, that one."""
    channel, by = call.channel, call.by.user
    if channel.kind not in channels.SPEAKING:
        raise Refusal(50008)
    CREATE(call.body, ())
    wanted = to_speak(channel)
    if call.uploads:
        wanted |= Can.ATTACH_FILES
    if call.body.get("embeds"):
        wanted |= Can.EMBED_LINKS
    call.need(channel, wanted)
    check_open(call.world, channel, by)
    if (again := _same_nonce(call)) is not None:
        return call.json(again) | _nonce(again)
    replied = replied_to(call.world, channel, call.body)
    message = fresh(call.world, channel, by, REPLY if replied else 0)
    message.app, message.nonce = call.by.id, call.body.get("nonce")
    if replied is not None:
        if Can.READ_MESSAGE_HISTORY not in allowed(channel, by):
            raise Refusal(160002)
        refer(message, replied)
    Draft(call.world, call.body, call.uploads).write(message)
    post(call.world, call.events, message)
    return call.json(message) | _nonce(message)


def edit(call: Call) -> JSON:
    """A message of the bot's own."""
    message = _changeable(call)
    EDIT(call.body, ())
    if message.author is not call.by.user or message.to:
        raise Refusal(50005)
    if message.system:
        raise Refusal(50021)
    if call.now - message.at > OLD_SECONDS:
        call.meters.hide("edit_old", call.by.id, message.channel.id, call.now, 30046)
    Draft(call.world, call.body, call.uploads).write(message)
    change(call.world, call.events, message)
    return call.json(message)


def delete(call: Call) -> None:
    channel = call.channel
    message = call.world.message(channel, call.path["message"])
    if message.author is not call.by.user:
        if channel.is_dm:
            raise Refusal(50013)
        call.need(channel, Can.MANAGE_MESSAGES)
    remove(call.world, call.events, [message])


def delete_many(call: Call) -> None:
    channel = call.channel
    Shape({"messages": many(snowflake, 100, 2)})(call.body, ())
    call.need(channel, Can.MANAGE_MESSAGES)
    found = [channel.messages.get(str(one)) for one in call.body["messages"]]
    standing = [one for one in found if one is not None and not one.deleted and not one.to]
    if any(call.now - one.at > BULK_SECONDS for one in standing):
        raise Invalid(("messages",), "MESSAGE_TOO_OLD", "A message is older than two weeks")
    if standing:
        remove(call.world, call.events, standing)


def get(call: Call) -> JSON:
    return call.json(call.message)


def history(call: Call) -> list[JSON]:
    """Up to a hundred messages, the newest first; none for who may not read them."""
    limit = call.number("limit", 50, 1, 100)
    given = [name for name in ("before", "after", "around") if name in call.query]
    if len(given) > 1:
        raise Invalid((given[1],), "FIELDS_EXCLUSIVE", "Only one of before, after and around")
    channel = call.channel
    if Can.READ_MESSAGE_HISTORY not in allowed(channel, call.by.user):
        return []
    found = call.world.standing(channel)
    if given:
        snowflake(call.query[given[0]], (given[0],))
        found = _cut(found, given[0], int(call.query[given[0]]), limit)
    return [call.json(message) for message in found[-limit:][::-1]]


def _cut(found: list[Message], how: str, at: int, limit: int) -> list[Message]:
    before = [one for one in found if int(one.id) < at]
    after = [one for one in found if int(one.id) > at]
    if how == "before":
        return before
    if how == "after":
        return after[:limit]
    itself = [one for one in found if int(one.id) == at]
    half = limit // 2
    return before[-half:] + itself + after[: limit - half - len(itself)]


def react(call: Call) -> None:
    message, emoji, who = _changeable(call), _emoji(call), call.by.user
    users = message.reactions.get(emoji, [])
    call.need(message.channel, Can.READ_MESSAGE_HISTORY | (Can(0) if users else Can.ADD_REACTIONS))
    if who.id in users:
        return
    if not users and len(message.reactions) >= REACTIONS:
        raise Refusal(30010)
    message.reactions[emoji] = [*users, who.id]
    call.world.changed()
    call.events.reacted("MESSAGE_REACTION_ADD", message, who, emoji)


def unreact(call: Call) -> None:
    message, emoji, who = _changeable(call), _emoji(call), call.by.user
    users = message.reactions.get(emoji, [])
    if who.id not in users:
        return
    left = [one for one in users if one != who.id]
    message.reactions[emoji] = left
    if not left:
        del message.reactions[emoji]
    call.world.changed()
    call.events.reacted("MESSAGE_REACTION_REMOVE", message, who, emoji)


def reactors(call: Call) -> list[JSON]:
    limit = call.number("limit", 25, 1, 100)
    users = call.message.reactions.get(_emoji(call), [])
    return [call.world.users[one].json for one in users[:limit]]


def typing(call: Call) -> None:
    """Shown for ten seconds, or until a message comes."""
    channel, by = call.channel, call.by.user
    call.need(channel, to_speak(channel))
    check_open(call.world, channel, by)
    call.world.typing[channel.id, by.id] = call.now
    call.world.changed()
    call.events.typed(channel, by)


def _nonce(message: Message) -> JSON:
    """It is told with a message that is new, and never again."""
    return {} if message.nonce is None else {"nonce": message.nonce}


def _same_nonce(call: Call) -> Message | None:
    """The bot's message of the past minutes with this nonce, if that was to be looked at."""
    nonce: Any = call.body.get("nonce")
    if nonce is None or not call.body.get("enforce_nonce"):
        return None
    message = call.world.nonces.get((call.by.user.id, str(nonce)))
    recent = message is not None and not message.deleted and call.now - message.at < NONCE_SECONDS
    return message if recent else None


def _changeable(call: Call) -> Message:
    """Nothing changes in a thread that is archived."""
    channel = call.channel
    message = call.world.message(channel, call.path["message"])
    if channel.archived:
        raise Refusal(50083)
    return message


def _emoji(call: Call) -> str:
    """A character that is a symbol; this world has no emojis of its own."""
    emoji = call.path["emoji"]
    if (
        not emoji
        or ":" in emoji
        or not any(unicodedata.category(one) in ("So", "Sk", "Sm", "Me") for one in emoji)
    ):
        raise Refusal(10014)
    return emoji
