"""The fake's messages, read and written with the real client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.metadata import Metadata
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack.server import FakeSlack
from tests.fakes.times import ManualClock

Body = dict[str, Any]


async def refused(slack: FakeSlack, error: str, call: Awaitable[Any]) -> SlackApiError:
    """The refusal of a call, declared to the fake."""
    slack.book.expect("", error, times=1)
    with pytest.raises(SlackApiError) as caught:
        await call
    assert caught.value.response["error"] == error
    return caught.value


async def test_a_bot_learns_who_it_is(slack: FakeSlack, client: AsyncWebClient) -> None:
    """auth.test names the workspace and the bot, and its header the scopes that were granted."""
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"]) == (slack.team.id, slack.bot.bot.id)
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")
    of_app = await client.auth_test(token=slack.app.app_token)
    assert of_app["app_id"] == slack.app.id


async def test_tokens_are_looked_at(slack: FakeSlack, client: AsyncWebClient) -> None:
    """No token, a wrong one, a revoked one and one of the wrong kind are refused, each in its words."""
    await refused(slack, "invalid_auth", client.auth_test(token="xoxb-nobody"))
    await refused(slack, "not_allowed_token_type", client.apps_connections_open(app_token=slack.bot.token))
    await refused(slack, "not_allowed_token_type", client.users_info(user="U1", token=slack.app.app_token))
    slack.uninstall()
    await refused(slack, "token_revoked", client.auth_test())
    client.token = None
    await refused(slack, "not_authed", client.auth_test())


async def test_what_the_reference_does_not_name_does_not_exist(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    await refused(slack, "unknown_method", client.api_call("chat.shout", json={}))
    await refused(
        slack, "invalid_arguments", client.chat_postMessage(channel=slack.general.id, text="x", colour="red")
    )
    await refused(slack, "invalid_arguments", client.api_call("chat.postMessage", json={"text": "x"}))
    await refused(
        slack,
        "invalid_arguments",
        client.api_call(
            "chat.postMessage", json={"channel": slack.general.id, "text": "x", "mrkdwn": "perhaps"}
        ),
    )
    wrong_ts = client.chat_postMessage(channel=slack.general.id, text="x", thread_ts="yesterday")
    await refused(slack, "invalid_arguments", wrong_ts)


async def test_a_message_lives(slack: FakeSlack, client: AsyncWebClient, clock: ManualClock) -> None:
    """Posted, edited, deleted: people see each state, and the fake remembers when."""
    posted = await client.chat_postMessage(channel=slack.general.id, text="one")
    begun = clock.now()
    await clock.advance(5)
    await client.chat_update(channel=slack.general.id, ts=posted["ts"], text="one, two")
    message = slack.top("general")[0]
    assert message.shown == "one, two"
    assert message.edited is not None
    await client.chat_delete(channel=slack.general.id, ts=posted["ts"])
    assert slack.top("general") == []
    assert message.history == [(begun, "one"), (begun + 5, "one, two"), (begun + 5, "")]
    await refused(
        slack, "message_not_found", client.chat_update(channel=slack.general.id, ts=posted["ts"], text="x")
    )


async def test_a_whisper_is_seen_by_one(slack: FakeSlack, client: AsyncWebClient) -> None:
    answer = await client.chat_postEphemeral(channel=slack.general.id, user=slack.ada.id, text="psst")
    assert [message.shown for message in slack.whispers("ada")] == ["psst"]
    assert slack.whispers("grace") == slack.top("general") == []
    update = client.chat_update(channel=slack.general.id, ts=answer["message_ts"], text="x")
    await refused(slack, "message_not_found", update)
    outsider = slack.build.user("mallory")
    await refused(
        slack,
        "user_not_in_channel",
        client.chat_postEphemeral(channel=slack.general.id, user=outsider.id, text="psst"),
    )


Post = Callable[..., Awaitable[Any]]
WRITING: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "no_text"),
    ({"text": "  "}, "no_text"),
    ({"text": "a", "markdown_text": "b"}, "markdown_text_conflict"),
    ({"markdown_text": "x" * 12_001}, "msg_too_long"),
    ({"text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
    ({"text": "x", "blocks": [{"type": "markdown", "text": "x" * 6_001}] * 2}, "msg_blocks_too_long"),
    ({"text": "x", "blocks": [{"type": "wall"}]}, "invalid_blocks"),
    ({"text": "x", "metadata": {"event_type": "t"}}, "invalid_metadata_format"),
    ({"text": "x", "metadata": {"event_type": "a b", "event_payload": {}}}, "invalid_metadata_schema"),
    (
        {"text": "x", "metadata": {"event_type": "t", "event_payload": {"a": "x" * 17_000}}},
        "metadata_too_large",
    ),
]


@pytest.mark.parametrize(("content", "error"), WRITING)
async def test_content_that_does_not_fit(
    slack: FakeSlack, client: AsyncWebClient, content: dict[str, Any], error: str
) -> None:
    """Posting and updating refuse alike, and nothing changes."""
    posted = await client.chat_postMessage(channel=slack.general.id, text="before")
    await refused(
        slack, error, client.api_call("chat.postMessage", json={"channel": slack.general.id, **content})
    )
    update: Body = {"channel": slack.general.id, "ts": posted["ts"], **content}
    await refused(slack, error, client.api_call("chat.update", json=update))
    assert [message.shown for message in slack.top("general")] == ["before"]


async def test_an_update_takes_less_text_than_a_post(slack: FakeSlack, client: AsyncWebClient) -> None:
    """4,000 characters, with blocks beside them too; a post of more than 40,000 loses words, and that is noted."""
    posted = await client.chat_postMessage(channel=slack.general.id, text="x" * 5_000)
    block = [{"type": "markdown", "text": "short"}]
    long = client.chat_update(channel=slack.general.id, ts=posted["ts"], text="x" * 4_001, blocks=block)
    await refused(slack, "msg_too_long", long)
    assert [(one.what, one.error) for one in slack.unexpected()] == []
    slack.book.expect("chat.postMessage", "message_truncated")
    cut = await client.chat_postMessage(channel=slack.general.id, text="x" * 40_001)
    assert (cut["warning"], len(slack.top("general")[-1].text)) == ("message_truncated", 40_000)


async def test_blocks_are_what_people_read(slack: FakeSlack, client: AsyncWebClient) -> None:
    """The text is then the fallback; an update by text takes the blocks away."""
    blocks: list[Body] = [
        {"type": "markdown", "text": "**An answer**"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "gpt-5 · $0.01"}]},
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": "Stop"},
                    "action_id": "stop",
                    "value": "1",
                },
                {"type": "button", "text": {"type": "plain_text", "text": "Retry"}},
            ],
        },
    ]
    posted = await client.chat_postMessage(channel=slack.general.id, text="An answer", blocks=blocks)
    message = slack.top("general")[0]
    assert message.shown == "**An answer**\ngpt-5 · $0.01"
    assert message.written("markdown") == "**An answer**"
    assert list(message.actions) == ["stop", "b2.1"]
    await client.chat_update(channel=slack.general.id, ts=posted["ts"], blocks=blocks[:1], text="An answer")
    assert message.edited is None
    await client.chat_update(channel=slack.general.id, ts=posted["ts"], text="Only text")
    assert (message.shown, message.actions, message.edited is not None) == ("Only text", {}, True)


async def test_only_ones_own_messages_can_be_changed(
    slack: FakeSlack, client: AsyncWebClient, clock: ManualClock
) -> None:
    theirs = slack.say("ada", "general", "mine")
    place: Body = {"channel": slack.general.id, "ts": theirs.ts}
    await refused(slack, "cant_update_message", client.chat_update(**place, text="ours"))
    await refused(slack, "cant_delete_message", client.chat_delete(**place))
    ours = await client.chat_postMessage(channel=slack.general.id, text="ours")
    slack.team.edit_window = 300
    await clock.advance(301)
    await refused(
        slack, "edit_window_closed", client.chat_update(channel=slack.general.id, ts=ours["ts"], text="late")
    )


async def test_where_a_bot_may_write(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Only where it is a member: a private channel of others is not even there."""
    people = [slack.ada, slack.grace]
    public = slack.build.channel("random", members=people)
    hidden = slack.build.channel("board", kind="group", members=people)
    await refused(slack, "not_in_channel", client.chat_postMessage(channel=public.id, text="x"))
    await refused(slack, "channel_not_found", client.chat_postMessage(channel=hidden.id, text="x"))
    await refused(slack, "channel_not_found", client.chat_postMessage(channel="C404", text="x"))
    slack.general.archived = True
    await refused(slack, "is_archived", client.chat_postMessage(channel=slack.general.id, text="x"))
    await client.chat_postMessage(channel=slack.ada.id, text="in private")
    assert slack.top(slack.world.dm(slack.ada, slack.bot.bot))[0].shown == "in private"


