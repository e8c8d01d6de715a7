"""Slack's Web API as data: of every method its arguments, scopes, tier and errors.

Written from Slack's method reference, not from our code, so that the two cannot agree on the same mistake.
A method or an argument that is not in here does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from tests.fakes.slack.limits import Tier


class Kind(Enum):
    """The form of an argument."""

    TEXT = "a string"
    FLAG = "a boolean"
    WHOLE = "a whole number"
    TS = "a timestamp"
    LIST = "an array"
    OBJECT = "an object"


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument. ``least`` and ``most`` bound a text's characters, a number, or an array's items."""

    kind: Kind = Kind.TEXT
    required: bool = False
    most: int | None = None
    least: int = 0
    only: frozenset[str] = frozenset()
    error: str = "invalid_arguments"  # what a value out of bounds is refused with


@dataclass(frozen=True, slots=True)
class Method:
    """One method. ``scopes``: any of them will do; by-channel ones are checked where the channel is known."""

    name: str
    tier: Tier
    args: Mapping[str, Arg]
    errors: frozenset[str]
    scopes: tuple[str, ...] = ()
    token: str = "bot"  # or "app"
    json: bool = True
    customizes: frozenset[str] = field(default_factory=frozenset)  # arguments that need chat:write.customize


# Errors that every method may answer with (the common part of each reference page).
COMMON = frozenset(
    {
        "account_inactive",
        "fatal_error",
        "internal_error",
        "invalid_arg_name",
        "invalid_arguments",
        "invalid_array_arg",
        "invalid_auth",
        "invalid_form_data",
        "invalid_json",
        "invalid_post_type",
        "method_deprecated",
        "missing_post_type",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "token_expired",
        "token_revoked",
        "unknown_method",
    }
)

_text = Arg()
_flag = Arg(Kind.FLAG)
_must = Arg(required=True)
_ts = Arg(Kind.TS, required=True)
_thread = Arg(Kind.TS)
_markdown = Arg(most=12_000, error="msg_too_long")
_blocks = Arg(Kind.LIST)
_metadata = Arg(Kind.OBJECT)
_CUSTOM: Mapping[str, Arg] = {"icon_emoji": _text, "icon_url": _text, "username": Arg(most=200)}
_TEXTS: Mapping[str, Arg] = {
    "text": _text,
    "markdown_text": _markdown,
    "blocks": _blocks,
    "attachments": Arg(Kind.LIST, most=100, error="too_many_attachments"),
    "as_user": _flag,
    "link_names": _flag,
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
    "invalid_chunks",
    "is_archived",
    "msg_too_long",
    "no_text",
    "not_in_channel",
    "streaming_mode_mismatch",
}
_APPEND = {"message_not_found", "message_not_in_streaming_state", "message_not_owned_by_app", "stopped_by_user"}
_VIEW = {"invalid_view", "view_too_large", "duplicate_external_id", "not_found", "hash_conflict"}
_TRIGGER = {"exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id", "push_limit_reached"}
_PAGE: Mapping[str, Arg] = {
    "cursor": _text,
    "include_all_metadata": _flag,
    "inclusive": _flag,
    "latest": _text,
    "oldest": _text,
    "limit": Arg(Kind.WHOLE, least=1, most=1000),
}
_SESSION = {
    "feature_disabled",
    "channel_not_found",
    "not_authorized",
    "thread_ts_required",
    "thread_ts_not_allowed",
}


def _row(
    name: str,
    tier: Tier,
    scopes: str = "",
    *,
    args: Mapping[str, Arg],
    errors: set[str] | frozenset[str] = frozenset(),
    token: str = "bot",
    json: bool = True,
) -> Method:
    custom = frozenset(set(args) & set(_CUSTOM))
    return Method(name, tier, args, COMMON | errors, tuple(scopes.split()), token, json, custom)


