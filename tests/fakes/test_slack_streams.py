"""Native streams, sessions, statuses and files, with the real client and its own stream helper."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from slack_sdk.models.messages.chunk import MarkdownTextChunk, PlanUpdateChunk, TaskUpdateChunk
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.refused import Misuse
from tests.fakes.slack.messages import StreamState
from tests.fakes.slack.server import FakeSlack
from tests.fakes.test_slack_messages import refused
from tests.fakes.times import ManualClock

Body = dict[str, Any]


def to(slack: FakeSlack, thread_ts: str, **more: Any) -> dict[str, Any]:
    """Where a stream in the public channel goes, and for whom."""
    who = {"recipient_user_id": slack.ada.id, "recipient_team_id": slack.team.id}
    return {"channel": slack.general.id, "thread_ts": thread_ts, **who, **more}


async def test_the_sdks_own_stream(slack: FakeSlack, client: AsyncWebClient) -> None:
    """It buffers, flushes in chunks, and its stop shows the rest and the blocks below."""
    root = slack.say("ada", "general", "tell me")
    stream = await client.chat_stream(**to(slack, root.ts), buffer_size=10)
    assert await stream.append(markdown_text="short") is None
    await stream.append(markdown_text=" and longer")
    message = slack.thread("general", root.ts)[1]
    assert (message.shown, message.streaming) == ("short and longer", True)
    await stream.append(markdown_text="...")
    blocks = [{"type": "context", "elements": [{"type": "mrkdwn", "text": "$0.01"}]}]
    await stream.stop(markdown_text=" end", blocks=blocks)
    assert (message.shown, message.streaming) == ("short and longer... end\n$0.01", False)
    assert [text for _, text in message.history] == ["short and longer", message.shown]


async def test_a_stream_that_never_flushed(slack: FakeSlack, client: AsyncWebClient) -> None:
    """The helper's stop starts it empty, and then gives all text at once."""
    question = slack.dm("ada", "tell me")
    stream = await client.chat_stream(channel=question.channel, thread_ts=question.ts)
    await stream.append(markdown_text="all of it")
    await stream.stop()
    assert slack.thread(question.channel, question.ts)[1].shown == "all of it"
    assert [method for _, method, _ in slack.api.calls] == ["chat.startStream", "chat.stopStream"]


async def test_a_stream_needs_a_thread_and_a_person(slack: FakeSlack, client: AsyncWebClient) -> None:
    root = slack.say("ada", "general", "tell me")
    place: Body = {"channel": slack.general.id, "thread_ts": root.ts}
    start = client.chat_startStream
    await refused(
        slack, "invalid_thread_ts", client.api_call("chat.startStream", json={"channel": slack.general.id})
    )
    await refused(slack, "invalid_thread_ts", start(**to(slack, "1700000000.000001")))
    await refused(slack, "missing_recipient_team_id", start(**place))
    await refused(slack, "missing_recipient_user_id", start(**place, recipient_team_id=slack.team.id))
    await refused(
        slack, "user_not_found", start(**{**to(slack, root.ts), "recipient_user_id": slack.bot.bot.id})
    )
    slack.general.streams = False
    await refused(slack, "channel_type_not_supported", start(**to(slack, root.ts)))