async def test_threads_hang_on_roots(slack: FakeSlack, client: AsyncWebClient) -> None:
    root = slack.say("ada", "general", "root")
    reply = slack.say("grace", "general", "reply", thread_ts=root.ts)
    post = client.chat_postMessage
    await refused(
        slack, "cannot_reply_to_message", post(channel=slack.general.id, text="x", thread_ts=reply.ts)
    )
    nowhere = "1700000000.000001"
    await refused(slack, "thread_not_found", post(channel=slack.general.id, text="x", thread_ts=nowhere))
    await post(channel=slack.general.id, text="to all", thread_ts=root.ts, reply_broadcast=True)
    assert [message.text for message in slack.thread("general", root.ts)] == ["root", "reply", "to all"]
    assert [message.text for message in slack.top("general")] == ["root", "to all"]
    slack.delete("ada", root)
    await post(channel=slack.general.id, text="still there", thread_ts=root.ts)


async def test_metadata_is_given_to_who_asks(slack: FakeSlack, client: AsyncWebClient) -> None:
    """It stays through updates that do not name it, and {} takes it away."""
    metadata = Metadata(event_type="switchboard", event_payload={"key": "k1"})
    posted = await client.chat_postMessage(channel=slack.general.id, text="x", metadata=metadata)
    place: Body = {"channel": slack.general.id, "ts": posted["ts"]}
    await client.chat_update(**place, text="y")
    for asked, given in ((True, {"key": "k1"}), (False, None)):
        read = await client.conversations_history(channel=slack.general.id, include_all_metadata=asked)
        assert read["messages"][0].get("metadata", {}).get("event_payload") == given
    await client.chat_update(**place, text="z", metadata={})
    read = await client.conversations_history(channel=slack.general.id, include_all_metadata=True)
    assert "metadata" not in read["messages"][0]


