"""What the root tells the Slack edge: which apps, and the facts of Slack that a setting may correct."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

API_URL = "https://slack.com/api/"
POST_PATH = "/slack/events"
"""Where Slack posts to, below the public address: events, commands, clicks and menus alike."""


class Streaming(StrEnum):
    """Where replies grow as native streams; elsewhere they grow by ``chat.update``."""

    DM = "dm"  # in threads of direct messages
    EVERYWHERE = "everywhere"  # in channels too, where only the person asked sees the text flow
    OFF = "off"


class Agent(StrEnum):
    """Whether the app has the agent view."""

    AUTO = "auto"  # where its token has assistant:write
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class App:
    """One Slack app. ``bot_tokens`` are those of the workspaces it is installed in.

    With an ``app_token`` it is connected by Socket Mode; with a ``signing_secret`` Slack may post to us.
    """

    bot_tokens: tuple[str, ...] = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """Everything the edge is told. ``api_url`` ends in a slash; ``bots`` are ids of bots that are answered."""

    apps: tuple[App, ...]
    api_url: str = API_URL
    prefix: str = ""  # before the name of every slash command: "sb-" makes /sb-model
    streaming: Streaming = Streaming.DM
    agent: Agent = Agent.AUTO
    bots: frozenset[str] = frozenset()
    updates_per_minute: int = 50  # chat.update, per workspace
    stream_bytes: int = 9_000  # after which a native stream goes on in another
    stream_seconds: float = 255.0
    sockets: int = 2  # connections per app; one is there while the other is renewed
