"""What a person fills in: a command's options, a menu's choice, a modal's fields. Only what a client lets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.discord import commands, tables
from tests.fakes.discord.attached import Attachment
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.guilds import Role, User
from tests.fakes.discord.refusals import JSON
from tests.fakes.discord.world import World
from tests.fakes.refused import Misuse


class Resolved:
    """The people, roles, channels and files that values point to."""

    def __init__(self, world: World, channel: Channel) -> None:
        self._world, self._channel, self._guild = world, channel, channel.guild
        self.json: dict[str, dict[str, JSON]] = {}

    def add(self, value: Any) -> str:
        """The id of something, which is told beside it."""
        match value:
            case User():
                self._put("users", value.id, value.json)
                member = self._guild.members.get(value.id) if self._guild else None
                if member is not None:
                    self._put("members", value.id, {**member.partial, "permissions": "0"})
            case Role():
                self._put("roles", value.id, value.json)
            case Channel():
                self._put("channels", value.id, {**value.json, "permissions": "0"})
            case Attachment():
                value.channel = value.channel or self._channel.id
                self._put("attachments", value.id, value.json(self._world.signed.url(value)))
            case _:
                raise Misuse(f"nobody can choose {value!r} here")
        return str(value.id)

    def _put(self, kind: str, id_: str, body: JSON) -> None:
        self.json.setdefault(kind, {})[id_] = body


def filled(options: list[JSON], path: list[str], values: Mapping[str, Any], resolved: Resolved) -> list[JSON]:
    """The options of a command as they are sent; ``path`` leads through subcommands."""
    if options and options[0]["type"] in (commands.SUB, commands.GROUP):
        step = next((one for one in options if path and one["name"] == path[0]), None)
        if step is None:
            raise Misuse(f"the subcommands are {', '.join(one['name'] for one in options)}")
        inner = filled(step.get("options", []), path[1:], values, resolved)
        return [{"type": step["type"], "name": step["name"], "options": inner}]
    known = {option["name"]: option for option in options}
    if path or set(values) - set(known):
        raise Misuse(f"the options are {', '.join(known)}, not {', '.join([*path, *values])}")
    for option in options:
        if option.get("required") and option["name"] not in values:
            raise Misuse(f"{option['name']} is required")
    return [
        {"type": known[name]["type"], "name": name, "value": _value(known[name], value, resolved)}
        for name, value in values.items()
    ]


def focused(options: list[JSON], name: str, typed: str) -> None:
    """Mark the option that a person is typing in; all others are as they are."""
    for option in options:
        if "options" in option:
            focused(option["options"], name, typed)
        elif option["name"] == name:
            option |= {"value": typed, "focused": True}


def _value(option: JSON, value: Any, resolved: Resolved) -> Any:
    kind, name = option["type"], option["name"]
    if kind in (commands.USER, commands.CHANNEL, commands.ROLE, commands.MENTIONABLE, commands.FILE):
        return resolved.add(value)
    wanted: dict[int, tuple[type, ...]] = {
        commands.STRING: (str,),
        commands.INTEGER: (int,),
        commands.BOOLEAN: (bool,),
        commands.NUMBER: (int, float),
    }
    if not isinstance(value, wanted[kind]) or (kind == commands.INTEGER and isinstance(value, bool)):
        raise Misuse(f"{name} cannot be {value!r}")
    if option.get("choices") and value not in [choice["value"] for choice in option["choices"]]:
        raise Misuse(f"{name} has no choice {value!r}")
    size: Any = len(str(value)) if kind == commands.STRING else value
    low, high = ("min_length", "max_length") if kind == commands.STRING else ("min_value", "max_value")
    if kind != commands.BOOLEAN and not option.get(low, size) <= size <= option.get(high, size):
        raise Misuse(f"{value!r} does not fit {name}")
    return value


def chosen(component: JSON, values: tuple[Any, ...], resolved: Resolved) -> list[str]:
    """The values of a menu that a person picked, as many as it takes."""
    low, high = _bounds(component, 1)
    if not low <= len(values) <= high:
        raise Misuse(f"{component['custom_id']} takes {low} to {high} choices, not {len(values)}")
    if component["type"] != tables.STRINGS:
        return [resolved.add(value) for value in values]
    offered = [option["value"] for option in component["options"]]
    if missing := [value for value in values if value not in offered]:
        raise Misuse(f"{component['custom_id']} offers {', '.join(offered)}, not {missing}")
    return list(values)


def entered(components: list[JSON], values: Mapping[str, Any], resolved: Resolved) -> list[JSON]:
    """The components of a modal as they are sent when it is submitted."""
    sent: list[JSON] = []
    for component in components:
        body = {"type": component["type"], "id": component["id"]}
        if component["type"] == tables.LABEL:
            body["component"] = _field(component["component"], values, resolved)
        elif component["type"] == tables.ROW:
            body["components"] = [_field(one, values, resolved) for one in component["components"]]
        sent.append(body)
    return sent


def _field(component: JSON, values: Mapping[str, Any], resolved: Resolved) -> JSON:
    name, kind = component["custom_id"], component["type"]
    body: JSON = {"type": kind, "id": component["id"], "custom_id": name}
    given = values.get(name)
    if kind == tables.INPUT:
        return body | {"value": _text(component, component.get("value") or "" if given is None else given)}
    if kind == tables.BOX:
        return body | {"value": component.get("default", False) if given is None else bool(given)}
    several = given if isinstance(given, list | tuple) else [] if given is None else [given]
    if kind == tables.UPLOAD:
        low, high = _bounds(component, 1)
        if not low <= len(several) <= high:
            raise Misuse(f"{name} takes {low} to {high} files")
        return body | {"values": [resolved.add(file) for file in several]}
    if kind in (tables.RADIO, tables.BOXES):
        return body | _ticked(component, several)
    return body | {"values": chosen(component, tuple(several), resolved)}


def _ticked(component: JSON, given: Any) -> JSON:
    options = component["options"]
    values = list(given) or [one["value"] for one in options if one.get("default")]
    radio = component["type"] == tables.RADIO
    low, most = _bounds(component, 1 if radio else len(options))
    if not low <= len(values) <= most or set(values) - {one["value"] for one in options}:
        raise Misuse(f"{component['custom_id']} cannot be {values}")
    return {"value": values[0] if values else None} if radio else {"values": values}


def _bounds(component: JSON, most: int) -> tuple[int, int]:
    """How many choices it takes; what is not required may be left empty."""
    low, high = component.get("min_values"), component.get("max_values") or most
    if not component.get("required", True):
        return 0, high
    return 1 if low is None else low, high


def _text(component: JSON, given: str) -> str:
    low, high = component.get("min_length", 0), component.get("max_length", 4000)
    if not given and component.get("required", True):
        raise Misuse(f"{component['custom_id']} must be filled in")
    if given and not low <= len(given) <= high:
        raise Misuse(f"{len(given)} characters do not fit {component['custom_id']}")
    return given