async def test_scopes_are_needed(slack: FakeSlack, client: AsyncWebClient) -> None:
    """The refusal says which one, and which there are."""
    slack.bot.scopes = frozenset({"users:read"})
    error = await refused(slack, "missing_scope", client.chat_postMessage(channel=slack.general.id, text="x"))
    assert (error.response["needed"], error.response["provided"]) == ("chat:write", "users:read")
    error = await refused(slack, "missing_scope", client.conversations_history(channel=slack.private.id))
    assert error.response["needed"] == "groups:history"
    slack.bot.scopes = frozenset({"chat:write"})
    custom = client.chat_postMessage(channel=slack.general.id, text="x", username="Claude")
    assert (await refused(slack, "missing_scope", custom)).response["needed"] == "chat:write.customize"


async def test_a_thread_is_read_in_pages(slack: FakeSlack, client: AsyncWebClient) -> None:
    root = slack.say("ada", "general", "root")
    texts = [f"reply {number}" for number in range(5)]
    replies = [slack.say("grace", "general", text, thread_ts=root.ts) for text in texts]
    read, cursor = [], None
    while True:
        page = await client.conversations_replies(
            channel=slack.general.id, ts=root.ts, limit=2, cursor=cursor
        )
        assert page["messages"][0]["reply_count"] == 5
        read += [message["text"] for message in page["messages"][1:]]
        if not page["has_more"]:
            break
        cursor = page["response_metadata"]["next_cursor"]
    assert read == texts
    alone = await client.conversations_replies(channel=slack.general.id, ts=replies[0].ts)
    assert [message["text"] for message in alone["messages"]] == ["reply 0"]
    after = await client.conversations_replies(
        channel=slack.general.id, ts=root.ts, oldest=replies[2].ts, inclusive=True
    )
    assert [message["text"] for message in after["messages"]] == ["root", *texts[2:]]
    await refused(
        slack,
        "thread_not_found",
        client.conversations_replies(channel=slack.general.id, ts="1700000000.000001"),
    )
    history = await client.conversations_history(channel=slack.general.id)
    assert [message["text"] for message in history["messages"]] == ["root"]
    public = slack.build.channel("random", members=[slack.ada])
    await refused(slack, "not_in_channel", client.conversations_history(channel=public.id))


