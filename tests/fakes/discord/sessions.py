"""Sessions of the gateway: what an app wants to hear, and all it was told, to be told again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import IntFlag

from tests.fakes.discord.channels import Channel
from tests.fakes.discord.guilds import App, Guild
from tests.fakes.discord.permissions import sees
from tests.fakes.discord.refusals import JSON
from tests.fakes.discord.wire import Connection


class Intent(IntFlag):
    """Those that a message bot meets; ALL has every bit that exists."""

    GUILDS = 1 << 0
    MEMBERS = 1 << 1
    PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_REACTIONS = 1 << 10
    GUILD_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_REACTIONS = 1 << 13
    DIRECT_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    ALL = 0b11_0011_0001_1111_1111_1111_1111


PRIVILEGED = {
    "members": Intent.MEMBERS,
    "presences": Intent.PRESENCES,
    "message_content": Intent.MESSAGE_CONTENT,
}


@dataclass(eq=False)
class Session:
    """It outlives its connection for a while. ``said`` are all its events, by their number."""

    id: str
    app: App
    intents: int
    shard: tuple[int, int]
    connection: Connection | None
    said: list[tuple[str, str]] = field(default_factory=list)  # the event's name, the frame
    left_at: float = 0.0
    over: bool = False

    @property
    def seq(self) -> int:
        return len(self.said)

    @property
    def reads(self) -> bool:
        """Whether it gets what messages say that do not concern it."""
        return bool(self.intents & Intent.MESSAGE_CONTENT)

    def cares(self, intent: int, guild: Guild | None, channel: Channel | None) -> bool:
        """Whether an event of this place goes to it."""
        if self.over or (intent and not self.intents & intent):
            return False
        if guild is not None:
            if (int(guild.id) >> 22) % self.shard[1] != self.shard[
                0
            ] or self.app.user.id not in guild.members:
                return False
        elif self.shard[0] != 0:
            return False
        return channel is None or sees(channel, self.app.user)

    def tell(self, name: str, data: JSON) -> None:
        """An event happens: sent if somebody listens, kept in any case."""
        frame = json.dumps({"op": 0, "t": name, "s": self.seq + 1, "d": data})
        self.said.append((name, frame))
        if self.connection is not None:
            self.connection.put(frame)
