"""What people see of our messages in the fake Discord, and where tests speak."""

from __future__ import annotations

import re
from typing import Any

from bot.adapters.discord.settings import DiscordSettings
from bot.core.place import Place
from tests.contracts.surfaces import Seen
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.messages import Message
from tests.fakes.discord.server import FakeDiscord

_ESCAPED = re.compile(r"\\([\\*_~`|<\[])")


def settings_of(fake: FakeDiscord, **more: Any) -> DiscordSettings:
    """The settings that lead to the fake."""
    url = fake.world.url
    given = {"api_url": f"{url}/api/v10", "cdn_url": f"{url}/cdn", **more}
    return DiscordSettings(tokens=(fake.app.token,), **given)


def asked(fake: FakeDiscord, text: str = "what is a monad?", where: str = "general") -> Place:
    """The place of a mention in a channel: its thread, which does not exist yet."""
    message = fake.mention("ada", where, text)
    return Place("discord", fake.guild.id, message.channel.id, message.id)


def thread(fake: FakeDiscord, name: str = "old times") -> Place:
    """A thread that somebody opened at no message."""
    opened = fake.open_thread("ada", "general", name)
    return Place("discord", fake.guild.id, fake.general.id, opened.id)


def dm(fake: FakeDiscord, who: str = "ada") -> Place:
    """The direct messages of somebody and the bot."""
    return Place("discord", "@me", fake.world.dm(fake.world.user(who), fake.bot).id)


def channel_of(fake: FakeDiscord, place: Place) -> Channel:
    """The thread of a place where there is one, else its channel."""
    return fake.world.channels.get(place.thread) or fake.world.channels[place.channel]


def ours(fake: FakeDiscord, place: Place) -> list[Message]:
    """Our messages at a place, in their order."""
    return [one for one in fake.shown(channel_of(fake, place)) if one.author is fake.bot]


def seen(message: Message) -> Seen:
    """A message of ours, its mark of tone aside."""
    text, _, footer = (
        message.content.rpartition("-# ") if "-# " in message.content else (message.content, "", "")
    )
    return Seen(
        message.id,
        text.rstrip("\n").removeprefix("⚠️ "),
        _ESCAPED.sub(r"\1", footer),
        tuple(one["label"] for one in message.actions.values()),
        "".join(file.description for file in message.attachments),
        b"".join(file.data for file in message.attachments),
    )


def all_seen(fake: FakeDiscord, place: Place) -> list[Seen]:
    """Everything of ours that people see at a place."""
    return [seen(message) for message in ours(fake, place)]


def calls(fake: FakeDiscord, *names: str) -> list[str]:
    """The calls that were applied, in turn; only those named, if any are."""
    return [name for _, name, _, _ in fake.api.calls if not names or name in names]
