"""Signing in with Slack or Discord, against a platform that checks what OAuth asks it to check."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from aiohttp import web

from tests.web.conftest import Site, listen, serving
from web.oauth import challenge
from web.sign_in_settings import OAuthApp, SignInSettings

SECRET = "the-app's-secret"
USERS: dict[str, dict[str, Any]] = {
    "slack": {
        "ok": True,
        "https://slack.com/user_id": "U1",
        "https://slack.com/team_id": "T1",
        "name": "Ada",
    },
    "discord": {"id": "4711", "username": "ada", "global_name": None},
}


@dataclass
class Platform:
    """Gives a code to whoever is sent to it, and a token for the code, the secret and the verifier together."""

    url: str = ""
    agreed: dict[str, dict[str, str]] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=dict)

    def agree(self, location: str) -> tuple[str, dict[str, str]]:
        """What a person's browser brings back after agreeing: where to, and with what."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code{len(self.agreed)}"
        self.agreed[code] = asked
        return asked["redirect_uri"], {"code": code, "state": asked["state"]}

    async def token(self, request: web.Request) -> web.Response:
        sent = await request.post()
        asked = self.agreed.pop(str(sent["code"]), None)
        right = (
            asked is not None
            and sent["client_secret"] == SECRET
            and sent["redirect_uri"] == asked["redirect_uri"]
            and challenge(str(sent["code_verifier"])) == asked["code_challenge"]
        )
        if not right:
            return web.json_response({"ok": False, "error": "invalid_grant"}, status=400)
        return web.json_response({"ok": True, "access_token": "opened"})

    async def who(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer opened"
        return web.json_response(self.user)


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    made = Platform()
    app = web.Application()
    for path in ("openid.connect.token", "oauth2/token"):
        app.router.add_post(f"/api/{path}", made.token)
    for path in ("openid.connect.userInfo", "users/@me"):
        app.router.add_get(f"/api/{path}", made.who)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    listener = listen()
    await web.SockSite(runner, listener).start()
    made.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def door(site: Site, platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """A stranger's browser before a site that has both ways."""
    listener = listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = OAuthApp("1.2", SECRET, f"{platform.url}/api/")
    services = replace(site.services, public_url=url, sign_in=SignInSettings(app, app))
    async with serving(services, listener), httpx.AsyncClient(base_url=url, timeout=30) as client:
        yield client


async def come_back(door: httpx.AsyncClient, platform: Platform, way: str, **changed: str) -> httpx.Response:
    """Go to the platform, agree, and come back; ``changed`` is what somebody meddled with."""
    platform.user = platform.user or USERS[way]
    left = await door.get(f"/sign-in/with/{way}")
    back, brought = platform.agree(left.headers["location"])
    return await door.get(back, params=brought | changed)


async def test_the_door_names_the_ways(door: httpx.AsyncClient) -> None:
    """Whoever is not signed in is offered both."""
    page = await door.get("/try")
    assert page.status_code == 401
    assert "Sign in with Slack" in page.text
    assert "Sign in with Discord" in page.text


async def test_slack_vouches_for_people_of_our_workspaces(
    door: httpx.AsyncClient, site: Site, platform: Platform
) -> None:
    """The person is the one who talks to us there."""
    known = await site.store.people.identify("slack", "slack:T1", "U1", "Ada")
    await site.store.conversations.start_new("slack:T1/C1/1.0", known.id)
    answer = await come_back(door, platform, "slack")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = await door.get("/me")
    assert page.status_code == 200
    assert "Ada" in page.text
    assert "way" not in door.cookies


@pytest.mark.parametrize("way", ["slack", "discord"])
async def test_strangers_stay_outside(door: httpx.AsyncClient, platform: Platform, way: str) -> None:
    """Who has never been in a workspace of ours is told what to do."""
    answer = await come_back(door, platform, way)
    assert answer.status_code == 403
    assert "Say hello to it there first" in answer.text


async def test_discord_vouches_for_those_we_know(
    door: httpx.AsyncClient, site: Site, platform: Platform
) -> None:
    """Discord's users have one id in all servers."""
    await site.store.people.identify("discord", "discord:1", "4711", "ada")
    assert (await come_back(door, platform, "discord")).status_code == 303


@pytest.mark.parametrize(
    "changed", [{"state": "another"}, {"code": "guessed"}, {"code": ""}], ids=["state", "code", "no code"]
)
async def test_what_was_meddled_with(
    door: httpx.AsyncClient, site: Site, platform: Platform, changed: dict[str, str]
) -> None:
    """Another state or code signs nobody in."""
    await site.store.people.identify("discord", "discord:1", "4711", "ada")
    assert (await come_back(door, platform, "discord", **changed)).status_code == 403
    assert (await door.get("/me")).status_code == 401


async def test_a_way_back_without_a_way_there(door: httpx.AsyncClient, platform: Platform) -> None:
    """A link with somebody else's code does nothing in a browser that did not begin it."""
    left = await door.get("/sign-in/with/discord")
    back, brought = platform.agree(left.headers["location"])
    door.cookies.clear()
    answer = await door.get(back, params=brought)
    assert answer.status_code == 403
    assert "start again" in answer.text


@pytest.mark.parametrize(
    "kept", ["5", "null", '["slack"]', '["slack", "\\ud800", "p"]', '{"a": 1}', "no JSON"]
)
async def test_a_forged_way_there(door: httpx.AsyncClient, kept: str) -> None:
    """What somebody made up in its place is refused in words, and counted; it is no fault of ours to be logged."""
    door.cookies.set("way", urlsafe_b64encode(kept.encode()).decode())
    answers = [
        (await door.get("/sign-in/from/slack?state=made-up&code=made-up")).status_code for _ in range(11)
    ]
    assert answers == [403] * 10 + [429]


async def test_a_lying_platform(door: httpx.AsyncClient, platform: Platform) -> None:
    """An answer that is none of a platform's signs nobody in, and is no error of ours."""
    platform.user = {"something": "else"}
    answer = await come_back(door, platform, "discord")
    assert answer.status_code == 403
    assert "Try again from the start" in answer.text
