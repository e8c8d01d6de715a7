"""Somebody who is named in a command: by a mention, by the platform's id, or by name."""

from __future__ import annotations

import re

from bot.commands.grammar import Asked, Tools
from bot.core.errors import BadInput
from storage.people import Listed, Person
from storage.store import Store

_MENTION = re.compile(r"<?@?!?(?P<who>[^<>|]+)(?:\|[^<>]*)?>?")
_IDS = {"slack": re.compile(r"[UW][A-Z0-9]{5,20}"), "discord": re.compile(r"[0-9]{15,20}")}


async def person_named(tools: Tools, asked: Asked, typed: str) -> Person:
    """The person that is meant, in the workspace that is asked from. Raises as ``person_at``."""
    return await person_at(tools.store, asked.platform, asked.workspace_id, typed)


async def person_at(store: Store, platform: str, workspace_id: str, typed: str) -> Person:
    """The person who is meant in a workspace. Raises BadInput where there is none or more than one."""
    found = _MENTION.fullmatch(typed.strip())
    who = found["who"].strip() if found is not None else ""
    if not who:
        say = "Say whom: a mention, or a name as it is written here."
        raise BadInput("nobody is named", say=say)
    people = await store.people.find(platform, workspace_id, who)
    if len(people) == 1:
        return people[0]
    ids = _IDS.get(platform)
    if not people and ids is not None and ids.fullmatch(who):
        return await store.people.identify(platform, workspace_id, who, "")
    if people:
        say = f"{len(people)} people here are called “{who[:40]}”; mention the one you mean."
        raise BadInput(f"{len(people)} people are {who[:40]!r}", say=say)
    say = f"I know nobody called “{who[:40]}” here. Mention them, or let them write to me once."
    raise BadInput(f"nobody is {who[:40]!r}", say=say)


async def person_anywhere(store: Store, typed: str) -> Listed:
    """The person of that name, in whichever workspace. Raises BadInput where there is none or more than one."""
    name = typed.strip().lower()
    found = [one for one in await store.people.listed(name) if one.name.lower() == name] if name else []
    if len(found) == 1:
        return found[0]
    how_many = f"{len(found)} people are" if found else "Nobody is"
    say = f"{how_many} called “{typed[:40]}”. Write a name as it stands under Operations, People."
    raise BadInput(f"{len(found)} people are {typed[:40]!r}", say=say)
