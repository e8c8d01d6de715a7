"""How often, what may go wrong on order, and that tables and handlers fit together."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ContextActionsBlock,
    ContextBlock,
    DividerBlock,
    FeedbackButtonObject,
    FeedbackButtonsElement,
    HeaderBlock,
    MarkdownBlock,
    MarkdownTextObject,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.blocks.basic_components import Option, PlainTextObject
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.orders import Fault
from tests.fakes.refused import Misuse
from tests.fakes.slack.api import HANDLERS
from tests.fakes.slack.blocks import ANYWHERE, IN_MESSAGES, IN_MODALS, check_blocks
from tests.fakes.slack.reference import METHODS
from tests.fakes.slack.server import FakeSlack
from tests.fakes.slack.shapes import Invalid
from tests.fakes.test_slack_messages import refused
from tests.fakes.times import ManualClock


def test_every_method_of_the_table_is_there() -> None:
    assert set(METHODS) == set(HANDLERS) | {"apps.connections.open"}


async def test_updates_are_fifty_a_minute(
    slack: FakeSlack, client: AsyncWebClient, clock: ManualClock
) -> None:
    """For all messages of a workspace together; the refusal says when there is room again."""
    places = [
        {"channel": channel.id, "ts": (await client.chat_postMessage(channel=channel.id, text="x"))["ts"]}
        for channel in (slack.general, slack.private)
    ]
    for number in range(50):
        await client.chat_update(**places[number % 2], text=str(number))
    await clock.advance(20)
    slack.book.expect("chat.update", "ratelimited")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_update(**places[0], text="more")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "40")
    await clock.advance(40)
    await client.chat_update(**places[0], text="more")


async def test_a_channel_takes_one_post_a_second(
    slack: FakeSlack, client: AsyncWebClient, clock: ManualClock
) -> None:
    """With a small burst; other channels and other workspaces have room of their own."""
    slack.book.expect("chat.postMessage", "ratelimited")
    for _ in range(4):
        await client.chat_postMessage(channel=slack.general.id, text="x")
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel=slack.general.id, text="x")
    await client.chat_postMessage(channel=slack.private.id, text="x")
    other = slack.build.install(slack.app, slack.build.workspace("Other"))
    room = slack.build.channel("room", team=other.team)
    for _ in range(4):
        await client.chat_postMessage(channel=room.id, text="x", token=other.token)
    await clock.advance(1)
    await client.chat_postMessage(channel=slack.general.id, text="x")


async def test_a_lost_answer_is_applied(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.order(Fault.LOST, "chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=slack.general.id, text="once")
    assert [message.shown for message in slack.top("general")] == ["once"]


async def test_the_sdk_by_itself_posts_a_lost_answer_twice(slack: FakeSlack) -> None:
    """Its default handlers try again after a broken connection: a client of ours must take them out."""
    slack.order(Fault.LOST, "chat.postMessage")
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=slack.bot.token, base_url=slack.api_url, session=session)
        await client.chat_postMessage(channel=slack.general.id, text="twice")
    assert [message.shown for message in slack.top("general")] == ["twice", "twice"]


async def test_other_faults_apply_nothing(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Each in its own form, so many times as ordered, and then it works."""
    slack.order(Fault.CUT, "chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=slack.general.id, text="x")
    slack.order(Fault.BUSY, "chat.postMessage", times=2, wait=7)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel=slack.general.id, text="x")
        assert caught.value.response.headers["Retry-After"] == "7"
    for fault in (Fault.DOWN, Fault.AWAY):
        slack.order(fault, "chat.postMessage")
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel=slack.general.id, text="x")
    slack.order(Fault.REFUSED, "chat.postMessage", error="restricted_action", after=1)
    await client.chat_postMessage(channel=slack.general.id, text="first")
    with pytest.raises(SlackApiError, match="restricted_action"):
        await client.chat_postMessage(channel=slack.general.id, text="x")
    assert [message.shown for message in slack.top("general")] == ["first"]
    assert [entry.ordered for entry in slack.book.entries] == [True] * 6


async def test_an_answer_can_be_held_back(slack: FakeSlack, client: AsyncWebClient) -> None:
    order = slack.order(Fault.SLOW, "chat.postMessage")
    posting = asyncio.ensure_future(client.chat_postMessage(channel=slack.general.id, text="slow"))
    await slack.until(lambda: slack.top("general"))
    assert not posting.done()
    slack.withdraw(order)
    assert (await posting)["ok"]


