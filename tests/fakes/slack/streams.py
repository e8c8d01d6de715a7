"""chat.startStream, .appendStream and .stopStream: text that may only grow, for a few minutes."""

from __future__ import annotations

from tests.fakes.slack.agents import session_of
from tests.fakes.slack.blocks import IN_MESSAGES, check_blocks
from tests.fakes.slack.calls import Call
from tests.fakes.slack.messages import Message, Stream, StreamState
from tests.fakes.slack.refusals import JSON, Refusal
from tests.fakes.slack.shapes import Check, Invalid, Shape, anything, many, one, text, typed
from tests.fakes.slack.workspace import Channel


def _some_blocks(value: object, where: str) -> None:
    check_blocks(value, IN_MESSAGES, 50)


_CHUNKS: dict[str, Check] = {
    "markdown_text": Shape({"text": text(12_000)}),
    "task_update": Shape(
        {"id": text(255), "title": text(256)},
        {
            "status": one("pending", "in_progress", "complete", "error"),
            "details": text(12_000),
            "output": text(12_000),
            "sources": many(anything, 100),
        },
    ),
    "plan_update": Shape({"title": text(256)}),
    "blocks": Shape({"blocks": _some_blocks}),
}
_check_chunks = many(typed(_CHUNKS), 1000, 0)


def start(call: Call) -> JSON:
    channel = call.channel()
    call.may_post(channel)
    if not channel.streams:
        raise Refusal("channel_type_not_supported")
    thread = call.thread(channel, error="invalid_thread_ts")
    if not thread:
        raise Refusal("invalid_thread_ts")
    recipient = _recipient(call, channel)
    by, now = call.by, call.world.clock.now()
    message = Message(
        by.team.id,
        channel.id,
        call.world.ts(),
        by.bot.id,
        bot_id=by.bot.bot_id,
        app_id=by.app.id,
        thread_ts=thread,
        username=call.get("username", ""),
    )
    message.stream = Stream(recipient, now, thread)
    _grow(call, message, message.stream)
    call.world.appear(channel, message)
    if by.app.agent:
        session_of(call, channel, thread).status = "processing"
    call.events.posted(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def append(call: Call) -> JSON:
    channel, message, stream = _streaming(call)
    if not call.get("markdown_text") and not call.get("chunks"):
        raise Refusal("no_text")
    _grow(call, message, stream)
    message.note(call.world.clock.now())
    call.world.changed()
    return {"channel": channel.id, "ts": message.ts}


def stop(call: Call) -> JSON:
    channel, message, stream = _streaming(call)
    before, blocks, metadata = message.json(), call.blocks(), call.metadata()
    _grow(call, message, stream)
    if not message.text and not message.blocks and not blocks:
        raise Refusal("no_text")
    message.blocks = [*message.blocks, *blocks]
    message.metadata = metadata
    stream.state = StreamState.STOPPED
    message.note(call.world.clock.now())
    if call.by.app.agent:
        session_of(call, channel, stream.thread).status = call.get("session_status", "active")
    call.world.changed()
    call.events.edited(channel, message, before, call.by.bot)
    return {"channel": channel.id, "ts": message.ts, "message": message.json()}


def _recipient(call: Call, channel: Channel) -> str:
    """The person who sees the text flow; in a DM there is only one."""
    if channel.kind == "im":
        return ""
    for name in ("recipient_team_id", "recipient_user_id"):
        if not call.get(name):
            raise Refusal(f"missing_{name}")
    user = call.by.team.users.get(call.args["recipient_user_id"])
    if user is None or user.is_bot or user.team != call.args["recipient_team_id"]:
        raise Refusal("user_not_found")
    return user.id


def _streaming(call: Call) -> tuple[Channel, Message, Stream]:
    channel, message = call.own("message_not_owned_by_app")
    stream = message.stream
    if stream is not None and stream.state is StreamState.STOPPED_BY_USER:
        raise Refusal("stopped_by_user")
    if stream is None or stream.state is not StreamState.STREAMING:
        raise Refusal("message_not_in_streaming_state")
    return channel, message, stream


def _grow(call: Call, message: Message, stream: Stream) -> None:
    """Add what the call brings, all of it or nothing."""
    if "markdown_text" in call.args and "chunks" in call.args:
        raise Refusal("invalid_arguments", "markdown_text and chunks exclude one another")
    chunks = call.get("chunks", [])
    try:
        _check_chunks(chunks, "/chunks")
    except Invalid as invalid:
        raise Refusal("invalid_chunks", f"[ERROR] {invalid}") from None
    mode = "chunks" if chunks else "text" if call.get("markdown_text") else ""
    if mode and stream.mode not in ("", mode):
        raise Refusal("streaming_mode_mismatch")
    added = call.get("markdown_text", "") or "".join(
        chunk["text"] for chunk in chunks if chunk["type"] == "markdown_text"
    )
    if stream.size + len(added.encode()) > call.world.stream_bytes:
        raise Refusal("msg_too_long")
    stream.mode = stream.mode or mode
    stream.size += len(added.encode())
    message.text += added
    for chunk in chunks:
        match chunk["type"]:
            case "task_update":
                stream.tasks[chunk["id"]] = stream.tasks.get(chunk["id"], {}) | chunk
            case "plan_update":
                stream.plan = chunk["title"]
            case "blocks":
                message.blocks.extend(chunk["blocks"])
