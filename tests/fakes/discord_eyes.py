"""What people see of our answers in the fake Discord, in the words of the audit."""

from __future__ import annotations

import asyncio
import re

from bot.core.place import Place
from bot.core.view import Button, Tone, View
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.messages import Message
from tests.fakes.discord.server import FakeDiscord
from tests.fakes.surface import Line, Shown

_REPLY_KEY = 24  # characters; the keys of all else are of another length
_STOP = "stop"
_WARNING = "⚠️"
_ESCAPED = re.compile(r"\\([\\*_~`|<\[])")


class DiscordEyes:
    """Reads the fake's own record, never ours. The audit's ``Witness``."""

    over: tuple[str, ...] = ()  # a 429 that nobody ordered is among the mistakes

    def __init__(self, fake: FakeDiscord) -> None:
        self._fake = fake

    @property
    def mistakes(self) -> list[str]:
        """Refusals and missing answers that no test ordered; pings of a model's making."""
        pings = [f"{message.id} pings {whom}" for message, whom in self._fake.pings()]
        return [f"{one.what}: {one.error} {one.detail}" for one in self._fake.unexpected()] + pings

    @property
    def faults(self) -> list[object]:
        """Orders that have not struck and were not withdrawn."""
        return [order for order in self._fake.orders if order.times > 0]

    @property
    def lines(self) -> list[Line]:
        """Every message of ours."""
        return [_line(message) for message in self.ours()]

    def ours(self, place: Place | None = None) -> list[Message]:
        """What our bot has posted and everybody sees, in the order of the channel."""
        world = self._fake.world
        standing = [message for channel in world.channels.values() for message in world.standing(channel)]
        return [
            message
            for message in standing
            if message.author is self._fake.bot
            and not message.system
            and (place is None or place_of(message) == place)
        ]

    def growing(self, place: Place | None = None) -> list[Line]:
        """What still grows."""
        return [line for message in self.ours(place) if (line := _line(message)).view.growing]

    def answers(self, place: Place) -> list[Shown]:
        """The finished answers at a place: what ends in a message with buttons."""
        found, pages = list[Shown](), list[Line]()
        for message in self.ours(place):
            line = _line(message)
            if len(line.key) != _REPLY_KEY:
                continue
            pages.append(line)
            if line.view.buttons and not line.view.growing:
                found.append(Shown(tuple(pages)))
                pages.clear()
        return found

    def text(self, message: Message) -> str:
        """The words of a message without its footer."""
        return text_of(message)

    def id(self, message: Message) -> str:
        """Its snowflake."""
        return message.id

    def command(self, message: Message, label: str) -> str:
        """What a click on the button with this label says."""
        found = [button.command for button in buttons_of(message) if button.label == label]
        if not found:
            raise AssertionError(f"no button {label!r} among {[one.label for one in buttons_of(message)]}")
        return found[0]


def place_of(message: Message) -> Place:
    """Where the conversation of a message is: direct, in its thread, at itself, or where its chain of replies began."""
    channel: Channel = message.channel
    if channel.guild is None:
        return Place("discord", "@me", channel.id)
    if channel.is_thread:
        assert channel.parent is not None
        return Place("discord", channel.guild.id, channel.parent.id, channel.id)
    while message.replied is not None:
        message = message.replied
    return Place("discord", channel.guild.id, channel.id, message.id)


def text_of(message: Message) -> str:
    """The words of a message without its footer."""
    return message.shown.rpartition("\n-# ")[0] if "\n-# " in message.shown else message.shown


def buttons_of(message: Message) -> tuple[Button, ...]:
    """Its buttons, with what a click on them says."""
    return tuple(
        Button(str(one.get("label", "")), custom_id.split(":", 3)[-1])
        for custom_id, one in message.actions.items()
        if one["type"] == 2
    )


def _line(message: Message) -> Line:
    text, buttons = text_of(message), buttons_of(message)
    footer = _ESCAPED.sub(r"\1", message.shown.rpartition("\n-# ")[2]) if text != message.shown else ""
    growing = any(button.command == _STOP for button in buttons)
    tone = Tone.ERROR if text.startswith(_WARNING) else Tone.REPLY
    view = View(text, footer, buttons, growing=growing, tone=tone)
    now = asyncio.get_running_loop().time()
    return Line(message.id, place_of(message), str(message.nonce or ""), [(now, view)])
