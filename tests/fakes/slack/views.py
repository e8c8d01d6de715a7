"""views.open, .push, .update and .publish, and what a view may be."""

from __future__ import annotations

import json

from tests.fakes.slack.blocks import ANYWHERE, IN_MODALS, check_blocks
from tests.fakes.slack.calls import Call
from tests.fakes.slack.exchanges import TRIGGER_SECONDS, View
from tests.fakes.slack.refusals import JSON, Refusal
from tests.fakes.slack.shapes import Check, Invalid, Shape, anything, flag, one, plain, text
from tests.fakes.slack.workspace import Installation
from tests.fakes.slack.world import World

STACK = 3
_common: dict[str, Check] = {
    "callback_id": text(255, 0),
    "external_id": text(255, 0),
    "private_metadata": text(3000, 0),
}
_MODAL = Shape(
    {"type": one("modal"), "title": plain(24), "blocks": anything},
    {
        **_common,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)
_HOME = Shape({"type": one("home"), "blocks": anything}, _common)


def open_(call: Call) -> JSON:
    user = _triggered(call)
    if stack_of(call.world, call.by.app.id, user):
        raise Refusal("push_limit_reached", "[ERROR] a modal is open: use views.push")
    return _shown(call.world, call.by, user, call.args["view"])


def push(call: Call) -> JSON:
    user = _triggered(call)
    return _shown(call.world, call.by, user, call.args["view"])


def update(call: Call) -> JSON:
    wanted, name = call.get("view_id"), call.get("external_id")
    views = call.world.views.values()
    found = [
        one for one in views if one.open and (one.id == wanted or (name and one.given["external_id"] == name))
    ]
    if len(found) != 1 or found[0].app != call.by.app.id:
        raise Refusal("not_found")
    view = found[0]
    if call.get("hash") not in (None, view.hash):
        raise Refusal("hash_conflict")
    replace(call.world, call.by, view, call.args["view"])
    return {"view": payload(call.by, view)}


def publish(call: Call) -> JSON:
    user = call.by.team.users.get(call.args["user_id"])
    if user is None or user.is_bot:
        raise Refusal("user_not_found")
    if not call.by.app.home_tab:
        raise Refusal("not_enabled")
    view = home_of(call.world, call.by.app.id, user.id)
    if view is None:
        given = checked(call.args["view"], "home")
        view = View(call.world.id("V"), call.by.app.id, user.id, given, call.world.id("h"), "")
        view.root = view.id
        call.world.views[view.id] = view
    elif call.get("hash") not in (None, view.hash):
        raise Refusal("hash_conflict")
    else:
        replace(call.world, call.by, view, call.args["view"])
    call.world.changed()
    return {"view": payload(call.by, view)}


def stack_of(world: World, app: str, user: str) -> list[View]:
    """The modals on somebody's screen, the top one last."""
    return [
        view
        for view in world.views.values()
        if view.open and view.given["type"] == "modal" and (view.app, view.user) == (app, user)
    ]


def home_of(world: World, app: str, user: str) -> View | None:
    views = world.views.values()
    return next((v for v in views if v.given["type"] == "home" and (v.app, v.user) == (app, user)), None)


def pushed(world: World, by: Installation, user: str, given: JSON) -> View:
    """A further modal on the stack. Raises the Refusal of one too many, or of a wrong view."""
    stack = stack_of(world, by.app.id, user)
    if len(stack) >= STACK:
        raise Refusal("push_limit_reached")
    body = checked(given, "modal")
    named = [view for view in world.views.values() if view.app == by.app.id and view.open]
    if body["external_id"] and any(view.given["external_id"] == body["external_id"] for view in named):
        raise Refusal("duplicate_external_id")
    view = View(world.id("V"), by.app.id, user, body, world.id("h"), "")
    view.root = stack[0].id if stack else view.id
    view.previous = stack[-1].id if stack else None
    world.views[view.id] = view
    world.changed()
    return view


def replace(world: World, by: Installation, view: View, given: JSON) -> None:
    view.given = checked(given, view.given["type"])
    view.hash, view.errors = world.id("h"), {}
    blocks = {block["block_id"] for block in view.given["blocks"]}
    view.values = {name: values for name, values in view.values.items() if name in blocks}
    world.changed()


def checked(given: JSON, kind: str) -> JSON:
    """The view as Slack stores it."""
    if len(json.dumps(given)) > 250_000:
        raise Refusal("view_too_large")
    try:
        (_MODAL if kind == "modal" else _HOME)(given, "/view")
        blocks = check_blocks(given["blocks"], IN_MODALS if kind == "modal" else ANYWHERE, 100)
    except Invalid as invalid:
        raise Refusal("invalid_arguments", f"[ERROR] {invalid}") from None
    if not blocks:
        raise Refusal("invalid_arguments", "[ERROR] must hold at least one block [/view/blocks]")
    if kind == "modal" and "submit" not in given and any(block["type"] == "input" for block in blocks):
        raise Refusal("invalid_arguments", "[ERROR] submit is required with input blocks [/view]")
    absent = {"callback_id": "", "external_id": "", "private_metadata": ""}
    return {**absent, **given, "blocks": blocks}


def payload(by: Installation, view: View) -> JSON:
    """A view as it goes to its app."""
    return {
        **view.given,
        "id": view.id,
        "team_id": by.team.id,
        "state": {"values": view.values},
        "hash": view.hash,
        "root_view_id": view.root,
        "previous_view_id": view.previous,
        "app_id": by.app.id,
        "bot_id": by.bot.bot_id,
        "app_installed_team_id": by.team.id,
    }


def _shown(world: World, by: Installation, user: str, given: JSON) -> JSON:
    return {"view": payload(by, pushed(world, by, user, given))}


def _triggered(call: Call) -> str:
    """The user whose action the trigger comes from; it works once and not for long."""
    trigger = call.world.triggers.get(call.args["trigger_id"])
    if trigger is None or trigger.app != call.by.app.id:
        raise Refusal("invalid_trigger_id")
    if trigger.used:
        raise Refusal("exchanged_trigger_id")
    if call.world.clock.now() - trigger.at > TRIGGER_SECONDS:
        raise Refusal("expired_trigger_id")
    trigger.used = True
    return trigger.user
