"""Signed HTTP: what Slack posts is kept before it is answered, and what Slack did not sign is refused."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.adapters.slack.settings import SlackSettings
from storage.errors import StorageDown
from storage.store import Store
from tests.bot.adapters.slack.edge_stage import Stage, credentials, served, staged
from tests.fakes.orders import Fault
from tests.fakes.slack.posts import signature
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.workspace import App as SlackApp
from tests.fakes.times import ManualClock

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A workspace; after the test every refusal was declared."""
    async with FakeSlack(clock=ManualClock(), agent=True) as server:
        server.general.members.add(server.bot.bot.id)
        yield server
        assert server.unexpected() == []


@pytest.fixture
async def stage(slack: FakeSlack, store: Store) -> AsyncIterator[Stage]:
    """One process that Slack posts to."""
    settings = SlackSettings((credentials(slack.app, slack.bot, http=True),), api_url=slack.api_url)
    async with staged(slack, store, settings) as stage, served(stage.edge) as stage.url:
        await stage.start()
        await stage.connected()
        await slack.deliver_to(stage.url, options_url=stage.url)
        yield stage


async def post(url: str, body: str, form: str = "application/json", **headers: str) -> tuple[int, str]:
    """What somebody else may post."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body.encode(), headers={"Content-Type": form, **headers}) as answer,
    ):
        return answer.status, await answer.text()


def event(slack: FakeSlack, text: str) -> str:
    """An event as it would be posted."""
    said = {"type": "message", "channel": slack.general.id, "channel_type": "channel", "user": slack.ada.id,
            "text": f"<@{slack.bot.bot.id}> {text}", "ts": "1700000000.000001"}  # fmt: skip
    return json.dumps({"type": "event_callback", "team_id": slack.team.id, "event": said})


def signed(app: SlackApp, body: str, at: float = 0) -> dict[str, str]:
    """Slack's signature of a body."""
    return signature(app.signing_secret, str(int(at or time.time())), body)


async def test_a_mention_is_kept_and_answered(stage: Stage, slack: FakeSlack) -> None:
    """The twins fall together here too."""
    asked = slack.mention("ada", "general", "hello")
    assert await stage.heard(asked) == ["hello"]
    assert [one.ack.ok for one in slack.deliveries.log] == [True, True]


async def test_follow_ups_and_direct_messages(stage: Stage, slack: FakeSlack) -> None:
    """As by socket."""
    asked = slack.mention("ada", "general", "first")
    await stage.heard(asked)
    slack.say("grace", "general", "second", thread_ts=asked.ts)
    assert await stage.heard(asked) == ["first", "second"]
    assert await stage.heard(slack.dm("ada", "in private")) == ["in private"]


async def test_a_database_that_is_away(
    stage: Stage, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is answered with 503, and Slack posts it again until it is kept."""

    async def away(*_: object, **__: object) -> None:
        raise StorageDown("gone")

    clock = slack.clock
    assert isinstance(clock, ManualClock)
    slack.book.expect("deliver", "http_error", times=2)
    with monkeypatch.context() as patched:
        patched.setattr(stage.engine, "receive", away)
        asked = slack.dm("ada", "nothing is lost")
        await slack.until(lambda: len(slack.deliveries.log) == 2)
    await clock.advance(60)
    assert await stage.heard(asked) == ["nothing is lost"]
    # The third try says that it is one, and that is no reason to pass over it.
    assert [one.sent.attempt for one in slack.deliveries.log] == [0, 1, 2]


async def test_a_lost_ack_doubles_nothing(stage: Stage, slack: FakeSlack) -> None:
    """What Slack posts again is the same message."""
    slack.order(Fault.LOST, "deliver", times=2)
    asked = slack.mention("ada", "general", "once")
    await slack.until(lambda: len(slack.deliveries.log) == 4)
    assert await stage.heard(asked) == ["once"]


async def test_commands_reach_their_listener(stage: Stage, slack: FakeSlack) -> None:
    """Forms as well as JSON, and the answer stands in Slack's."""
    ack = await slack.command("ada", "general", "/help")
    assert ack.ok
    assert "/model" in json.dumps(ack.payload)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "never"},
        {"X-Slack-Signature": "v0=\u00e4"},
        {"X-Slack-Request-Timestamp": "0"},
    ],
)
async def test_what_slack_did_not_sign_is_refused(
    stage: Stage, slack: FakeSlack, store: Store, wrong: dict[str, str]
) -> None:
    """With 401, and nothing of it is kept."""
    body = event(slack, "let me in")
    headers = {**signed(slack.app, body), **wrong} if wrong else {}
    status, _ = await post(stage.url, body, **headers)
    assert status == 401
    assert await store.inbox.ready(10, ["slack"]) == []


