"""What a message of Slack's is to us: where it stands, who wrote it, and whether it is meant for us. All pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.adapters.slack.incoming.wording import first_mentioned, mentioned, readable, text_of, without_mention
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.workspaces import Workspace
from bot.core.place import Place

Event = Mapping[str, Any]

PLATFORM = "slack"
_SAID = frozenset({"", "file_share", "thread_broadcast", "me_message", "bot_message"})
_US = "Switchboard"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as Slack tells of it. ``text`` is in Slack's writing; ``thread`` is "" outside of threads.

    ``bots`` are the ids by which a bot's message may be known: the bot's, its app's, its user's. ``public``: Slack says
    that it was said in a public channel.
    """

    channel: str
    ts: str
    thread: str
    user: str
    text: str
    direct: bool
    subtype: str = ""
    edited: bool = False
    bots: frozenset[str] = frozenset()
    files: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    public: bool = False

    @property
    def key(self) -> str:
        """What the twins and all repeats of this message have in common."""
        return key_of(self.channel, self.ts)

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread beneath another message."""
        return bool(self.thread) and self.thread != self.ts


def heard(event: Event, message: Event | None = None) -> Heard:
    """Read a ``message`` or ``app_mention`` event; of an edit, ``message`` is what the message is now."""
    said = event if message is None else message
    channel = str(event.get("channel") or "")
    bot = [said.get("bot_id"), said.get("app_id"), said.get("user")] if said.get("bot_id") else []
    return Heard(
        channel=channel,
        ts=str(said.get("ts") or ""),
        thread=str(said.get("thread_ts") or ""),
        user=str(said.get("user") or ""),
        text=str(said.get("text") or "") or text_of(_list(said.get("blocks"))),
        direct=is_direct(event, channel),
        subtype=str(said.get("subtype") or ""),
        edited=bool(said.get("edited")),
        bots=frozenset(str(one) for one in bot if one),
        files=tuple(file for file in _list(said.get("files")) if isinstance(file, Mapping)),
        public=event.get("channel_type") == "channel",
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def is_direct(event: Event, channel: str) -> bool:
    """Whether it was said to us alone. ``app_mention`` has no ``channel_type``, and never comes from a DM."""
    return (event.get("channel_type") or ("im" if channel.startswith("D") else "")) == "im"


def key_of(channel: str, ts: str) -> str:
    """The engine's key of a message."""
    return f"{channel}:{ts}"


def place_of(workspace: Workspace, said: Heard) -> Place:
    """The conversation a message belongs to."""
    return place_at(workspace, said.channel, said.ts, said.thread, direct=said.direct)


def place_at(workspace: Workspace, channel: str, ts: str, thread: str, *, direct: bool) -> Place:
    """A thread, which its root belongs to as well; a direct message of a plain app is one flat conversation."""
    if direct and not workspace.agent and thread in ("", ts):
        return Place(PLATFORM, workspace.team, channel)
    return Place(PLATFORM, workspace.team, channel, thread or ts)


def may_speak(workspace: Workspace, settings: SlackSettings, said: Heard) -> bool:
    """Whether we listen to who said it at all: people, and the bots that the settings name; never ourselves."""
    if not (said.ts and said.channel and said.user) and not said.bots:
        return False
    if said.user in (workspace.bot_user, "USLACKBOT") or workspace.bot in said.bots:
        return False
    if said.subtype not in _SAID:
        return False
    if said.bots or said.subtype == "bot_message":
        return bool(said.bots & settings.bots)
    return True


def mentions_us(workspace: Workspace, said: Heard) -> bool:
    """Whether it names us, outside of code."""
    return workspace.bot_user in mentioned(said.text)


def is_to_another(workspace: Workspace, said: Heard) -> bool:
    """Whether it begins with somebody else's name."""
    return first_mentioned(said.text) not in ("", workspace.bot_user)


def words_for_us(
    workspace: Workspace, said: Heard, names: Mapping[str, str] | None = None
) -> tuple[str, bool]:
    """What was said, as a person reads it without our name at its ends, and whether it began with our name."""
    text, began = without_mention(said.text, workspace.bot_user)
    return readable(text, {**(names or {}), workspace.bot_user: _US}), began
