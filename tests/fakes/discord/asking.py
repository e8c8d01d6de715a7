"""How what people do with an app's things reaches it, and the three seconds it has."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from tests.fakes.discord import commands, exchanges
from tests.fakes.discord.channels import DM, Channel
from tests.fakes.discord.events import Events
from tests.fakes.discord.exchanges import ANSWER_SECONDS, Interaction, Modal
from tests.fakes.discord.guilds import MIB, App, User
from tests.fakes.discord.messages import Message
from tests.fakes.discord.options import Resolved, chosen, entered, filled, focused
from tests.fakes.discord.permissions import IN_DMS, Can, allowed, sees
from tests.fakes.discord.refusals import JSON
from tests.fakes.discord.world import World
from tests.fakes.refused import Misuse


class Asking:
    """Each verb waits for the app's first answer, as a person does."""

    def __init__(self, world: World, events: Events) -> None:
        self._world, self._events = world, events
        self.log: list[Interaction] = []

    async def command(
        self,
        app: App,
        user: User,
        channel: Channel,
        words: str,
        values: Mapping[str, Any],
        *,
        typing: str = "",
    ) -> Interaction:
        """A slash command; with ``typing`` only the question for completions of that option."""
        name, *path = words.split()
        command = self._offered(app, user, channel, commands.SLASH, name)
        resolved = Resolved(self._world, channel)
        if typing:
            options = _unchecked(command.get("options", []), path, values)
            focused(options, typing, values[typing])
        else:
            options = filled(command.get("options", []), path, values, resolved)
        data = self._data(command, resolved) | {"options": options}
        kind = exchanges.COMPLETION if typing else exchanges.COMMAND
        return await self._ask(self._new(app, user, channel, kind, f"/{words}"), data)

    async def menu(
        self, app: App, user: User, channel: Channel, name: str, target: Message | User
    ) -> Interaction:
        """An entry of the menu at a message or at a person."""
        kind = commands.ON_MESSAGE if isinstance(target, Message) else commands.ON_USER
        command = self._offered(app, user, channel, kind, name)
        resolved = Resolved(self._world, channel)
        if isinstance(target, User):
            resolved.add(target)
        else:
            resolved.json["messages"] = {target.id: target.json(self._world.signed, app)}
        data = self._data(command, resolved) | {"target_id": target.id}
        return await self._ask(self._new(app, user, channel, exchanges.COMMAND, name), data)

    async def use(
        self, app: App, user: User, message: Message, custom_id: str, values: tuple[Any, ...]
    ) -> Interaction:
        """A button or a menu of a message."""
        component = message.actions.get(custom_id)
        if component is None:
            raise Misuse(f"there is no {custom_id!r}: {', '.join(message.actions) or 'nothing'}")
        if message.deleted or message.to not in ("", user.id) or not sees(message.channel, user):
            raise Misuse(f"{user.name} does not see the message")
        if component.get("disabled"):
            raise Misuse(f"{custom_id} is disabled")
        data: JSON = {"component_type": component["type"], "custom_id": custom_id, "id": component["id"]}
        if component["type"] != 2:
            resolved = Resolved(self._world, message.channel)
            data["values"] = chosen(component, values, resolved)
            data |= {"resolved": resolved.json} if resolved.json else {}
        asked = self._new(app, user, message.channel, exchanges.COMPONENT, custom_id, source=message)
        return await self._ask(asked, data)

    async def submit(self, modal: Modal, values: Mapping[str, Any]) -> Interaction:
        by = modal.by
        if unknown := set(values) - set(modal.inputs):
            raise Misuse(f"the form has {', '.join(modal.inputs)}, not {', '.join(unknown)}")
        resolved = Resolved(self._world, by.channel)
        sent = entered(modal.given["components"], values, resolved)
        data: JSON = {"custom_id": modal.custom_id, "components": sent}
        data |= {"resolved": resolved.json} if resolved.json else {}
        asked = self._new(by.app, by.user, by.channel, exchanges.SUBMISSION, modal.title, source=by.source)
        del self._world.modals[by.user.id]
        await self._ask(asked, data)
        if not asked.ok:
            # The form stays, with the words that something went wrong.
            self._world.modals[by.user.id] = modal
        return asked

    def _offered(self, app: App, user: User, channel: Channel, kind: int, name: str) -> JSON:
        """The command as this person is offered it here."""
        if channel.archived:
            raise Misuse("there are no commands in an archived thread")
        if not sees(channel, user) or Can.USE_APPLICATION_COMMANDS not in allowed(channel, user):
            raise Misuse(f"{user.name} may not use commands in {channel.name or 'the direct messages'}")
        guild = channel.guild
        by_guild = app.user.id in (guild.members if guild else channel.recipients)
        by_user = user.id in app.installed_by
        with_bot = app.user.id in channel.recipients
        context = commands.IN_GUILD if guild else commands.IN_BOT_DM if with_bot else commands.IN_PRIVATE
        for place in ([guild.id] if guild and by_guild else []) + [""]:
            for command in app.commands.get(place, {}).values():
                if (command["type"], command["name"]) != (kind, name):
                    continue
                if place or commands.usable(command, context, by_guild=by_guild, by_user=by_user):
                    return command
        raise Misuse(f"{app.name} offers no {name!r} here")

    def _data(self, command: JSON, resolved: Resolved) -> JSON:
        data: JSON = {name: command[name] for name in ("id", "name", "type", "guild_id") if name in command}
        return data | ({"resolved": resolved.json} if resolved.json else {})

    def _new(
        self, app: App, user: User, channel: Channel, kind: int, name: str, *, source: Message | None = None
    ) -> Interaction:
        guild = channel.guild
        guest = app.user.id not in (guild.members if guild else channel.recipients)
        token = f"a-{secrets.token_urlsafe(24)}"
        asked = Interaction(
            self._world.id(), token, app, user, kind, self._world.clock.now(), channel, name, guest, source
        )
        asked.payload = self._payload(asked)
        self._world.interactions[token] = asked
        self.log.append(asked)
        return asked

    def _payload(self, asked: Interaction) -> JSON:
        app, user, channel, guild = asked.app, asked.user, asked.channel, asked.channel.guild
        owners: JSON = {} if asked.guest else {"0": guild.id if guild else "0"}
        if user.id in app.installed_by:
            owners["1"] = user.id
        own = IN_DMS if asked.guest else allowed(channel, app.user)
        payload: JSON = {
            "id": asked.id,
            "application_id": app.id,
            "type": asked.kind,
            "token": asked.token,
            "version": 1,
            "channel_id": channel.id,
            "channel": channel.json | ({"permissions": str(int(allowed(channel, user)))} if guild else {}),
            "app_permissions": str(int(own)),
            "locale": user.locale,
            "entitlements": [],
            "authorizing_integration_owners": owners,
            "attachment_size_limit": guild.file_size if guild else 10 * MIB,
            "context": 0 if guild else 1 if channel.kind == DM and not asked.guest else 2,
        }
        if asked.source is not None:
            payload["message"] = asked.source.json(self._world.signed, app)
        if guild is None:
            return payload | {"user": user.json}
        rights = str(int(allowed(channel, user)))
        return payload | {
            "member": {**guild.members[user.id].json, "permissions": rights},
            "guild_id": guild.id,
            "guild": {"id": guild.id, "locale": "en-US", "features": []},
            "guild_locale": "en-US",
        }

    async def _ask(self, asked: Interaction, data: JSON) -> Interaction:
        """Tell the app and wait. Without an answer the person reads that the app did not respond."""
        asked.payload["data"] = data
        if not self._events.asked(asked.app, asked.channel.guild, asked.payload):
            self._world.book.add("interaction", "nobody listens", asked.name)
        elif not await self._world.within(ANSWER_SECONDS, lambda: asked.ok):
            self._world.book.add("interaction", "no answer", asked.name)
        return asked


def _unchecked(options: list[JSON], path: list[str], values: Mapping[str, Any]) -> list[JSON]:
    """The options of a command that is still being typed: nothing is required yet."""
    relaxed = [{**option, "required": False} for option in options]
    if relaxed and relaxed[0]["type"] in (commands.SUB, commands.GROUP):
        step = next((one for one in relaxed if path and one["name"] == path[0]), None)
        if step is None:
            raise Misuse(f"there is no subcommand {path}")
        inner = _unchecked(step.get("options", []), path[1:], values)
        return [{"type": step["type"], "name": step["name"], "options": inner}]
    return [
        {"type": option["type"], "name": option["name"], "value": values[option["name"]]}
        for option in relaxed
        if option["name"] in values
    ]