async def test_a_stream_keeps_its_mode(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Text or chunks, by its first content."""
    question = slack.dm("ada", "tell me")
    place: Body = {"channel": question.channel, "thread_ts": question.ts}
    by_text = await client.chat_startStream(**place, markdown_text="a")
    by_chunk = await client.chat_startStream(**place, chunks=[MarkdownTextChunk(text="a")])
    text: Body = {"channel": question.channel, "ts": by_text["ts"]}
    chunk: Body = {"channel": question.channel, "ts": by_chunk["ts"]}
    mismatch = "streaming_mode_mismatch"
    await refused(
        slack, mismatch, client.chat_appendStream(**text, chunks=[{"type": "markdown_text", "text": "b"}])
    )
    await refused(slack, mismatch, client.chat_stopStream(**chunk, markdown_text="b"))
    both = client.chat_appendStream(
        **text, markdown_text="b", chunks=[{"type": "markdown_text", "text": "b"}]
    )
    await refused(slack, "invalid_arguments", both)
    await refused(slack, "invalid_chunks", client.chat_appendStream(**chunk, chunks=[{"type": "song"}]))
    await refused(slack, "no_text", client.chat_appendStream(**text))
    await refused(slack, "msg_too_long", client.chat_appendStream(**text, markdown_text="x" * 12_001))
    task = TaskUpdateChunk(id="t1", title="Search", status="in_progress")
    await client.chat_appendStream(**chunk, chunks=[task, PlanUpdateChunk(title="Plan")])
    done = TaskUpdateChunk(id="t1", title="Search", status="complete")
    await client.chat_stopStream(**chunk, chunks=[done])
    stream = slack.thread(question.channel, question.ts)[2].stream
    assert stream is not None
    assert (stream.tasks["t1"]["status"], stream.plan) == ("complete", "Plan")


async def test_a_stream_has_an_end(slack: FakeSlack, client: AsyncWebClient, clock: ManualClock) -> None:
    """After five minutes, or too many bytes; what is left stands until chat.update mends it."""
    question = slack.dm("ada", "tell me")
    start = await client.chat_startStream(
        channel=question.channel, thread_ts=question.ts, markdown_text="ä" * 5_000
    )
    place: Body = {"channel": question.channel, "ts": start["ts"]}
    await refused(slack, "msg_too_long", client.chat_appendStream(**place, markdown_text="ä" * 501))
    await refused(slack, "streaming_state_conflict", client.chat_update(**place, text="x"))
    await clock.advance(301)
    await refused(
        slack, "message_not_in_streaming_state", client.chat_appendStream(**place, markdown_text="x")
    )
    await refused(slack, "message_not_in_streaming_state", client.chat_stopStream(**place))
    await client.chat_update(**place, text="mended")
    assert slack.thread(question.channel, question.ts)[1].shown == "mended"
    plain = await client.chat_postMessage(channel=question.channel, text="x")
    await refused(
        slack,
        "message_not_in_streaming_state",
        client.chat_appendStream(channel=question.channel, ts=plain["ts"], markdown_text="x"),
    )


async def test_others_see_a_stream_when_it_ends(slack: FakeSlack, client: AsyncWebClient) -> None:
    """In a channel only the recipient sees it flow (reported)."""
    root = slack.say("ada", "general", "tell me")
    start = await client.chat_startStream(**to(slack, root.ts), markdown_text="one")
    place: Body = {"channel": slack.general.id, "ts": start["ts"]}
    await client.chat_appendStream(**place, markdown_text=" two")
    message = slack.thread("general", root.ts)[1]
    assert (message.shown_to(slack.ada.id), message.shown_to(slack.grace.id)) == ("one two", "one")
    await client.chat_stopStream(**place)
    assert message.shown_to(slack.grace.id) == "one two"


async def test_streams_have_their_own_budgets(
    slack: FakeSlack, client: AsyncWebClient, clock: ManualClock
) -> None:
    """20 starts and 100 appends a minute in a workspace."""
    question = slack.dm("ada", "tell me")
    place: Body = {"channel": question.channel, "thread_ts": question.ts}
    for _ in range(20):
        last = await client.chat_startStream(**place, markdown_text="x")
    await refused(slack, "ratelimited", client.chat_startStream(**place, markdown_text="x"))
    grow = {"channel": question.channel, "ts": last["ts"], "markdown_text": "x"}
    for _ in range(100):
        await client.chat_appendStream(**grow)
    await refused(slack, "ratelimited", client.chat_appendStream(**grow))
    await clock.advance(60)
    await client.chat_appendStream(**grow)


async def test_people_stop_an_agent(slack: FakeSlack, client: AsyncWebClient) -> None:
    """The button is there while the session works; it ends the streams, and the app is told."""
    slack.app.events = frozenset({"agent_session_stopped"})
    slack.book.expect("deliver", "connection_failed")
    question = slack.dm("ada", "tell me")
    with pytest.raises(Misuse, match="no stop button"):
        slack.stop("ada", question.channel, question.ts)
    start = await client.chat_startStream(channel=question.channel, thread_ts=question.ts, markdown_text="a")
    slack.stop("ada", question.channel, question.ts)
    message = slack.thread(question.channel, question.ts)[1]
    assert message.stream is not None
    assert message.stream.state is StreamState.STOPPED_BY_USER
    append = client.chat_appendStream(channel=question.channel, ts=start["ts"], markdown_text="b")
    await refused(slack, "stopped_by_user", append)
    place: Body = {"channel_id": question.channel, "thread_ts": question.ts}
    session = slack.session(question.channel, question.ts)
    assert session is not None
    assert session.status == "processing"
    assert (await client.agents_sessions_setStatus(**place, status="active"))["status"] == session.status


async def test_an_agent_is_told_what_one_looks_at(slack: FakeSlack) -> None:
    slack.app.events = frozenset({"app_context_changed"})
    slack.deliveries.retries = ()
    slack.book.expect("deliver", "connection_failed")
    slack.look("ada", "general")
    await slack.until(lambda: slack.deliveries.log)
    entities = slack.deliveries.log[0].sent.payload["event"]["context"]["entities"]
    assert entities[0]["value"] == slack.general.id


async def test_sessions_belong_to_agents(slack: FakeSlack, client: AsyncWebClient) -> None:
    question = slack.dm("ada", "tell me")
    place: Body = {"channel_id": question.channel, "thread_ts": question.ts}
    await refused(slack, "session_not_found", client.agents_sessions_rename(**place, title="Scuba"))
    answer = await client.agents_sessions_setStatus(**place, status="processing", title="Diving")
    assert (answer["title"], answer["warning"]) == (
        "Diving",
        "missing_agent_session_stopped_event_subscription",
    )
    await client.agents_sessions_rename(**place, title="Scuba")
    session = slack.session(question.channel, question.ts)
    assert session is not None
    assert (session.title, session.status) == ("Scuba", "processing")
    await refused(slack, "invalid_status", client.agents_sessions_setStatus(**place, status="lazy"))
    await refused(slack, "invalid_arguments", client.agents_sessions_rename(**place, title="x" * 201))
    bare = client.agents_sessions_setStatus(channel_id=question.channel, status="active")
    await refused(slack, "thread_ts_required", bare)
    slack.app.agent = False
    await refused(slack, "not_authorized", client.agents_sessions_setStatus(**place, status="active"))


async def test_a_status_fades(slack: FakeSlack, client: AsyncWebClient, clock: ManualClock) -> None:
    """After two minutes, with a message, or when it is taken back."""
    root = slack.say("ada", "general", "tell me")
    place: Body = {"channel_id": slack.general.id, "thread_ts": root.ts}
    for end in ("time", "message", "word"):
        await client.assistant_threads_setStatus(**place, status="thinks", loading_messages=["a", "b"])
        assert slack.status("general", root.ts) == "thinks"
        if end == "time":
            await clock.advance(121)
        elif end == "message":
            await client.chat_postMessage(channel=slack.general.id, thread_ts=root.ts, text="done")
        else:
            await client.assistant_threads_setStatus(**place, status="")
        assert slack.status("general", root.ts) == ""
    many = client.assistant_threads_setStatus(**place, status="x", loading_messages=["x"] * 11)
    await refused(slack, "invalid_arguments", many)
    lost = client.assistant_threads_setStatus(
        channel_id=slack.general.id, thread_ts="1700000000.000001", status="x"
    )
    await refused(slack, "invalid_thread_ts", lost)


async def test_prompts_are_suggested(slack: FakeSlack, client: AsyncWebClient) -> None:
    channel = slack.world.dm(slack.ada, slack.bot.bot).id
    prompts = [{"title": "Plan", "message": "Plan my day"}]
    await client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=prompts)
    assert slack.prompts("ada") == ["Plan"]
    five = client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=prompts * 5)
    await refused(slack, "invalid_arguments", five)
    untitled = client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=[{"message": "x"}])
    await refused(slack, "invalid_arguments", untitled)


async def test_files_out(slack: FakeSlack, client: AsyncWebClient) -> None:
    """The SDK's three steps, into a thread."""
    root = slack.say("ada", "general", "draw")
    await client.files_upload_v2(
        channel=slack.general.id,
        thread_ts=root.ts,
        initial_comment="Here",
        file_uploads=[
            {"content": "a,b", "filename": "t.csv", "title": "Table"},
            {"content": "x", "filename": "x.txt"},
        ],
    )
    message = slack.thread("general", root.ts)[1]
    assert (message.shown, [file["title"] for file in message.files]) == ("Here", ["Table", "x.txt"])
    answer = await client.files_info(file=message.files[0]["id"])
    assert answer["file"]["size"] == 3
    ticket = await client.files_getUploadURLExternal(filename="a.txt", length=5)
    early = client.files_completeUploadExternal(files=[{"id": ticket["file_id"]}])
    await refused(slack, "file_not_found", early)
    slack.book.expect("upload", "3 bytes, not 5")
    async with (
        aiohttp.ClientSession() as session,
        session.post(ticket["upload_url"], data=b"abc") as answered,
    ):
        assert answered.status == 400
    await refused(slack, "file_not_found", client.files_info(file="F404"))


async def test_files_in(slack: FakeSlack, client: AsyncWebClient) -> None:
    """Their bytes need the bot's token; without it comes a sign-in page, with status 200."""
    message = slack.say("ada", "general", "look", files=[slack.file("a.png", b"\x89PNG", "image/png")])
    assert message.subtype == "file_share"
    url = message.files[0]["url_private"]
    async with aiohttp.ClientSession() as session:
        bearer = {"Authorization": f"Bearer {slack.bot.token}"}
        for address in (url, message.files[0]["url_private_download"]):
            async with session.get(address, headers=bearer) as answer:
                assert (await answer.read(), answer.content_type) == (b"\x89PNG", "image/png")
        slack.book.expect("download", "sign-in page", times=1)
        async with session.get(url) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
    shared = slack.say("ada", "general", "look", files=[slack.file("b.txt", b"b", connect=True)])
    assert shared.files[0]["file_access"] == "check_file_info"
    assert (await client.files_info(file=shared.files[0]["id"]))["file"]["name"] == "b.txt"
