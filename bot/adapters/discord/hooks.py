"""What the edge hands on: commands, in words or as interactions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.adapters.discord.bots import Bot
from bot.core.place import Place

Event = Mapping[str, Any]
"""What the gateway or the API says, as its JSON."""


@dataclass(frozen=True, slots=True)
class Words:
    """A message that is a command: ``line`` ("/model gpt-4.1"), said by ``user`` in a channel, thread or DM.

    ``key`` is the same for every repeat of the message. ``in_conversation``: a direct message, or a place that has
    a conversation; else the place is where one would be (a thread that is not there yet).
    """

    bot: Bot
    place: Place
    channel: str
    message: str
    user: str
    name: str
    line: str
    in_conversation: bool

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.message}"


class Commands(Protocol):
    """What the edge asks of the commands. All of it runs on the loop; what it raises is logged."""

    @property
    def troubles(self) -> tuple[str, ...]:
        """What does not work just now, in sentences for the health."""
        ...

    async def words(self, words: Words) -> None:
        """Run the line of a message and show its answer. A repeat of the message does nothing."""
        ...

    async def interaction(self, bot: Bot, payload: Event) -> None:
        """An INTERACTION_CREATE that came to this bot, as the gateway's JSON has it."""
        ...

    async def connected(self, bot: Bot) -> None:
        """This bot listens now: the moment to tell Discord of the commands, if they changed."""
        ...

    async def close(self) -> None:
        """End what has not ended yet; for the shutdown."""
        ...


class NoCommands:
    """Commands that do nothing, where there are none yet."""

    @property
    def troubles(self) -> tuple[str, ...]:
        return ()

    async def words(self, words: Words) -> None:
        """Nothing."""

    async def interaction(self, bot: Bot, payload: Event) -> None:
        """Nothing."""

    async def connected(self, bot: Bot) -> None:
        """Nothing."""

    async def close(self) -> None:
        """Nothing."""
