"""The rows of chat.*, assistant.* and agents.*, from Slack's method reference."""

from __future__ import annotations

from collections.abc import Mapping

from tests.fakes.slack.limits import Tier
from tests.fakes.slack.methods import CUSTOM, Arg, Kind, Method, array, flag, must, row, text, thread, ts

_markdown = Arg(most=12_000, error="msg_too_long")
_metadata = Arg(Kind.OBJECT)
_TEXTS: Mapping[str, Arg] = {
    "text": text,
    "markdown_text": _markdown,
    "blocks": array,
    "attachments": Arg(Kind.LIST, most=100, error="too_many_attachments"),
    "as_user": flag,
    "link_names": flag,
    "parse": Arg(only=frozenset({"none", "full"})),
}
_CONTENT = {
    "invalid_blocks",
    "invalid_blocks_format",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
    "markdown_text_conflict",
    "too_many_attachments",
}
_METADATA = {"invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large"}
_PLACE = {"channel_not_found", "not_in_channel", "is_archived", "restricted_action", "messages_tab_disabled"}
_STREAM = {
    "channel_not_found",
    "channel_type_not_supported",
    "feature_not_enabled",
    "invalid_blocks",
    "invalid_chunks",
    "is_archived",
    "msg_too_long",
    "no_text",
    "not_in_channel",
    "streaming_mode_mismatch",
}
_APPEND = {
    "message_not_found",
    "message_not_in_streaming_state",
    "message_not_owned_by_app",
    "stopped_by_user",
}
_SESSION = {
    "feature_disabled",
    "channel_not_found",
    "not_authorized",
    "thread_ts_required",
    "thread_ts_not_allowed",
}


ROWS: tuple[Method, ...] = (
    row(
        "chat.postMessage",
        Tier.POST,
        "chat:write",
        args={
            "channel": must,
            **_TEXTS,
            **CUSTOM,
            "thread_ts": thread,
            "reply_broadcast": flag,
            "unfurl_links": flag,
            "unfurl_media": flag,
            "mrkdwn": flag,
            "metadata": _metadata,
        },
        errors=_CONTENT | _METADATA | _PLACE | {"cannot_reply_to_message", "thread_not_found"},
    ),
    row(
        "chat.update",
        Tier.THREE,
        "chat:write",
        args={
            "channel": must,
            "ts": ts,
            **_TEXTS,
            "text": Arg(most=4_000, error="msg_too_long"),
            "file_ids": array,
            "reply_broadcast": flag,
            "metadata": _metadata,
        },
        errors=_CONTENT
        | _METADATA
        | {
            "cant_update_message",
            "channel_not_found",
            "edit_window_closed",
            "is_inactive",
            "message_not_found",
            "streaming_state_conflict",
        },
    ),
    row(
        "chat.delete",
        Tier.THREE,
        "chat:write",
        args={"channel": must, "ts": ts, "as_user": flag},
        errors={"cant_delete_message", "channel_not_found", "message_not_found"},
    ),
    row(
        "chat.postEphemeral",
        Tier.FOUR,
        "chat:write",
        args={"channel": must, "user": must, **_TEXTS, **CUSTOM, "thread_ts": thread},
        errors=_CONTENT | _PLACE | {"user_not_in_channel", "thread_not_found", "cannot_reply_to_message"},
    ),
    row(
        "chat.startStream",
        Tier.TWO,
        "chat:write",
        args={
            "channel": must,
            "thread_ts": thread,
            "markdown_text": _markdown,
            "chunks": array,
            "recipient_user_id": text,
            "recipient_team_id": text,
            "task_display_mode": Arg(only=frozenset({"timeline", "plan"})),
            **CUSTOM,
        },
        errors=_STREAM
        | {"missing_recipient_team_id", "missing_recipient_user_id", "invalid_thread_ts", "user_not_found"},
    ),
    row(
        "chat.appendStream",
        Tier.FOUR,
        "chat:write",
        args={"channel": must, "ts": ts, "markdown_text": _markdown, "chunks": array},
        errors=_STREAM | _APPEND,
    ),
    row(
        "chat.stopStream",
        Tier.TWO,
        "chat:write",
        args={
            "channel": must,
            "ts": ts,
            "markdown_text": _markdown,
            "chunks": array,
            "blocks": array,
            "metadata": _metadata,
            "session_status": Arg(only=frozenset({"active", "processing", "suspended", "closed"})),
        },
        errors=_STREAM | _APPEND | _METADATA | {"invalidarray", "msgarray_too_long"},
    ),
    row(
        "assistant.threads.setStatus",
        Tier.STATUS,
        "chat:write assistant:write",
        args={
            "channel_id": must,
            "thread_ts": ts,
            "status": must,
            "loading_messages": Arg(Kind.LIST, most=10),
            **CUSTOM,
        },
        errors={"channel_not_found", "invalid_thread_ts"},
    ),
    row(
        "assistant.threads.setSuggestedPrompts",
        Tier.FOUR,
        "assistant:write",
        args={
            "channel_id": must,
            "thread_ts": thread,
            "title": text,
            "prompts": Arg(Kind.LIST, required=True, least=1, most=4),
        },
        errors={"channel_not_found", "invalid_thread_ts", "message_not_found"},
    ),
    row(
        "agents.sessions.setStatus",
        Tier.THREE,
        "chat:write",
        args={
            "channel_id": must,
            "status": must,
            "thread_ts": thread,
            "title": Arg(most=200),
            "initiator_user_id": text,
            **CUSTOM,
        },
        errors=_SESSION | {"user_not_found", "invalid_status"},
    ),
    row(
        "agents.sessions.rename",
        Tier.THREE,
        "chat:write",
        args={"channel_id": must, "title": Arg(required=True, least=1, most=200), "thread_ts": thread},
        errors=_SESSION | {"session_not_found", "is_archived"},
    ),
)
