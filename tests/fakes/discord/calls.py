"""One call of an endpoint: who makes it, with what, and what every handler asks of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.fakes.discord.channels import Channel
from tests.fakes.discord.events import Events
from tests.fakes.discord.guilds import App, Guild
from tests.fakes.discord.limits import Meters
from tests.fakes.discord.messages import Message
from tests.fakes.discord.permissions import Can, need
from tests.fakes.discord.refusals import JSON, Refusal
from tests.fakes.discord.shapes import Invalid
from tests.fakes.discord.world import World


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    data: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler gets. ``path`` are the ids in the address."""

    world: World
    events: Events
    meters: Meters
    by: App
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: JSON
    uploads: Mapping[int, Upload] = field(default_factory=dict)

    @property
    def now(self) -> float:
        return self.world.clock.now()

    @property
    def channel(self) -> Channel:
        return self.world.seen(self.by, self.path["channel"])

    @property
    def message(self) -> Message:
        """The message named in the address, which takes the right to read what was said."""
        channel = self.channel
        need(channel, self.by.user, Can.READ_MESSAGE_HISTORY)
        return self.world.message(channel, self.path["message"])

    @property
    def guild(self) -> Guild:
        guild = self.world.guilds.get(self.path["guild"])
        if guild is None:
            raise Refusal(10004)
        if self.by.user.id not in guild.members:
            raise Refusal(50001)
        return guild

    def need(self, channel: Channel, wanted: Can) -> None:
        need(channel, self.by.user, wanted)

    def json(self, message: Message) -> JSON:
        """A message as this app may read it; the API goes by the switch, not by the session's intents."""
        return message.json(self.world.signed, self.by, reads="message_content" in self.by.switches)

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A number in the query."""
        given = self.query.get(name, str(default))
        if not given.isdigit() or not low <= int(given) <= high:
            message = f"int value should be from {low} to {high}."
            raise Invalid((name,), "NUMBER_TYPE_MAX", message)
        return int(given)
