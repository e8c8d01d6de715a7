"""The rows of every other method, from Slack's method reference."""

from __future__ import annotations

from collections.abc import Mapping

from tests.fakes.slack.limits import Tier
from tests.fakes.slack.methods import Arg, Kind, Method, array, flag, must, row, text, thread, ts

_VIEW = {"view_too_large", "duplicate_external_id", "not_found", "hash_conflict"}
_TRIGGER = {"exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id", "push_limit_reached"}
_PAGE: Mapping[str, Arg] = {
    "cursor": text,
    "include_all_metadata": flag,
    "inclusive": flag,
    "latest": text,
    "oldest": text,
    "limit": Arg(Kind.WHOLE, least=1, most=1000),
}

ROWS: tuple[Method, ...] = (
    row("auth.test", Tier.NONE, args={}, caller="any"),
    row("apps.connections.open", Tier.THREE, "connections:write", args={}, caller="app"),
    row(
        "conversations.replies",
        Tier.THREE,
        args={"channel": must, "ts": ts, **_PAGE},
        errors={"channel_not_found", "thread_not_found", "invalid_cursor", "not_in_channel"},
        json=False,
    ),
    row(
        "conversations.history",
        Tier.THREE,
        args={"channel": must, **_PAGE},
        errors={"channel_not_found", "invalid_cursor", "not_in_channel"},
        json=False,
    ),
    row(
        "conversations.info",
        Tier.THREE,
        args={"channel": must, "include_locale": flag, "include_num_members": flag},
        errors={"channel_not_found"},
        json=False,
    ),
    row(
        "conversations.open",
        Tier.THREE,
        args={"channel": text, "users": text, "return_im": flag, "prevent_creation": flag},
        errors={"channel_not_found", "user_not_found", "users_list_not_supplied", "too_many_users"},
    ),
    row(
        "users.info",
        Tier.FOUR,
        "users:read",
        args={"user": must, "include_locale": flag},
        errors={"user_not_found", "user_not_visible"},
        json=False,
    ),
    row(
        "reactions.add",
        Tier.THREE,
        "reactions:write",
        args={"channel": must, "name": must, "timestamp": ts},
        errors={
            "already_reacted",
            "channel_not_found",
            "invalid_name",
            "message_not_found",
            "too_many_reactions",
            "too_many_emoji",
        },
    ),
    row(
        "reactions.remove",
        Tier.TWO,
        "reactions:write",
        args={"channel": must, "name": must, "timestamp": ts},
        errors={"no_reaction", "channel_not_found", "invalid_name", "message_not_found"},
    ),
    row(
        "files.getUploadURLExternal",
        Tier.FOUR,
        "files:write",
        args={
            "filename": must,
            "length": Arg(Kind.WHOLE, required=True, least=1),
            "alt_txt": Arg(most=1000),
            "snippet_type": text,
        },
        errors={"file_upload_size_restricted", "file_uploads_disabled"},
        json=False,
    ),
    row(
        "files.completeUploadExternal",
        Tier.FOUR,
        "files:write",
        args={
            "files": Arg(Kind.LIST, required=True, least=1),
            "channel_id": text,
            "channels": text,
            "thread_ts": thread,
            "initial_comment": text,
            "blocks": array,
        },
        errors={
            "access_denied",
            "channel_not_found",
            "channels_limit_exceeded",
            "file_not_found",
            "invalidarray",
            "not_in_channel",
            "posting_to_channel_denied",
        },
    ),
    row(
        "files.info",
        Tier.FOUR,
        "files:read",
        args={
            "file": must,
            "count": Arg(Kind.WHOLE),
            "cursor": text,
            "limit": Arg(Kind.WHOLE),
            "page": Arg(Kind.WHOLE),
        },
        errors={"file_not_found", "file_deleted"},
        json=False,
    ),
    row(
        "views.open",
        Tier.FOUR,
        args={"trigger_id": must, "view": Arg(Kind.OBJECT, required=True)},
        errors=_VIEW | _TRIGGER,
    ),
    row(
        "views.push",
        Tier.FOUR,
        args={"trigger_id": must, "view": Arg(Kind.OBJECT, required=True)},
        errors=_VIEW | _TRIGGER,
    ),
    row(
        "views.update",
        Tier.FOUR,
        args={
            "view": Arg(Kind.OBJECT, required=True),
            "view_id": text,
            "external_id": Arg(most=255),
            "hash": text,
        },
        errors=_VIEW,
    ),
    row(
        "views.publish",
        Tier.FOUR,
        args={"user_id": must, "view": Arg(Kind.OBJECT, required=True), "hash": text},
        errors=_VIEW | {"user_not_found", "not_enabled"},
    ),
)
