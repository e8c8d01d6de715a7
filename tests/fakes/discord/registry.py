"""Endpoints of application commands, for everywhere and for one server."""

from __future__ import annotations

from tests.fakes.discord.calls import Call
from tests.fakes.discord.commands import check, check_set
from tests.fakes.discord.refusals import JSON, Refusal
from tests.fakes.discord.shapes import Invalid

A_DAY, CREATES = 86_400.0, 200


def listed(call: Call) -> list[JSON]:
    return list(_held(call).values())


def one(call: Call) -> JSON:
    return _one(call)


def overwrite(call: Call) -> list[JSON]:
    """The whole set: what is not in it is gone, what is called the same keeps its id."""
    checked = check_set(call.body)
    held = _held(call)
    known = {(old["type"], old["name"]): old for old in held.values()}
    fresh = [_made(call, value, known.get((value["type"], value["name"]))) for value in checked]
    held.clear()
    held.update({command["id"]: command for command in fresh})
    return fresh


def create(call: Call) -> JSON:
    """One more; of the same name it replaces the old one."""
    value, held = check(call.body), _held(call)
    old = next((o for o in held.values() if (o["type"], o["name"]) == (value["type"], value["name"])), None)
    check_set([*(_bare(one) for one in held.values() if one is not old), call.body])
    command = _made(call, value, old)
    held[command["id"]] = command
    return command


def edit(call: Call) -> JSON:
    old = _one(call)
    if not isinstance(call.body, dict):
        raise Invalid((), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
    command = _made(call, check({**_bare(old), **call.body}), old)
    _held(call)[old["id"]] = command
    return command


def delete(call: Call) -> None:
    del _held(call)[_one(call)["id"]]


def _held(call: Call) -> dict[str, JSON]:
    if call.path["app"] != call.by.id:
        raise Refusal(50001)
    place = call.guild.id if "guild" in call.path else ""
    return call.by.commands.setdefault(place, {})


def _one(call: Call) -> JSON:
    found = _held(call).get(call.path["command"])
    if found is None:
        raise Refusal(10063)
    return found


_OURS = ("id", "application_id", "guild_id", "version")


def _bare(command: JSON) -> JSON:
    return {name: value for name, value in command.items() if name not in _OURS}


def _made(call: Call, value: JSON, old: JSON | None) -> JSON:
    """With what the platform adds. A new name counts as a creation, of which a place has 200 a day."""
    place = call.path.get("guild", "")
    if old is None:
        made = call.by.created_commands.setdefault(place, [])
        made[:] = [at for at in made if at > call.now - A_DAY]
        if len(made) >= CREATES:
            raise Refusal(30034)
        made.append(call.now)
    same = old is not None and _bare(old) == _filled(value)
    command = {
        **_filled(value),
        "id": old["id"] if old else call.world.id(),
        "application_id": call.by.id,
        "version": old["version"] if old and same else call.world.id(),
    }
    return command | ({"guild_id": place} if place else {})


def _filled(value: JSON) -> JSON:
    """Fields that were left out have their defaults."""
    defaults: JSON = {"description": "", "default_member_permissions": None, "nsfw": False}
    filled = {**defaults, **{name: held for name, held in value.items() if name not in _OURS}}
    filled.setdefault("integration_types", [0])
    filled.setdefault("contexts", None)
    return filled
