"""Events on their way to the real slack-bolt: over Socket Mode and over signed HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.orders import Fault
from tests.fakes.slack.server import FakeSlack
from tests.fakes.times import ManualClock

Event = dict[str, Any]


class Listener:
    """A Bolt app that notes every event it gets, with the retry headers."""

    def __init__(self, slack: FakeSlack, client: AsyncWebClient) -> None:
        self.app = AsyncApp(client=client, signing_secret=slack.app.signing_secret)
        self.events: list[Event] = []
        self.retries: list[tuple[str | None, str | None]] = []
        for name in ("message", "app_mention", "reaction_added", "app_home_opened", "member_joined_channel"):
            self.app.event(name)(self.note)

    async def note(self, event: Event, req: Any) -> None:
        self.events.append(event)
        number = req.headers.get("x-slack-retry-num", [None])[0]
        self.retries.append((number, req.headers.get("x-slack-retry-reason", [None])[0]))

    @property
    def kinds(self) -> list[str]:
        return [str(event.get("subtype", event["type"])) for event in self.events]


@pytest_asyncio.fixture
async def slack(clock: ManualClock) -> AsyncIterator[FakeSlack]:
    async with FakeSlack(clock=clock) as server:
        yield server
        assert server.unexpected() == []


@pytest_asyncio.fixture
async def bolt(slack: FakeSlack, client: AsyncWebClient) -> Listener:
    return Listener(slack, client)


@asynccontextmanager
async def socket(
    slack: FakeSlack, client: AsyncWebClient, app: AsyncApp
) -> AsyncIterator[AsyncSocketModeHandler]:
    """The app, connected by Socket Mode."""
    handler = AsyncSocketModeHandler(app, app_token=slack.app.app_token, web_client=client)
    before = len(slack.sockets.open())
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.connected(before + 1)
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def test_a_mention_arrives_as_twins(slack: FakeSlack, client: AsyncWebClient, bolt: Listener) -> None:
    """As message and as app_mention, with the same ts and different event ids."""
    async with socket(slack, client, bolt.app):
        said = slack.mention("ada", "general", "hello")
        await slack.until(lambda: len(slack.deliveries.log) == 2)
    assert sorted(bolt.kinds) == ["app_mention", "message"]
    assert {event["ts"] for event in bolt.events} == {said.ts}
    assert len({one.sent.payload["event_id"] for one in slack.deliveries.log}) == 2
    channel_types = {event["type"]: event.get("channel_type") for event in bolt.events}
    assert channel_types == {"app_mention": None, "message": "channel"}


async def test_what_becomes_of_messages_is_told(
    slack: FakeSlack, client: AsyncWebClient, bolt: Listener
) -> None:
    """Edits, deletions, files, other bots' and our own messages; no twin in a DM; a tombstone over a thread."""
    async with socket(slack, client, bolt.app):
        said = slack.mention("ada", "general", "hello")
        slack.edit("ada", said, f"<@{slack.bot.bot.id}> hello again")
        slack.say("grace", "general", "me too", thread_ts=said.ts)
        slack.delete("ada", said)
        slack.dm("ada", f"<@{slack.bot.bot.id}> in private", files=[slack.file("a.txt", b"a")])
        await slack.until(lambda: len(slack.deliveries.log) == 7)
        await slack.quiet()
    assert sorted(bolt.kinds) == sorted(
        [
            "message",
            "app_mention",
            "message_changed",
            "app_mention",
            "message",
            "message_changed",
            "file_share",
        ]
    )
    again = [event for event in bolt.events if event["type"] == "app_mention"][1]
    assert again["edited"]["user"] == slack.ada.id
    stone = [event for event in bolt.events if event.get("subtype") == "message_changed"][1]
    assert stone["message"]["subtype"] == "tombstone"


async def test_ones_own_messages_come_back(slack: FakeSlack, client: AsyncWebClient) -> None:
    """And every update of them; Bolt passes over the posts by itself."""
    app = Listener(slack, client)
    async with socket(slack, client, app.app):
        posted = await client.chat_postMessage(channel=slack.general.id, text="a")
        await client.chat_update(channel=slack.general.id, ts=posted["ts"], text="b")
        other = slack.build.other_bot("pager")
        slack.general.members.add(other.id)
        slack.say(other, "general", "beep")
        await slack.until(lambda: len(slack.deliveries.log) == 3)
        await slack.until(lambda: len(app.events) == 1)
    bodies = [one.sent.payload["event"] for one in slack.deliveries.log]
    assert [body.get("bot_id", body.get("subtype")) for body in bodies] == [
        slack.bot.bot.bot_id,
        "message_changed",
        other.bot_id,
    ]
    assert bodies[1]["previous_message"]["text"] == "a"


