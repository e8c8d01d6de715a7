"""What people do with an app's own things: commands, buttons, menus, shortcuts, modals."""

from __future__ import annotations

from typing import Any

from tests.fakes.refused import Misuse
from tests.fakes.slack import views
from tests.fakes.slack.acks import Ack
from tests.fakes.slack.choices import chosen, state_value
from tests.fakes.slack.deliveries import Deliveries
from tests.fakes.slack.exchanges import Response, Trigger, View
from tests.fakes.slack.messages import Message
from tests.fakes.slack.refusals import JSON, Refusal
from tests.fakes.slack.responses import Responses
from tests.fakes.slack.suggestions import check_suggestions
from tests.fakes.slack.workspace import Channel, Installation, User
from tests.fakes.slack.world import World


class Interactions:
    """One installation's interactive side. Each verb waits for the app's ack, as a person does."""

    def __init__(self, world: World, deliveries: Deliveries, responses: Responses) -> None:
        self._world, self._deliveries, self._responses = world, deliveries, responses
        self._suggested: dict[tuple[str, str], list[JSON]] = {}

    async def command(self, by: Installation, user: User, channel: Channel, name: str, text: str) -> Ack:
        if name not in by.app.commands or "commands" not in by.scopes:
            raise Misuse(f"{name} is not a valid command")
        url, response = self._response(by, user, channel, None)
        names = {"im": "directmessage", "group": "privategroup"}
        payload = {
            "token": "legacy-verification-token",
            "team_id": by.team.id,
            "team_domain": by.team.domain,
            "channel_id": channel.id,
            "channel_name": names.get(channel.kind, channel.name),
            "user_id": user.id,
            "user_name": user.name,
            "command": name,
            "text": text,
            "api_app_id": by.app.id,
            "is_enterprise_install": "false",
            "response_url": url,
            "trigger_id": self._trigger(by, user),
        }
        ack = await self._deliveries.ask(by.app, "slash_commands", payload, name)
        if ack.ok and ack.payload:
            self._shown("command's ack", response, ack.payload)
        return ack

    async def click(
        self, by: Installation, user: User, on: Message | View, action_id: str, choice: str
    ) -> Ack:
        element = on.actions.get(action_id)
        if element is None:
            raise Misuse(f"nothing to click is called {action_id!r}: {', '.join(on.actions) or 'nothing'}")
        if user.id not in element.get("visible_to_user_ids", [user.id]):
            raise Misuse(f"{user.name} does not see {action_id}")
        action = chosen(element, choice, self._suggested.get((user.id, action_id), []))
        action["action_ts"] = self._world.ts()
        payload = self._payload(by, user, "block_actions", trigger_id=self._trigger(by, user))
        payload |= self._place(by, user, on) | {"actions": [action]}
        if isinstance(on, View) and element["type"] != "button":
            on.values.setdefault(action["block_id"], {})[action_id] = state_value(action)
            payload["view"] = views.payload(by, on)
        return await self._ask(by, payload, action_id)

    async def suggest(
        self, by: Installation, user: User, on: Message | View, action_id: str, typed: str
    ) -> list[JSON]:
        """What an external select offers for the letters typed; groups are flattened."""
        element = on.actions.get(action_id)
        if element is None or "external_select" not in element["type"]:
            raise Misuse(f"{action_id} is not an external select")
        if len(typed) < element.get("min_query_length", 3):
            raise Misuse(
                f"{action_id} asks its app only from {element.get('min_query_length', 3)} letters on"
            )
        payload = self._payload(by, user, "block_suggestion")
        payload |= {"action_id": action_id, "block_id": element["block_id"], "value": typed}
        place = self._place(by, user, on)
        place.pop("response_url", None)
        ack = await self._ask(by, payload | place, action_id)
        options: list[JSON] = []
        if ack.ok:
            try:
                options = check_suggestions(ack.payload)
            except Refusal as refused:
                self._refused("block_suggestion", refused)
        self._suggested[user.id, action_id] = options
        return options

    async def submit(self, by: Installation, user: User, view: View, values: dict[str, Any]) -> Ack:
        if not view.open or view.user != user.id or "submit" not in view.given:
            raise Misuse("there is nothing to submit")
        for action_id, value in values.items():
            element = view.actions.get(action_id)
            if element is None:
                raise Misuse(f"the view has no {action_id!r}")
            offered = self._suggested.get((user.id, action_id), [])
            state = state_value(chosen(element, value, offered))
            view.values.setdefault(element["block_id"], {})[action_id] = state
        for action_id, element in view.actions.items():
            if "initial_option" in element:  # what nobody touches is sent as it stands
                kept = {"type": element["type"], "selected_option": element["initial_option"]}
                view.values.setdefault(element["block_id"], {}).setdefault(action_id, kept)
        for block in view.given["blocks"]:
            if (
                block["type"] == "input"
                and not block.get("optional")
                and not view.values.get(block["block_id"])
            ):
                raise Misuse(f"{block['label']['text']} must be filled in")
        payload = self._payload(by, user, "view_submission", trigger_id=self._trigger(by, user))
        ack = await self._ask(
            by, {**payload, "view": views.payload(by, view), "response_urls": []}, view.title
        )
        if ack.ok:
            self._after_submit(by, user, view, ack.payload)
        return ack

    async def close(self, by: Installation, user: User, view: View) -> None:
        """Close a modal by its cross."""
        cleared = bool(view.given.get("clear_on_close"))
        closing = views.stack_of(self._world, by.app.id, user.id) if cleared else [view]
        for one in closing:
            one.open = False
        if view.given.get("notify_on_close"):
            payload = self._payload(by, user, "view_closed")
            payload |= {"view": views.payload(by, view), "is_cleared": cleared}
            await self._ask(by, payload, view.title)

    async def shortcut(self, by: Installation, user: User, callback_id: str, message: Message | None) -> Ack:
        kind = by.app.shortcuts.get(callback_id)
        if kind != ("global" if message is None else "message") or "commands" not in by.scopes:
            raise Misuse(f"{by.app.name} has no such shortcut: {callback_id}")
        payload = self._payload(by, user, "shortcut", trigger_id=self._trigger(by, user))
        payload |= {"callback_id": callback_id, "action_ts": self._world.ts()}
        if message is not None:
            channel = self._world.channel(message.channel)
            url, _ = self._response(by, user, channel, message)
            payload |= {"type": "message_action", "response_url": url, "message_ts": message.ts}
            payload |= {"message": message.json(), "channel": _channel_json(channel)}
        return await self._ask(by, payload, callback_id)

    async def _ask(self, by: Installation, payload: JSON, name: str) -> Ack:
        return await self._deliveries.ask(by.app, "interactive", payload, f"{payload['type']} {name}")

    def _after_submit(self, by: Installation, user: User, view: View, said: JSON) -> None:
        """Do what the ack of a submission says: nothing closes the top view."""
        try:
            match said.get("response_action"):
                case None if not said:
                    view.open = False
                case "clear":
                    for one in views.stack_of(self._world, by.app.id, user.id):
                        one.open = False
                case "update":
                    views.replace(self._world, by, view, said["view"])
                case "push":
                    views.pushed(self._world, by, user.id, said["view"])
                case "errors" if said.get("errors") and set(said["errors"]) <= view.inputs:
                    view.errors = said["errors"]
                case _:
                    raise Refusal("invalid_response_action", str(said)[:200])
        except Refusal as refused:
            self._refused("view_submission", refused)
        self._world.changed()

    def _shown(self, what: str, response: Response, said: JSON) -> None:
        try:
            self._responses.say(response, said)
        except Refusal as refused:
            self._refused(what, refused)

    def _refused(self, what: str, refused: Refusal) -> None:
        self._world.book.add(what, refused.error, "; ".join(refused.messages))

    def _payload(self, by: Installation, user: User, kind: str, **more: Any) -> JSON:
        return {
            "type": kind,
            "token": "legacy-verification-token",
            "api_app_id": by.app.id,
            "team": {"id": by.team.id, "domain": by.team.domain},
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
            "enterprise": None,
            "is_enterprise_install": False,
            **more,
        }

    def _place(self, by: Installation, user: User, on: Message | View) -> JSON:
        """Where something was clicked."""
        if isinstance(on, View):
            if not on.open or on.user != user.id:
                raise Misuse("the view is not on their screen")
            return {"container": {"type": "view", "view_id": on.id}, "view": views.payload(by, on)}
        channel = self._world.channel(on.channel)
        if on.deleted or user.id not in channel.members or on.to not in ("", user.id):
            raise Misuse(f"{user.name} does not see the message")
        container: JSON = {"type": "message", "message_ts": on.ts, "channel_id": channel.id}
        container["is_ephemeral"] = bool(on.to)
        if on.thread_ts:
            container["thread_ts"] = on.thread_ts
        url, _ = self._response(by, user, channel, on)
        place: JSON = {"container": container, "channel": _channel_json(channel), "response_url": url}
        if not on.to:
            place |= {"message": on.json(), "state": {"values": {}}}
        return place

    def _trigger(self, by: Installation, user: User) -> str:
        trigger = f"{self._world.id('')}.{self._world.id('')}.fake"
        self._world.triggers[trigger] = Trigger(by.app.id, user.id, self._world.clock.now())
        return trigger

    def _response(
        self, by: Installation, user: User, channel: Channel, message: Message | None
    ) -> tuple[str, Response]:
        number, now = self._world.id("R"), self._world.clock.now()
        response = Response(by.app.id, by.team.id, channel.id, user.id, now, message)
        self._world.responses[number] = response
        return f"{self._world.url}/actions/{number}", response


def _channel_json(channel: Channel) -> JSON:
    names = {"im": "directmessage", "group": "privategroup"}
    return {"id": channel.id, "name": names.get(channel.kind, channel.name)}