async def test_places_and_people_are_known(slack: FakeSlack, client: AsyncWebClient) -> None:
    info = await client.conversations_info(channel=slack.private.id)
    assert (info["channel"]["is_private"], info["channel"]["name"]) == (True, "secret")
    await refused(slack, "channel_not_found", client.conversations_info(channel="C404"))
    opened = await client.conversations_open(users=slack.ada.id)
    assert opened["channel"]["id"] == (await client.conversations_open(users=slack.ada.id))["channel"]["id"]
    group = await client.conversations_open(users=[slack.ada.id, slack.grace.id], return_im=True)
    assert group["channel"]["is_mpim"]
    await refused(slack, "user_not_found", client.conversations_open(users="U404"))
    await refused(slack, "users_list_not_supplied", client.conversations_open(users=""))
    user = await client.users_info(user=slack.ada.id)
    assert (user["user"]["name"], user["user"]["is_bot"]) == ("ada", False)
    await refused(slack, "user_not_found", client.users_info(user="U404"))


async def test_reactions_are_set_once(slack: FakeSlack, client: AsyncWebClient) -> None:
    message = slack.say("ada", "general", "hello")
    mark = {"channel": slack.general.id, "timestamp": message.ts}
    await client.reactions_add(**mark, name="eyes")
    assert message.reactions == {"eyes": [slack.bot.bot.id]}
    await refused(slack, "already_reacted", client.reactions_add(**mark, name="eyes"))
    await client.reactions_remove(**mark, name="eyes")
    await refused(slack, "no_reaction", client.reactions_remove(**mark, name="eyes"))
    await refused(slack, "invalid_name", client.reactions_add(**mark, name=":eyes:"))
    assert message.reactions == {}


async def test_a_message_says_whom_it_pings(slack: FakeSlack, client: AsyncWebClient) -> None:
    """By its text, mrkdwn, Markdown or rich text; plain text and escaped signs ping nobody."""
    post = client.chat_postMessage
    plain = {"type": "header", "text": {"type": "plain_text", "text": "<!here>"}}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "<!subteam^S1|@team>"}}
    markdown = {"type": "markdown", "text": "see <@U7>"}
    broadcast = {"type": "rich_text_section", "elements": [{"type": "broadcast", "range": "everyone"}]}
    rich = {"type": "rich_text", "elements": [broadcast]}
    await post(channel=slack.general.id, text="<@U1> &lt;!channel&gt; @here", blocks=[plain])
    await post(channel=slack.private.id, text="<!channel>", blocks=[section, markdown, rich])
    assert slack.top("general")[0].pings == {"U1"}
    assert slack.top("secret")[0].pings == {"channel", "S1", "U7", "everyone"}
    await post(channel=slack.general.id, text="a &lt; b &amp; <https://example.com|here>")
    assert slack.top("general")[1].shown == "a < b & here"


async def test_bodies_are_forms_or_json(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Structures inside of forms are JSON; what only reads takes no JSON at all."""
    blocks = '[{"type": "markdown", "text": "from a form"}]'
    form = {"channel": slack.general.id, "text": "x", "blocks": blocks, "unfurl_links": "false"}
    await client.api_call("chat.postMessage", data=form)
    assert slack.top("general")[0].shown == "from a form"
    await refused(
        slack, "invalid_blocks_format", client.api_call("chat.postMessage", data={**form, "blocks": "[{"})
    )
    reading = client.api_call("conversations.info", json={"channel": slack.general.id})
    await refused(slack, "invalid_arguments", reading)
    number = {"filename": "a", "length": "many"}
    await refused(slack, "invalid_arguments", client.api_call("files.getUploadURLExternal", params=number))
    headers = {"Authorization": f"Bearer {slack.bot.token}"}
    bodies = (
        ("invalid_json", "{", "json"),
        ("invalid_json", "[]", "json"),
        ("invalid_post_type", "x", "xml"),
    )
    async with aiohttp.ClientSession(headers=headers) as session:
        for error, body, kind in bodies:
            slack.book.expect("chat.postMessage", error, times=1)
            typed = {"Content-Type": f"application/{kind}"}
            async with session.post(f"{slack.api_url}chat.postMessage", data=body, headers=typed) as answer:
                assert (await answer.json())["error"] == error
