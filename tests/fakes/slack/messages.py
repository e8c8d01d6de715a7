"""A message as the platform holds it: what it says now, and all that it ever showed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.fakes.slack.refusals import JSON
from tests.fakes.slack.wording import pings_of, readable, rich_text


class StreamState(StrEnum):
    """Where a native stream stands. Of all but STREAMING there is no way back."""

    STREAMING = "streaming"
    STOPPED = "stopped"
    EXPIRED = "expired"
    STOPPED_BY_USER = "stopped by user"


@dataclass
class Stream:
    """A native stream: its mode is fixed by its first content."""

    recipient: str
    started: float
    thread: str
    state: StreamState = StreamState.STREAMING
    mode: str = ""  # "text" or "chunks"
    size: int = 0  # bytes of text
    tasks: dict[str, JSON] = field(default_factory=dict)
    plan: str = ""


@dataclass(eq=False)
class Message:
    """``history`` has every text people could read, with the moment. ``to`` is set on ephemeral ones."""

    team: str
    channel: str
    ts: str
    user: str
    text: str = ""
    bot_id: str = ""
    app_id: str = ""
    thread_ts: str = ""
    subtype: str = ""
    blocks: list[JSON] = field(default_factory=list)
    attachments: list[JSON] = field(default_factory=list)
    files: list[JSON] = field(default_factory=list)
    metadata: JSON | None = None
    edited: JSON | None = None
    username: str = ""
    broadcast: bool = False
    markdown: bool = False  # its text came as markdown_text
    deleted: bool = False
    to: str = ""
    reactions: dict[str, list[str]] = field(default_factory=dict)
    stream: Stream | None = None
    history: list[tuple[float, str]] = field(default_factory=list)
    first_shown: str | None = None

    @property
    def root(self) -> str:
        return self.thread_ts or self.ts

    @property
    def is_reply(self) -> bool:
        return bool(self.thread_ts) and self.thread_ts != self.ts

    @property
    def streaming(self) -> bool:
        return self.stream is not None and self.stream.state is StreamState.STREAMING

    @property
    def shown(self) -> str:
        """What people read: the blocks' words where there are blocks (the text is then for notifications)."""
        if self.stream is None and not self.blocks:
            return readable(self.text)
        ahead = [self.text] if self.stream is not None and self.text else []
        return "\n".join([*ahead, *(words for _, words in self.parts if words)])

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Of every block its type and its words."""
        return [(block["type"], "\n".join(words_of(block))) for block in self.blocks]

    def written(self, *kinds: str) -> str:
        """The words of these types of blocks only, e.g. ``written("markdown")``."""
        return "\n".join(words for kind, words in self.parts if kind in kinds)

    @property
    def pings(self) -> set[str]:
        """Whom it notifies, by its text or its blocks: users, groups, channel, here, everyone."""
        return set(pings_of([self.text, self.blocks, self.attachments]))

    @property
    def actions(self) -> dict[str, JSON]:
        """Every element of the message that a person can use, by its action_id, with its block_id added."""
        return actions_of(self.blocks)

    def shown_to(self, user: str) -> str:
        """What this person reads: of a stream in a channel only its recipient sees the text flow (reported)."""
        if self.streaming and self.stream is not None and self.stream.recipient not in ("", user):
            return self.first_shown or ""
        return self.shown

    def note(self, now: float) -> None:
        """Remember what it shows from now on."""
        shown = "" if self.deleted else self.shown
        if self.first_shown is None and shown:
            self.first_shown = shown
        if not self.history or self.history[-1][1] != shown:
            self.history.append((now, shown))

    def json(self, *, metadata: bool = False) -> JSON:
        """As events and the history methods give it. Metadata only where it was asked for."""
        body: JSON = {
            "type": "message",
            "user": self.user,
            "text": self.text,
            "ts": self.ts,
            "team": self.team,
        }
        optional: JSON = {
            "subtype": self.subtype,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "thread_ts": self.thread_ts,
            "blocks": self.blocks,
            "attachments": self.attachments,
            "files": self.files,
            "edited": self.edited,
            "username": self.username,
        }
        body.update({name: value for name, value in optional.items() if value})
        if not self.bot_id:
            body |= {"blocks": rich_text(self.text), "client_msg_id": f"typed-{self.ts}"}
        if self.reactions:
            body["reactions"] = [
                {"name": name, "users": list(users), "count": len(users)}
                for name, users in self.reactions.items()
            ]
        if metadata and self.metadata:
            body["metadata"] = self.metadata
        if self.streaming:
            body["streaming_state"] = "in_progress"
        return body


_WORDLESS = ("divider", "actions", "context_actions", "image", "file")
_RUNS = ("rich_text_section", "rich_text_preformatted", "rich_text_quote")
_PARTS = ("title", "subtitle", "text", "body", "fields", "elements", "child_blocks", "label")


def words_of(value: Any) -> Iterator[str]:
    """The words people read in a block, in their order: not its values, urls or ids."""
    match value:
        case list():
            for one in value:
                yield from words_of(one)
        case {"type": kind} if kind in _WORDLESS:
            return
        case {"type": "table" | "data_table", "rows": list(rows)}:
            yield from ("\t".join("".join(words_of(cell)) for cell in row) for row in rows)
        case {"type": kind, "elements": list(parts)} if kind in _RUNS:
            yield "".join(words_of(parts))
        case {"type": "link", "url": str(url), **rest}:
            yield str(rest.get("text", url))
        case {"text": str(text), **rest}:
            yield readable(text) if rest.get("type") == "mrkdwn" else text
        case dict():
            for name in _PARTS:
                yield from words_of(value.get(name))


def actions_of(blocks: list[JSON]) -> dict[str, JSON]:
    """Every interactive element by its action_id, with the block_id it stands in."""
    found: dict[str, JSON] = {}
    for block in blocks:
        elements = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        for element in elements:
            if isinstance(element, dict) and "action_id" in element:
                found[element["action_id"]] = {**element, "block_id": block.get("block_id", "")}
    return found