async def test_small_signs_are_told(slack: FakeSlack, client: AsyncWebClient, bolt: Listener) -> None:
    async with socket(slack, client, bolt.app):
        said = slack.say("ada", "general", "hello")
        slack.react("grace", said, "eyes")
        slack.open_home("ada", "messages")
        slack.invite(slack.build.user("mallory"), "general", by="ada")
        await slack.until(lambda: len(bolt.events) == 4)
    told = {event["type"]: event for event in bolt.events}
    assert told["reaction_added"]["item"]["ts"] == said.ts
    assert told["app_home_opened"]["tab"] == "messages"
    assert told["member_joined_channel"]["inviter"] == slack.ada.id


async def test_events_need_their_scopes(slack: FakeSlack, client: AsyncWebClient, bolt: Listener) -> None:
    """And their subscriptions: what is missing is not told, and the fake knows what was held back."""
    slack.bot.scopes -= {"channels:history"}
    slack.app.events -= {"message.im"}
    async with socket(slack, client, bolt.app):
        slack.dm("ada", "hello")
        slack.mention("ada", "general", "hello")
        await slack.until(lambda: len(bolt.events) == 1)
    assert (bolt.kinds, slack.events.withheld) == (
        ["app_mention"],
        [("message.channels", "channels:history")],
    )


async def test_an_event_nobody_listens_to_comes_again(
    slack: FakeSlack, client: AsyncWebClient, clock: ManualClock
) -> None:
    """Bolt does not ack it. Tried at once, after a minute and after five, then never again."""
    app = AsyncApp(client=client, signing_secret="s")
    slack.book.expect("deliver", "timeout")
    async with socket(slack, client, app):
        slack.say("ada", "general", "hello")
        for tries, wait in enumerate((0, 0, 60, 300), 1):
            await clock.advance(wait)
            await slack.until(lambda n=tries: slack.deliveries.tries == n)  # type: ignore[misc]
            await clock.advance(3)
            await slack.until(lambda n=tries: len(slack.deliveries.log) == n)  # type: ignore[misc]
        await clock.advance(1000)
    assert [one.sent.attempt for one in slack.deliveries.log] == [0, 1, 2, 3]
    assert slack.deliveries.log[-1].sent.reason == "timeout"
    assert len({one.sent.payload["event_id"] for one in slack.deliveries.log}) == 1


async def test_a_lost_ack_repeats_the_event(slack: FakeSlack, client: AsyncWebClient, bolt: Listener) -> None:
    """The app saw it: the second time it knows so by the retry's number."""
    slack.order(Fault.LOST, "deliver")
    async with socket(slack, client, bolt.app):
        slack.say("ada", "general", "hello")
        await slack.until(lambda: len(bolt.events) == 2)
    assert [event["text"] for event in bolt.events] == ["hello", "hello"]
    assert bolt.retries == [("0", ""), ("1", "timeout")]


async def test_a_delivery_that_never_came_is_made_up_for(
    slack: FakeSlack, client: AsyncWebClient, bolt: Listener, clock: ManualClock
) -> None:
    """Also where no socket was open at all."""
    slack.book.expect("deliver", "connection_failed", times=2)
    slack.say("ada", "general", "anybody?")
    await slack.until(lambda: len(slack.deliveries.log) == 2)
    async with socket(slack, client, bolt.app):
        await clock.advance(60)
        await slack.until(lambda: len(bolt.events) == 1)
    assert bolt.retries == [("2", "connection_failed")]


async def test_two_sockets_and_a_refresh(slack: FakeSlack, client: AsyncWebClient, bolt: Listener) -> None:
    """Each payload goes to one of them; one that is asked to go connects anew, and nothing is lost."""
    async with socket(slack, client, bolt.app), socket(slack, client, bolt.app):
        first = slack.sockets.open()
        for number in range(6):
            slack.say("ada", "general", str(number))
        await slack.until(lambda: len(bolt.events) == 6)
        assert [len(one.issued) for one in first] == [3, 3]
        await slack.sockets.warn(first[:1])
        await slack.sockets.refresh(first[:1])
        for number in range(6, 12):
            slack.say("ada", "general", str(number))
        await slack.until(lambda: len(bolt.events) == 12)
        await slack.connected(2)
        assert first[0] not in slack.sockets.open()
    assert sorted(int(event["text"]) for event in bolt.events) == list(range(12))


