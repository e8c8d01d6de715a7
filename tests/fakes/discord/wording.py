"""Mentions: what stands in a text, and whom it notifies by what the sender allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord.channels import Channel
from tests.fakes.discord.guilds import User
from tests.fakes.discord.permissions import Can, allowed, sees
from tests.fakes.discord.refusals import JSON
from tests.fakes.discord.shapes import Invalid, Shape, flag, many, maybe, one, snowflake

_USER, _ROLE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(everyone|here)\b")
_CODE = re.compile(r"```.*?```|``.*?``|`[^`\n]*`", re.DOTALL)
_KINDS = ("users", "roles", "everyone")
_shape = maybe(
    Shape(
        {},
        {
            "parse": maybe(many(one(*_KINDS), 3)),
            "users": maybe(many(snowflake, 100)),
            "roles": maybe(many(snowflake, 100)),
            "replied_user": flag,
        },
    )
)
# Where nothing is said: in messages all are parsed, in answers to interactions only users.
IN_MESSAGES: JSON = {"parse": list(_KINDS), "replied_user": True}
IN_ANSWERS: JSON = {"parse": ["users"], "replied_user": True}


@dataclass(frozen=True)
class Pings:
    """Whom a message notifies: ids of users, ids of roles, or everyone."""

    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    everyone: bool = False
    reply: str = ""  # the author of the message it replies to

    @property
    def all(self) -> set[str]:
        named = {*self.users, *self.roles, self.reply} - {""}
        return named | ({"everyone"} if self.everyone else set())


@dataclass(frozen=True)
class Allowed:
    """``allowed_mentions``, as it was given or by default."""

    given: JSON = field(default_factory=lambda: IN_MESSAGES)

    def names(self, kind: str, id_: str) -> bool:
        return kind in (self.given.get("parse") or ()) or id_ in map(str, self.given.get(kind) or ())


def check_allowed(value: Any, default: JSON) -> Allowed:
    """Raises Invalid."""
    where = ("allowed_mentions",)
    _shape(value, where)
    if value is None:
        return Allowed(default)
    for kind in ("users", "roles"):
        if kind in (value.get("parse") or ()) and value.get(kind):
            code = "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            raise Invalid((*where, "parse"), code, message)
    return Allowed(value)


def pings_of(texts: list[str], by: User, channel: Channel, rules: Allowed, reply: User | None) -> Pings:
    """Whom these texts notify. Nothing inside of code does."""
    text = "\n".join(_CODE.sub("", one) for one in texts)
    users = [found for found in _USER.findall(text) if rules.names("users", found)]
    may = allowed(channel, by)
    roles: list[str] = []
    for found in _ROLE.findall(text):
        role = channel.guild.roles.get(found) if channel.guild else None
        if role and rules.names("roles", found) and (role.mentionable or Can.MENTION_EVERYONE in may):
            roles.append(found)
    parse = rules.given.get("parse") or ()
    everyone = bool(_EVERYONE.search(text)) and "everyone" in parse and Can.MENTION_EVERYONE in may
    replied = reply.id if reply is not None and rules.given.get("replied_user") and reply is not by else ""
    people = channel.guild.members if channel.guild else channel.recipients
    known = [one for one in dict.fromkeys(users) if one in people and _sees(channel, one)]
    return Pings(tuple(known), tuple(dict.fromkeys(roles)), everyone, replied)


def _sees(channel: Channel, user: str) -> bool:
    member = channel.guild.members.get(user) if channel.guild else None
    return channel.guild is None or (member is not None and sees(channel, member.user))
