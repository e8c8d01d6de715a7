"""The start: what is left to do, platforms connected by what is typed, what a doctor sees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.discord.settings import DiscordSettings
from bot.adapters.slack.settings import SlackSettings
from bot.config import load
from bot.net.http import Http
from bot.platforms import Connection, discord_settings, slack_settings
from bot.site import SUBJECTS, discord_desk, looks, slack_desk
from bot.workbench.schedule import SETTING as DIGEST
from bot.workbench.schedule import Schedule
from storage.credentials import NewCredential
from storage.store import Store
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.provider import ProviderServer
from tests.fakes.slack.server import FakeSlack
from tests.web.conftest import Site, listen, serving
from web.services import Services


@dataclass
class Quiet:
    """An edge that has nothing to do."""

    said: str = "ok"

    async def run(self) -> None:
        """Nothing comes in."""

    def health(self) -> str:
        return self.said


@dataclass
class Start:
    """A site beside both platforms, which are not connected."""

    site: Site
    slack: FakeSlack
    discord: FakeDiscord
    connections: dict[str, Connection[Any, Any]]

    def connect(self, platform: str) -> None:
        """Let a platform be connected."""
        self.connections[platform].edge, self.connections[platform].settings = Quiet(), object()


@pytest.fixture
async def start(
    site: Site, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Start]:
    """A site that speaks to both platforms' doctors."""
    monkeypatch.setenv("SWITCHBOARD_DATA", str(tmp_path))
    async with FakeSlack() as slack, FakeDiscord() as discord, Http() as http:
        config = replace(
            load(env_file=None),
            slack=SlackSettings((), api_url=slack.api_url),
            discord=DiscordSettings((), api_url=f"{discord.world.url}/api/v10"),
        )
        connections: dict[str, Connection[Any, Any]] = {
            "slack": Connection(partial(slack_settings, store, config.slack), _nobody, _never),
            "discord": Connection(partial(discord_settings, store, config.discord), _nobody, _never),
        }
        desks = {
            "slack": slack_desk(store, config, "http://127.0.0.1", connections["slack"]),
            "discord": discord_desk(store, config, http, connections["discord"]),
        }
        given = {name: getattr(site.services, name) for name in Services.__slots__}
        services = Services(**given | {"platforms": desks, "looks": looks(config)})
        listener = listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with serving(services, listener):
            yield Start(Site(url, store, site.surface, services), slack, discord, connections)


def _nobody(_: object) -> Quiet:
    return Quiet()


def _never(edge: Quiet, settings: object) -> None:
    raise AssertionError("nothing runs here")


async def test_slack_is_connected_by_what_is_typed(start: Start) -> None:
    """Tokens that do not work are told apart from those that do, which are stored; none is shown."""
    slack, store = start.slack, start.site.store
    async with start.site.visitor() as client:
        await start.site.sign_in(client)
        page = (await client.get("/start")).text
        assert "socket_mode_enabled: true" in page
        assert "connections:write" in page
        tokens = {"bot": slack.bot.token, "app": slack.app.app_token}
        for fields, words in (
            ({**tokens, "bot": ""}, "Paste the bot"),
            ({**tokens, "bot": tokens["app"]}, "begins xoxb-"),
            ({"bot": tokens["bot"]}, "also needs an app-level token"),
        ):
            refused = await client.post("/start/slack", data=fields)
            assert refused.status_code == 422
            assert words in refused.text
        wrong = await client.post("/start/slack", data={**tokens, "bot": "xoxb-1-wrong-0123456789"})
        assert "Slack does not know it" in wrong.text
        assert "Nothing was stored" in wrong.text
        assert "xoxb-1-wrong" not in wrong.text
        assert await store.credentials.all() == []
        made = await client.post("/start/slack", data=tokens, follow_redirects=True)
        assert "The tokens work and are stored" in made.text
        assert not any(token in made.text for token in tokens.values())
        assert start.connections["slack"].changed.is_set()
        kept = await slack_settings(store, SlackSettings((), api_url=slack.api_url))
        assert kept is not None
        assert (kept.apps[0].bot_tokens, kept.apps[0].app_token) == ((tokens["bot"],), tokens["app"])
        (credential,) = await store.credentials.all()
        gone = await client.post(f"/start/slack/{credential.id}/remove", follow_redirects=True)
        assert "“Slack” is disconnected" in gone.text
        assert (await client.post(f"/start/discord/{credential.id}/remove")).status_code == 404