def test_blocks_of_the_sdk_are_in_order() -> None:
    """What the SDK's own classes build, the tables take."""
    text = PlainTextObject(text="words")
    feedback = FeedbackButtonsElement(
        action_id="feedback",
        positive_button=FeedbackButtonObject(text="Good", value="up"),
        negative_button=FeedbackButtonObject(text="Bad", value="down"),
    )
    select = StaticSelectElement(
        action_id="pick",
        placeholder="Pick",
        options=[Option(text="One", value="1"), Option(text="Two", value="2")],
    )
    blocks = [
        HeaderBlock(text=text),
        SectionBlock(text=MarkdownTextObject(text="*hello*"), accessory=select),
        MarkdownBlock(text="# hello"),
        DividerBlock(),
        ContextBlock(elements=[MarkdownTextObject(text="small")]),
        ActionsBlock(elements=[ButtonElement(text=text, action_id="go", value="v", style="primary")]),
        ContextActionsBlock(elements=[feedback]),
    ]
    assert len(check_blocks(json.loads(json.dumps([one.to_dict() for one in blocks])), IN_MESSAGES, 50)) == 7


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go", **more}


WRONG: list[tuple[Any, str]] = [
    ("text", "must be an array"),
    ([{"type": "section"}], "one of text, fields"),
    ([{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}], "1 to 3000"),
    ([{"type": "section", "text": {"type": "mrkdwn", "text": ""}}], "1 to 3000"),
    ([{"type": "section", "text": {"type": "html", "text": "x"}}], "must be one of plain_text, mrkdwn"),
    ([{"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}], "emoji"),
    ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "must be one of plain_text"),
    ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "1 to 150"),
    ([{"type": "markdown", "text": "x", "colour": "red"}], "additional property: colour"),
    ([{"type": "actions", "elements": []}], "1 to 25"),
    ([{"type": "actions", "elements": [button(action_id=str(n)) for n in range(26)]}], "1 to 25"),
    ([{"type": "actions", "elements": [button(), button()]}], "action_id go already exists"),
    ([{"type": "actions", "elements": [button(text={"type": "plain_text", "text": "x" * 76})]}], "1 to 75"),
    ([{"type": "actions", "elements": [button(value="x" * 2001)]}], "1 to 2000"),
    ([{"type": "actions", "elements": [button(action_id="x" * 256)]}], "1 to 255"),
    ([{"type": "actions", "elements": [button(style="blue")]}], "primary, danger"),
    ([{"type": "actions", "elements": [{"type": "plain_text_input", "action_id": "a"}]}], "unsupported type"),
    ([{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}], "1 to 10"),
    (
        [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}],
        "block_id a already exists",
    ),
    ([{"type": "alert", "text": {"type": "plain_text", "text": "x"}}], "unsupported type: alert"),
]


@pytest.mark.parametrize(("blocks", "why"), WRONG)
def test_blocks_that_slack_refuses(blocks: Any, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        check_blocks(blocks, IN_MESSAGES, 50)


def test_modals_and_homes_take_other_blocks() -> None:
    """Markdown is for messages only, alerts for modals only."""
    markdown = [{"type": "markdown", "text": "x"}]
    alert = [{"type": "alert", "text": {"type": "plain_text", "text": "x"}, "level": "info"}]
    assert check_blocks(alert, IN_MODALS, 100)
    for blocks, table in ((markdown, IN_MODALS), (markdown, ANYWHERE), (alert, ANYWHERE)):
        with pytest.raises(Invalid):
            check_blocks(blocks, table, 100)


async def test_apps_are_set_up_by_slacks_own_words(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Events and scopes that Slack does not have are a mistake of the test; sockets need their scope."""
    with pytest.raises(ValueError, match="no event"):
        slack.build.app("other", events=("message.everything",))
    with pytest.raises(ValueError, match="no bot scope"):
        slack.build.install(slack.app, scopes=("chat:shout",))
    slack.app.app_scopes = frozenset()
    await refused(slack, "missing_scope", client.apps_connections_open(app_token=slack.app.app_token))
    with pytest.raises(Misuse, match="challenge"):
        await slack.deliver_to(f"{slack.api_url}nowhere")
    assert slack.book.entries.pop().error == "unknown_method"
