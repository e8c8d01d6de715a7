"""chat.postMessage, .update, .delete and .postEphemeral."""

from __future__ import annotations

from tests.fakes.slack.calls import Call
from tests.fakes.slack.messages import Message
from tests.fakes.slack.refusals import JSON, Refusal
from tests.fakes.slack.workspace import Channel

MOST_TEXT = 40_000


def post_message(call: Call) -> JSON:
    channel = _addressed(call)
    call.may_post(channel)
    thread = call.thread(channel)
    message = _written(call, channel, thread)
    message.metadata = call.metadata()
    message.broadcast = bool(call.get("reply_broadcast")) and bool(thread)
    warning = {}
    if len(message.text) > MOST_TEXT:
        # Slack says yes and cuts: words are lost, so the book has it as a refusal.
        message.text = message.text[:MOST_TEXT]
        call.world.book.add("chat.postMessage", "message_truncated")
        warning = {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}
    call.world.appear(channel, message)
    call.events.posted(channel, message)
    return {"channel": channel.id, "ts": message.ts, "message": message.json(), **warning}


def update(call: Call) -> JSON:
    channel, message = call.own("cant_update_message")
    if channel.archived:
        raise Refusal("is_inactive")
    if message.streaming:
        raise Refusal("streaming_state_conflict")
    window, now = call.by.team.edit_window, call.world.clock.now()
    if window is not None and now - float(message.ts) > window:
        raise Refusal("edit_window_closed")
    fresh, metadata = _written(call, channel, message.thread_ts), call.metadata()
    before = message.json()
    message.text, message.blocks, message.attachments = fresh.text, fresh.blocks, fresh.attachments
    message.markdown, message.stream = fresh.markdown, None
    if "metadata" in call.args:
        message.metadata = metadata
    if not message.blocks:
        # Updates by text are marked, updates with blocks are not (chat.update's reference).
        message.edited = {"user": call.by.bot.id, "ts": f"{int(now)}.000000"}
    message.note(now)
    call.world.changed()
    call.events.edited(channel, message, before, call.by.bot)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": message.json()}


def delete(call: Call) -> JSON:
    channel, message = call.own("cant_delete_message")
    call.events.remove(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(call: Call) -> JSON:
    channel = call.channel()
    call.may_post(channel)
    if call.args["user"] not in channel.members:
        raise Refusal("user_not_in_channel")
    message = _written(call, channel, call.thread(channel))
    message.to = call.args["user"]
    call.world.appear(channel, message)
    return {"message_ts": message.ts}


def _addressed(call: Call) -> Channel:
    """The channel; a user's id means the DM with them."""
    wanted = call.args["channel"]
    if wanted in call.by.team.users and not call.by.team.users[wanted].is_bot:
        return call.world.dm(call.by.team.users[wanted], call.by.bot)
    return call.channel()


def _written(call: Call, channel: Channel, thread: str) -> Message:
    """A message of the caller's with the content of the arguments."""
    if "markdown_text" in call.args and {"text", "blocks"} & set(call.args):
        raise Refusal("markdown_text_conflict")
    blocks = call.blocks()
    text = call.get("markdown_text", call.get("text", ""))
    attachments = call.get("attachments", [])
    if not text.strip() and not blocks and not attachments:
        raise Refusal("no_text")
    return Message(
        call.by.team.id,
        channel.id,
        call.world.ts(),
        call.by.bot.id,
        text,
        bot_id=call.by.bot.bot_id,
        app_id=call.by.app.id,
        thread_ts=thread,
        blocks=blocks,
        attachments=attachments,
        username=call.get("username", ""),
        markdown="markdown_text" in call.args,
    )