async def test_discord_says_what_to_switch_on_and_how_to_invite(start: Start) -> None:
    """Without the switch nothing is stored; afterwards the invitation is there."""
    discord = start.discord
    discord.app.switches = set()
    async with start.site.visitor() as client:
        await start.site.sign_in(client)
        refused = await client.post("/start/discord", data={"bot": discord.app.token})
        assert "Message Content is off" in refused.text
        assert "switch on Message Content Intent" in refused.text
        discord.app.switches = {"message_content"}
        made = await client.post("/start/discord", data={"bot": discord.app.token}, follow_redirects=True)
        assert "The tokens work and are stored" in made.text
        start.connections["discord"].settings = DiscordSettings(
            (discord.app.token,), api_url=f"{discord.world.url}/api/v10"
        )
        invites = (await client.get("/start/discord/invites")).text
        assert "https://discord.com/oauth2/authorize?client_id=" in invites
        assert (await client.get("/start/teams")).status_code == 404


async def test_the_list_turns_green(start: Start) -> None:
    """The front door leads an owner to the start until nothing is left, and everybody else to the chat."""
    site = start.site
    async with site.visitor() as client, site.visitor() as other:
        owner = await site.sign_in(client)
        await site.sign_in(other, (await site.someone_else()).id)

        async def door() -> str:
            return (await client.get("/")).headers["location"]

        assert (await other.get("/")).headers["location"] == "/try"
        assert await door() == "/start"
        left = await client.post("/start/skip", data={"item": "discord"}, follow_redirects=True)
        assert "Discord is left out." in left.text
        await client.post("/start/skip", data={"item": "digest"})
        assert (await client.post("/start/skip", data={"item": "message"})).status_code == 404
        start.connect("slack")
        await site.store.conversations.start_new(f"web:main/{owner.id}/abcdefgh", owner.id)
        assert await door() == "/start"
        async with ProviderServer() as provider:
            form = {"name": "Work", "secret": provider.key, "base_url": provider.url, "allow": "yes"}
            await client.post("/providers/openai/keys", data=form)
        assert await door() == "/try"
        assert "Everything is set up" in (await client.get("/start")).text
        assert "hears and answers" in (await client.get("/start/slack")).text
        await client.post("/start/skip", data={"item": "discord", "wanted": "yes"})
        assert await door() == "/start"


async def test_an_admin_reads_nothing_of_other_workspaces(start: Start) -> None:
    """Neither where their digests come, nor the connections, which may be theirs."""
    store = start.site.store
    for place, name in (("slack:T1/C1", "ours"), ("slack:T2/C2", "theirs")):
        await store.workspaces.note_names(place, name)
        await store.conversations.start_new(f"{place}/1.1", None)
        await store.settings.set(f"place:{place}", DIGEST, Schedule(datetime.now(UTC)).to_json(), None)
    await store.credentials.add(NewCredential("slack", "Acme's own", "xoxb-of-acme-9876"))
    ada = await store.people.identify("slack", "slack:T1", "U1", "Ada")
    await store.people.grant(ada.id, "admin", "slack:T1")
    async with start.site.visitor() as admin, start.site.visitor() as client:
        await start.site.sign_in(admin, ada.id)
        await start.site.sign_in(client)
        mine, everything = [(await one.get("/start")).text for one in (admin, client)]
    told = ("#theirs", "Acme&#39;s own", "9876")
    assert "Slack · #ours" in mine
    assert "T2" not in mine
    assert not [each for each in told if each in mine]
    assert all(each in everything for each in told)


async def test_what_a_doctor_sees(start: Start) -> None:
    """Each look by itself, all of them on a page, for owners alone."""
    async with start.site.visitor() as client:
        await start.site.sign_in(client)
        for subject in SUBJECTS:
            assert (await client.get(f"/start/checks/{subject}")).status_code == 200
        assert (await client.get("/start/checks/weather")).status_code == 404
        page = (await client.get("/start/checks")).text
    assert "opens and takes writes" in page
    assert "demo/quick answers where nobody chose" in page
