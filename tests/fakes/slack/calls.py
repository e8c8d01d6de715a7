"""One call of a method: its arguments, who makes it, and what every handler asks of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tests.fakes.slack.blocks import IN_MESSAGES, chars_of, check_blocks, markdown_chars
from tests.fakes.slack.events import Events
from tests.fakes.slack.messages import Message
from tests.fakes.slack.refusals import JSON, Refusal, missing_scope
from tests.fakes.slack.shapes import Invalid
from tests.fakes.slack.workspace import Channel, Installation
from tests.fakes.slack.world import World

_EVENT_TYPE = re.compile(r"[\w.:-]{1,255}")
_NEEDS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler gets."""

    world: World
    events: Events
    by: Installation
    args: JSON

    def get(self, name: str, default: Any = None) -> Any:
        return self.args.get(name, default)

    def need(self, scope: str) -> None:
        if scope not in self.by.scopes:
            raise missing_scope(scope, self.by.scopes)

    def need_for(self, channel: Channel, what: str) -> None:
        """The scope for this type of conversation, e.g. ``history``: channels:history in a channel."""
        self.need(f"{_NEEDS[channel.kind]}:{what}")

    def channel(self, name: str = "channel") -> Channel:
        return self.world.visible(self.by, str(self.args[name]))

    def own(self, error: str, *, ts: str = "ts") -> tuple[Channel, Message]:
        """A message of the caller's, in a channel it sees."""
        channel = self.channel()
        message = self.world.message(channel, self.args[ts])
        if message.bot_id != self.by.bot.bot_id:
            raise Refusal(error)
        return channel, message

    def may_post(self, channel: Channel) -> None:
        if channel.archived:
            raise Refusal("is_archived")
        if self.by.bot.id in channel.members:
            return
        if channel.kind != "channel" or "chat:write.public" not in self.by.scopes:
            raise Refusal("not_in_channel")

    def thread(self, channel: Channel, name: str = "thread_ts", error: str = "thread_not_found") -> str:
        """The root named in the arguments, "" for none. A reply is not a root."""
        ts = self.args.get(name)
        if not ts:
            return ""
        root = channel.messages.get(ts)
        if root is None or root.to or (root.deleted and not self.world.thread(channel, ts)):
            raise Refusal(error)
        if root.is_reply:
            raise Refusal("cannot_reply_to_message" if error == "thread_not_found" else error)
        return str(ts)

    def blocks(self) -> list[JSON]:
        """The blocks of a message. Raises Refusal by the reference's errors."""
        try:
            blocks = check_blocks(self.args.get("blocks", []), IN_MESSAGES, 50)
        except Invalid as invalid:
            raise Refusal("invalid_blocks", f"[ERROR] {invalid}") from None
        for block in blocks:
            self._check_picture(block)
        if markdown_chars(blocks) > 12_000 or chars_of(blocks) > self.world.blocks_chars:
            raise Refusal("msg_blocks_too_long", f"[ERROR] {chars_of(blocks)} characters")
        return blocks

    def _check_picture(self, block: JSON) -> None:
        """A picture by its file is one that was uploaded, is the app's to show, and that Slack has looked at."""
        named = block.get("slack_file") if block["type"] == "image" else None
        if named is None:
            return
        if not isinstance(named, dict) or len(set(named) & {"id", "url"}) != 1 or set(named) - {"id", "url"}:
            raise Refusal("invalid_blocks", "[ERROR] slack_file takes an id or a url")
        file = self.world.files.get(str(named.get("id")))
        if file is None or file.data is None or file.owner != self.by.bot.id or file.looks:
            raise Refusal("invalid_blocks", "[ERROR] invalid slack file")

    def metadata(self) -> JSON | None:
        """The metadata given; {} takes it away."""
        given = self.args.get("metadata")
        if not given:
            return None
        if set(given) != {"event_type", "event_payload"} or not isinstance(given["event_payload"], dict):
            raise Refusal("invalid_metadata_format")
        if not isinstance(given["event_type"], str) or not _EVENT_TYPE.fullmatch(given["event_type"]):
            raise Refusal("invalid_metadata_schema")
        if len(str(given)) > 16_000:
            raise Refusal("metadata_too_large")
        return dict(given)