_ROWS = (
    _row("auth.test", Tier.NONE, args={}, token="any"),
    _row("apps.connections.open", Tier.THREE, "connections:write", args={}, token="app"),
    _row(
        "chat.postMessage",
        Tier.POST,
        "chat:write",
        args={
            "channel": _must,
            **_TEXTS,
            **_CUSTOM,
            "thread_ts": _thread,
            "reply_broadcast": _flag,
            "unfurl_links": _flag,
            "unfurl_media": _flag,
            "mrkdwn": _flag,
            "metadata": _metadata,
        },
        errors=_CONTENT | _METADATA | _PLACE | {"cannot_reply_to_message", "thread_not_found"},
    ),
    _row(
        "chat.update",
        Tier.THREE,
        "chat:write",
        args={
            "channel": _must,
            "ts": _ts,
            **_TEXTS,
            "text": Arg(most=4_000, error="msg_too_long"),
            "file_ids": Arg(Kind.LIST),
            "reply_broadcast": _flag,
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
    _row(
        "chat.delete",
        Tier.THREE,
        "chat:write",
        args={"channel": _must, "ts": _ts, "as_user": _flag},
        errors={"cant_delete_message", "channel_not_found", "message_not_found"},
    ),
    _row(
        "chat.postEphemeral",
        Tier.FOUR,
        "chat:write",
        args={"channel": _must, "user": _must, **_TEXTS, **_CUSTOM, "thread_ts": _thread},
        errors=_CONTENT | _PLACE | {"user_not_in_channel", "thread_not_found", "cannot_reply_to_message"},
    ),
    _row(
        "chat.startStream",
        Tier.TWO,
        "chat:write",
        args={
            "channel": _must,
            "thread_ts": _thread,
            "markdown_text": _markdown,
            "chunks": Arg(Kind.LIST),
            "recipient_user_id": _text,
            "recipient_team_id": _text,
            "task_display_mode": Arg(only=frozenset({"timeline", "plan"})),
            **_CUSTOM,
        },
        errors=_STREAM
        | {"missing_recipient_team_id", "missing_recipient_user_id", "invalid_thread_ts", "user_not_found"},
    ),
    _row(
        "chat.appendStream",
        Tier.FOUR,
        "chat:write",
        args={"channel": _must, "ts": _ts, "markdown_text": _markdown, "chunks": Arg(Kind.LIST)},
        errors=_STREAM | _APPEND,
    ),
    _row(
        "chat.stopStream",
        Tier.TWO,
        "chat:write",
        args={
            "channel": _must,
            "ts": _ts,
            "markdown_text": _markdown,
            "chunks": Arg(Kind.LIST),
            "blocks": _blocks,
            "metadata": _metadata,
            "session_status": Arg(only=frozenset({"active", "processing", "suspended", "closed"})),
        },
        errors=_STREAM | _APPEND | _METADATA | {"invalid_blocks", "msg_blocks_too_long"},
    ),
    _row(
        "assistant.threads.setStatus",
        Tier.STATUS,
        "chat:write assistant:write",
        args={
            "channel_id": _must,
            "thread_ts": _ts,
            "status": _must,
            "loading_messages": Arg(Kind.LIST, most=10),
            **_CUSTOM,
        },
        errors={"channel_not_found", "invalid_thread_ts"},
    ),
    _row(
        "assistant.threads.setSuggestedPrompts",
        Tier.FOUR,
        "assistant:write",
        args={
            "channel_id": _must,
            "thread_ts": _thread,
            "title": _text,
            "prompts": Arg(Kind.LIST, required=True, least=1, most=4),
        },
        errors={"channel_not_found", "invalid_thread_ts", "message_not_found"},
    ),
    _row(
        "agents.sessions.setStatus",
        Tier.THREE,
        "chat:write",
        args={
            "channel_id": _must,
            "status": _must,
            "thread_ts": _thread,
            "title": Arg(most=200),
            "initiator_user_id": _text,
            **_CUSTOM,
        },
        errors=_SESSION | {"user_not_found", "invalid_status"},
    ),
    _row(
        "agents.sessions.rename",
        Tier.THREE,
        "chat:write",
        args={"channel_id": _must, "title": Arg(required=True, least=1, most=200), "thread_ts": _thread},
        errors=_SESSION | {"session_not_found", "is_archived"},
    ),
    _row(
        "conversations.replies",
        Tier.THREE,
        args={"channel": _must, "ts": _ts, **_PAGE},
        errors={"channel_not_found", "thread_not_found", "invalid_cursor", "not_in_channel"},
        json=False,
    ),
    _row(
        "conversations.history",
        Tier.THREE,
        args={"channel": _must, **_PAGE},
        errors={"channel_not_found", "invalid_cursor", "not_in_channel"},
        json=False,
    ),
    _row(
        "conversations.info",
        Tier.THREE,
        args={"channel": _must, "include_locale": _flag, "include_num_members": _flag},
        errors={"channel_not_found"},
        json=False,
    ),
    _row(
        "conversations.open",
        Tier.THREE,
        args={"channel": _text, "users": _text, "return_im": _flag, "prevent_creation": _flag},
        errors={"channel_not_found", "user_not_found", "users_list_not_supplied", "too_many_users"},
    ),
    _row(
        "users.info",
        Tier.FOUR,
        "users:read",
        args={"user": _must, "include_locale": _flag},
        errors={"user_not_found", "user_not_visible"},
        json=False,
    ),
    _row(
        "reactions.add",
        Tier.THREE,
        "reactions:write",
        args={"channel": _must, "name": _must, "timestamp": _ts},
        errors={
            "already_reacted",
            "channel_not_found",
            "invalid_name",
            "message_not_found",
            "too_many_reactions",
            "too_many_emoji",
        },
    ),
    _row(
        "reactions.remove",
        Tier.TWO,
        "reactions:write",
        args={"channel": _must, "name": _must, "timestamp": _ts},
        errors={"no_reaction", "channel_not_found", "invalid_name", "message_not_found"},
    ),
    _row(
        "files.getUploadURLExternal",
        Tier.FOUR,
        "files:write",
        args={
            "filename": _must,
            "length": Arg(Kind.WHOLE, required=True, least=1),
            "alt_txt": Arg(most=1000),
            "snippet_type": _text,
        },
        errors={"file_upload_size_restricted", "file_uploads_disabled"},
        json=False,
    ),
    _row(
        "files.completeUploadExternal",
        Tier.FOUR,
        "files:write",
        args={
            "files": Arg(Kind.LIST, required=True, least=1),
            "channel_id": _text,
            "channels": _text,
            "thread_ts": _thread,
            "initial_comment": _text,
            "blocks": _blocks,
        },
        errors={
            "access_denied",
            "channel_not_found",
            "channels_limit_exceeded",
            "file_not_found",
            "invalid_blocks",
            "not_in_channel",
            "posting_to_channel_denied",
        },
    ),
    _row(
        "files.info",
        Tier.FOUR,
        "files:read",
        args={
            "file": _must,
            "count": Arg(Kind.WHOLE),
            "cursor": _text,
            "limit": Arg(Kind.WHOLE),
            "page": Arg(Kind.WHOLE),
        },
        errors={"file_not_found", "file_deleted"},
        json=False,
    ),
    _row(
        "views.open",
        Tier.FOUR,
        args={"trigger_id": _must, "view": Arg(Kind.OBJECT, required=True)},
        errors=_VIEW | _TRIGGER,
    ),
    _row(
        "views.push",
        Tier.FOUR,
        args={"trigger_id": _must, "view": Arg(Kind.OBJECT, required=True)},
        errors=_VIEW | _TRIGGER,
    ),
    _row(
        "views.update",
        Tier.FOUR,
        args={
            "view": Arg(Kind.OBJECT, required=True),
            "view_id": _text,
            "external_id": Arg(most=255),
            "hash": _text,
        },
        errors=_VIEW,
    ),
    _row(
        "views.publish",
        Tier.FOUR,
        args={"user_id": _must, "view": Arg(Kind.OBJECT, required=True), "hash": _text},
        errors=_VIEW | {"user_not_found", "not_enabled"},
    ),
)

METHODS: Mapping[str, Method] = {row.name: row for row in _ROWS}
