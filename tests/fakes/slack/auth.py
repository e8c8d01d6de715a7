"""Who calls: tokens, and the two methods that are about them."""

from __future__ import annotations

from aiohttp import web

from tests.fakes.slack.calls import Call
from tests.fakes.slack.methods import Method
from tests.fakes.slack.refusals import JSON, Refusal, missing_scope
from tests.fakes.slack.workspace import App, Installation
from tests.fakes.slack.world import World


def caller(world: World, request: web.Request, method: Method) -> App | Installation:
    """Whose token it is. Raises the Refusal of a wrong one, or of one without the scope."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer" or not token:
        raise Refusal("not_authed")
    by = _owner(world, token)
    if (isinstance(by, App) and method.caller == "bot") or (
        isinstance(by, Installation) and method.caller == "app"
    ):
        raise Refusal("not_allowed_token_type")
    scopes = by.app_scopes if isinstance(by, App) else by.scopes
    if method.scopes and not scopes & set(method.scopes):
        raise missing_scope(method.scopes[0], scopes)
    return by


def _owner(world: World, token: str) -> App | Installation:
    for app in world.apps.values():
        if app.app_token == token:
            return app
    for installation in world.installations:
        if installation.token == token:
            if installation.revoked:
                raise Refusal("token_revoked")
            return installation
    raise Refusal("invalid_auth")


def app_test(app: App) -> JSON:
    """auth.test with an app's own token."""
    return {"app_name": app.name, "app_id": app.id}


def test(call: Call) -> JSON:
    by = call.by
    return {
        "url": f"https://{by.team.domain}.slack.com/",
        "team": by.team.name,
        "user": by.bot.name,
        "team_id": by.team.id,
        "user_id": by.bot.id,
        "bot_id": by.bot.bot_id,
        "is_enterprise_install": False,
    }