async def test_an_old_request_is_refused(stage: Stage, slack: FakeSlack) -> None:
    """Somebody may have recorded it."""
    body = event(slack, "once more")
    assert (await post(stage.url, body, **signed(slack.app, body, time.time() - 400)))[0] == 401


async def test_another_apps_signature_is_refused(stage: Stage, slack: FakeSlack) -> None:
    """It proves nothing to us."""
    body = event(slack, "hello")
    stranger = slack.build.app("stranger")
    assert (await post(stage.url, body, **signed(stranger, body)))[0] == 401


@pytest.mark.parametrize("body", ["{", "[1]", "payload=%7B", "\x00"])
async def test_garbage_is_refused(stage: Stage, slack: FakeSlack, body: str) -> None:
    """Signed or not, without a failure of our own."""
    assert (await post(stage.url, body))[0] in (400, 401)
    assert (await post(stage.url, body, **signed(slack.app, body)))[0] in (200, 400)
    assert (await post(stage.url, body, FORM, **signed(slack.app, body)))[0] in (200, 400)


async def test_slacks_certificate_check(stage: Stage) -> None:
    """Comes unsigned, and gets an empty answer."""
    assert await post(stage.url, "ssl_check=1&token=x", FORM) == (200, "")


async def test_before_it_is_connected(slack: FakeSlack, store: Store) -> None:
    """Slack is asked to come again."""
    settings = SlackSettings((credentials(slack.app, slack.bot, http=True),), api_url=slack.api_url)
    body = event(slack, "early")
    async with staged(slack, store, settings) as stage, served(stage.edge) as url:
        assert (await post(url, body, **signed(slack.app, body)))[0] == 503


async def test_several_apps_at_one_address(slack: FakeSlack, store: Store) -> None:
    """The signature tells them apart; a workspace is heard by its own app only."""
    umbrella = slack.build.workspace("Umbrella")
    other = slack.build.app("other")
    theirs = slack.build.install(other, umbrella)
    eve = slack.build.user("eve", team=umbrella)
    lobby = slack.build.channel("lobby", team=umbrella)
    apps = (credentials(slack.app, slack.bot, http=True), credentials(other, theirs, http=True))
    async with (
        staged(slack, store, SlackSettings(apps, api_url=slack.api_url)) as stage,
        served(stage.edge) as url,
    ):
        await stage.start()
        await stage.connected(teams=2)
        await slack.deliver_to(url)
        await slack.deliver_to(url, app=other)
        ours, their_own = slack.mention("ada", "general", "ours"), slack.mention(eve, lobby, "theirs")
        assert await stage.heard(ours) == ["ours"]
        assert await stage.heard(their_own) == ["theirs"]
        body = event(slack, "by another's signature")
        before = await stage.heard(ours)
        assert (await post(url, body, **signed(other, body)))[0] == 200
        assert await stage.heard(ours) == before
        assert (
            await store.conversations.current(f"slack:{slack.team.id}/{slack.general.id}/1700000000.000001")
            is None
        )


async def test_a_button_nobody_listens_to(stage: Stage, slack: FakeSlack) -> None:
    """Is acked: it may be of an older version."""
    click: dict[str, Any] = {
        "type": "block_actions",
        "team": {"id": slack.team.id},
        "user": {"id": slack.ada.id},
        "actions": [{"action_id": "of long ago", "type": "button", "block_id": "b"}],
    }
    body = urlencode({"payload": json.dumps(click)})
    assert await post(stage.url, body, FORM, **signed(slack.app, body)) == (200, "")
