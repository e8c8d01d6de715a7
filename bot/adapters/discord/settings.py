"""What the root tells the Discord edge: which bots, where Discord is, and how it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

AGENT = "DiscordBot (switchboard, 0.1)"
"""What every request calls itself, in the form that Discord wants."""
_API = "https://discord.com/api/v10"


class Answers(StrEnum):
    """How a mention in a channel is answered."""

    THREAD = "thread"  # in a thread made from the message
    REPLY = "reply"  # in the channel, as a reply to the message


@dataclass(frozen=True, slots=True)
class DiscordSettings:
    """Everything the edge is told. An address that is "" is Discord's own; none of them ends in a slash.

    ``bots`` are user ids of bots that are answered; ``back_fill`` is how many messages of one place are made up for
    after a time without a connection.
    """

    tokens: tuple[str, ...] = field(repr=False)
    api_url: str = ""
    gateway_url: str = ""
    cdn_url: str = ""
    answers: Answers = Answers.THREAD
    bots: frozenset[str] = frozenset()
    back_fill: int = 50

    @property
    def api(self) -> str:
        """Where the API is, set or not."""
        return self.api_url or _API