async def test_a_dropped_socket_comes_back(slack: FakeSlack, client: AsyncWebClient, bolt: Listener) -> None:
    handler = AsyncSocketModeHandler(
        bolt.app, app_token=slack.app.app_token, web_client=client, ping_interval=0.1
    )
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.connected()
    first = slack.sockets.open()
    await slack.sockets.drop()
    await slack.until(lambda: slack.sockets.open() and slack.sockets.open() != first)
    slack.say("ada", "general", "still there?")
    await slack.until(lambda: bolt.events)
    await handler.close_async()  # type: ignore[no-untyped-call]


async def test_ten_sockets_and_no_more(slack: FakeSlack, client: AsyncWebClient) -> None:
    """A ticket opens one connection, once; the eleventh is sent away."""

    async def link() -> str:
        return str((await client.apps_connections_open(app_token=slack.app.app_token))["url"])

    async with aiohttp.ClientSession() as session:
        urls = [await link() for _ in range(11)]
        sockets = [await session.ws_connect(url) for url in urls[:10]]
        hellos = [await ws.receive_json() for ws in sockets]
        assert [hello["num_connections"] for hello in hellos] == list(range(1, 11))
        slack.book.expect("socket", "too_many_websockets")
        late = await session.ws_connect(urls[10])
        assert (await late.receive_json())["reason"] == "too_many_websockets"
        again = await session.get(urls[0].replace("ws://", "http://"))
        assert again.status == 403
        for error, text in (("not an ack", "hello"), ("ack of an unknown envelope", '{"envelope_id": "e"}')):
            slack.book.expect("socket", error)
            await sockets[0].send_str(text)
            await slack.until(lambda e=error: slack.book.count("socket", e))  # type: ignore[misc]
        for ws in [*sockets, late]:
            await ws.close()


@asynccontextmanager
async def served(app: AsyncApp) -> AsyncIterator[str]:
    """The app behind a port of its own; its URL."""
    server = app.web_app(path="/slack/events")
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()


async def test_events_over_signed_http(slack: FakeSlack, client: AsyncWebClient, bolt: Listener) -> None:
    """Bolt checks the signature; the URL is verified when it is entered; a first delivery has no retry header."""
    async with served(bolt.app) as url:
        await slack.deliver_to(url)
        slack.mention("ada", "general", "hello")
        await slack.until(lambda: len(slack.deliveries.log) == 2)
    assert sorted(bolt.kinds) == ["app_mention", "message"]
    assert bolt.retries == [(None, None)] * 2


async def test_a_wrong_secret_is_no_entry(
    slack: FakeSlack, client: AsyncWebClient, bolt: Listener, clock: ManualClock
) -> None:
    """401, and again at once, after a minute and after five."""
    slack.book.expect("deliver", "http_error")
    async with served(bolt.app) as url:
        await slack.deliver_to(url)
        secret, slack.app.signing_secret = slack.app.signing_secret, "another"
        slack.say("ada", "general", "hello")
        await slack.until(lambda: len(slack.deliveries.log) == 2)
        await clock.advance(60)
        await slack.until(lambda: len(slack.deliveries.log) == 3)
        slack.app.signing_secret = secret
        await clock.advance(300)
        await slack.until(lambda: len(slack.deliveries.log) == 4)
    assert bolt.retries == [("3", "http_error")]


async def test_a_slow_app_is_asked_again(slack: FakeSlack, clock: ManualClock) -> None:
    """Unless it forbids that; and an app that is away is asked again too."""
    came: list[web.Request] = []
    slow_one, free = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        came.append(request)
        body = await request.json()
        if "challenge" in body:
            return web.json_response({"challenge": body["challenge"]})
        if len(came) == 2:
            slow_one.set()
            await free.wait()
        if len(came) == 3:
            return web.Response(status=500, headers={"x-slack-no-retry": "1"})
        return web.Response()

    server = web.Application()
    server.router.add_post("/", slow)
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    await slack.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    slack.book.expect("deliver", "http_timeout", times=1)
    slack.book.expect("deliver", "http_error", times=1)
    slack.book.expect("deliver", "connection_failed", times=1)
    slack.say("ada", "general", "hello")
    await slow_one.wait()
    await clock.advance(3)
    await slack.until(lambda: len(slack.deliveries.log) == 2)
    assert [one.ack.error for one in slack.deliveries.log] == ["http_timeout", "http_error"]
    assert came[2].headers["x-slack-retry-reason"] == "http_timeout"
    free.set()
    await runner.cleanup()
    slack.say("ada", "general", "hello?")
    await slack.until(lambda: len(slack.deliveries.log) == 3)
    slack.book.expect("deliver", "connection_failed")


