"""Socket Mode: there is always a connection, and what comes by it is acked by it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack import sockets as module
from bot.adapters.slack.sockets import Sockets, ticket
from bot.adapters.slack.workspaces import Session, SlackNotReady, session
from tests.fakes.orders import Fault
from tests.fakes.slack.server import FakeSlack
from tests.fakes.times import ManualClock


class Taker:
    """Notes the events that came, and may take its time."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.free = asyncio.Event()
        self.free.set()

    async def take(self, frame: dict[str, Any]) -> dict[str, Any] | None:
        event = frame["payload"]["event"]
        self.texts.append(event["text"])
        await self.free.wait()
        if event["text"] == "broken":
            raise ValueError("broken")
        return None if event["text"] == "no ack" else {}


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """A workspace whose app is told of messages in channels; afterwards every refusal was declared."""
    async with FakeSlack(clock=ManualClock(), events=("message.channels",)) as server:
        server.general.members.add(server.bot.bot.id)
        yield server
        assert server.unexpected() == []


@pytest.fixture
async def speaking() -> AsyncIterator[Session]:
    async with session() as one:
        yield one


@pytest.fixture
def client(slack: FakeSlack, speaking: Session) -> AsyncWebClient:
    return AsyncWebClient(base_url=slack.api_url, session=speaking, retry_handlers=[])


@pytest.fixture
def taker() -> Taker:
    return Taker()


@pytest.fixture
def lines(slack: FakeSlack, speaking: Session, client: AsyncWebClient, taker: Taker) -> Sockets:
    """All connections of the app, none of them open yet."""
    return Sockets(speaking, client, slack.app.app_token, taker.take)


@pytest.fixture
async def two(slack: FakeSlack, lines: Sockets) -> AsyncIterator[Sockets]:
    """Two connections, kept."""
    keeping = asyncio.create_task(lines.run(2))
    await slack.connected(2)
    yield lines
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await slack.until(lambda: not slack.sockets.open())


async def test_two_connections_are_kept(slack: FakeSlack, two: Sockets, taker: Taker) -> None:
    """Whatever comes is taken once, by whichever of them."""
    for number in range(4):
        slack.say("ada", "general", str(number))
    await slack.quiet()
    assert sorted(taker.texts) == ["0", "1", "2", "3"]
    assert two.trouble == ""


@pytest.mark.parametrize("ask", ["warn", "refresh"])
async def test_renewal_leaves_no_gap(slack: FakeSlack, two: Sockets, taker: Taker, ask: str) -> None:
    """Though both are to be renewed at once, each message is taken at its first delivery."""
    before = slack.sockets.open()
    await getattr(slack.sockets, ask)()
    if ask == "refresh":
        # What is refreshed gets nothing more, so the new ones have to come first.
        await slack.connected(1)
    for number in range(20):
        slack.say("ada", "general", str(number))
        await slack.quiet()
    await slack.until(lambda: len(set(slack.sockets.open()) - set(before)) == 2)
    assert len(taker.texts) == 20
    assert all(one.ack.ok and one.sent.attempt == 0 for one in slack.deliveries.log)


async def test_one_at_a_time_is_renewed(slack: FakeSlack, two: Sockets, taker: Taker) -> None:
    """While the new connection is slow to come, the other one serves."""
    first, _ = slack.sockets.open()
    late = slack.order(Fault.SLOW, "apps.connections.open")
    await slack.sockets.refresh([first])
    for number in range(4):
        slack.say("ada", "general", str(number))
    await slack.quiet()
    assert sorted(taker.texts) == ["0", "1", "2", "3"]
    slack.withdraw(late)
    await slack.connected(2)


async def test_what_came_by_a_connection_is_acked_by_it(slack: FakeSlack, two: Sockets, taker: Taker) -> None:
    """Though it was replaced meanwhile: over another the ack would mean nothing."""
    taker.free.clear()
    slack.say("ada", "general", "slow")
    await _until(lambda: taker.texts)
    before = slack.sockets.open()
    await slack.sockets.refresh()
    await slack.until(lambda: len(set(slack.sockets.open()) - set(before)) == 2)
    taker.free.set()
    await slack.quiet()
    assert [one.ack.ok for one in slack.deliveries.log] == [True]


async def test_broken_connections_come_back(slack: FakeSlack, two: Sockets, taker: Taker) -> None:
    """At once, and again."""
    for round_ in range(2):
        before = slack.sockets.open()
        await slack.sockets.drop()
        await slack.until(lambda before=before: len(set(slack.sockets.open()) - set(before)) == 2)  # type: ignore[misc]
        slack.say("ada", "general", str(round_))
        await slack.quiet()
    assert taker.texts == ["0", "1"]


@pytest.mark.parametrize("words", ["no ack", "broken"])
async def test_what_was_not_kept_is_not_acked(
    slack: FakeSlack, two: Sockets, taker: Taker, words: str
) -> None:
    """Slack delivers it again."""
    clock = slack.clock
    assert isinstance(clock, ManualClock)
    slack.book.expect("deliver", "timeout", times=2)
    slack.say("ada", "general", words)
    for number in (1, 2):
        await _until(lambda number=number: len(taker.texts) == number)
        await clock.advance(3.1)
    assert taker.texts == [words, words]


async def test_a_slack_that_is_away(
    slack: FakeSlack, lines: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is tried again until it is there; meanwhile health has a sentence."""
    monkeypatch.setattr(module, "_FIRST", 0.01)
    slack.order(Fault.DOWN, "apps.connections.open", times=3)
    keeping = asyncio.create_task(lines.run(1))
    await _until(lambda: "cannot be reached" in lines.trouble)
    await slack.connected(1)
    await _until(lambda: not lines.trouble)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)


async def test_a_wrong_app_token(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Is said with the setting's name and where to get another."""
    slack.book.expect("apps.connections.open", "invalid_auth")
    with pytest.raises(SlackNotReady) as raised:
        await ticket(client, "xapp-1-wrong")
    assert "SLACK_APP_TOKEN (invalid_auth)" in raised.value.say
    assert "wrong" not in str(raised.value)


async def test_a_bot_token_in_its_place(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Is named as what it is not."""
    slack.book.expect("apps.connections.open", "not_allowed_token_type")
    with pytest.raises(SlackNotReady, match="not_allowed_token_type") as raised:
        await ticket(client, slack.bot.token)
    assert "begins with xapp-" in raised.value.say


async def test_too_many_connections(
    slack: FakeSlack, lines: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other programs hold all ten: that is said, and one that becomes free is taken."""
    monkeypatch.setattr(module, "_FIRST", 0.01)
    slack.book.expect("socket", "too_many_websockets")
    others = asyncio.create_task(lines.run(10))
    await slack.connected(10)
    late = Sockets(lines._session, lines._client, slack.app.app_token, lines._take)  # noqa: SLF001
    waiting = asyncio.create_task(late.run(1))
    await _until(lambda: "ten connections" in late.trouble)
    others.cancel()
    await asyncio.gather(others, return_exceptions=True)
    await _until(lambda: not late.trouble and slack.sockets.open())
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def _until(true: Any) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - what changes is on our side, where nothing tells of it
            await asyncio.sleep(0.005)