async def test_several_workspaces(slack: FakeSlack, client: AsyncWebClient, bolt: Listener) -> None:
    """One app in two of them, over one socket: each event names its own."""
    other = slack.build.workspace("Other")
    eve = slack.build.user("eve", team=other)
    slack.build.install(slack.app, other)
    slack.build.channel("lobby", team=other)
    async with socket(slack, client, bolt.app):
        slack.say("ada", "general", "here")
        slack.say(eve, "lobby", "there")
        await slack.until(lambda: len(slack.deliveries.log) == 2)
    teams = [one.sent.payload["team_id"] for one in slack.deliveries.log]
    assert set(teams) == {slack.team.id, other.id}


async def test_text_comes_as_slack_writes_it(
    slack: FakeSlack, client: AsyncWebClient, bolt: Listener
) -> None:
    """Three characters escaped, addresses in brackets, and beside it the same as rich text."""
    async with socket(slack, client, bolt.app):
        said = slack.say("ada", "general", "> if a < b && see https://example.com/x?a=1, <@U1>")
        await slack.until(lambda: bolt.events)
    event = bolt.events[0]
    assert event["text"] == "&gt; if a &lt; b &amp;&amp; see <https://example.com/x?a=1>, <@U1>"
    assert said.shown == "> if a < b && see https://example.com/x?a=1, <@U1>"
    kinds = [part["type"] for part in event["blocks"][0]["elements"][0]["elements"]]
    assert kinds == ["text", "link", "text", "user"]


@pytest.mark.parametrize(("told", "expected"), [("", [False]), ("files", [True]), (None, [])])
async def test_mentions_with_files(
    slack: FakeSlack, client: AsyncWebClient, bolt: Listener, told: str | None, expected: list[bool]
) -> None:
    """The message event has them; the twin may come without them, or not at all."""
    slack.events.files_in_mentions = told
    async with socket(slack, client, bolt.app):
        slack.mention("ada", "general", "look", files=[slack.file("a.txt", b"a")])
        slack.say("ada", "general", "end")
        await slack.until(lambda: len(bolt.events) == 2 + len(expected))
    twins = [event for event in bolt.events if event["type"] == "app_mention"]
    assert ["files" in event for event in twins] == expected
    assert "files" in next(event for event in bolt.events if event["type"] == "message")


async def test_the_twins_come_in_either_order(
    slack: FakeSlack, client: AsyncWebClient, bolt: Listener
) -> None:
    async with socket(slack, client, bolt.app):
        for _ in range(2):
            slack.mention("ada", "general", "hello")
        await slack.until(lambda: len(slack.deliveries.log) == 4)
    assert bolt.kinds in (
        ["app_mention", "message", "message", "app_mention"],
        ["message", "app_mention", "app_mention", "message"],
    )


async def test_an_app_is_told_of_its_end(slack: FakeSlack, client: AsyncWebClient) -> None:
    """And of what people do with its home tab and its sessions before."""
    told: list[Event] = []
    app = AsyncApp(client=client, signing_secret=slack.app.signing_secret)
    for name in (
        "app_home_opened",
        "agent_session_title_changed",
        "tokens_revoked",
        "app_uninstalled",
        "message",
    ):

        @app.event(name)
        async def note(event: Event) -> None:
            told.append(event)

    slack.app.agent = True
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    await client.views_publish(user_id=slack.ada.id, view=home)
    async with socket(slack, client, app):
        question = slack.dm("ada", "hello")
        await client.agents_sessions_setStatus(
            channel_id=question.channel, thread_ts=question.ts, status="active"
        )
        slack.rename("ada", question.channel, question.ts, "Greetings")
        slack.open_home("ada")
        await slack.until(lambda: len(told) == 3)
        slack.uninstall()
        await slack.until(lambda: len(slack.deliveries.log) == 5)
    events = {one.sent.payload["event"]["type"]: one.sent.payload["event"] for one in slack.deliveries.log}
    assert events["agent_session_title_changed"]["title"] == "Greetings"
    assert events["app_home_opened"]["view"]["type"] == "home"
    assert events["tokens_revoked"]["tokens"]["bot"] == [slack.bot.bot.id]
