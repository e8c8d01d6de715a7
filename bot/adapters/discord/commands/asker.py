"""Who uses a command, a button or a menu in Discord, and where: which conversation it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.adapters.discord.bots import ELSEWHERE
from bot.adapters.discord.commands.admins import manages
from bot.adapters.discord.hooks import Event
from bot.adapters.discord.incoming.addressed import PLATFORM, called, key_of
from bot.commands.orders import Order
from bot.conversation.letters import inbox_key
from bot.core.place import Place
from storage.store import Store

_ANSWER = re.compile(r"^(?:retry|continue|fork|rate \w+) #(\d+)")
_THREADS = frozenset({10, 11, 12})  # kinds of channels
_WITH_US = 1  # the context of direct messages with the bot
_BY_SERVER = "0"  # of those who installed us


@dataclass(frozen=True, slots=True)
class Asker:
    """One person at one place.

    ``in_conversation`` is false in a channel whose threads are the conversations; ``direct``: in direct messages with
    us. ``guest``: we are there only because that person installed us, and hear and say nothing but by interactions.
    ``admin``: may manage the server.
    """

    user: str
    name: str
    place: Place
    in_conversation: bool
    direct: bool
    guest: bool
    admin: bool = False

    def order(self, key: str, about: str = "") -> Order:
        """What they order, as every platform has it; ``about`` names a message, as in ``Asked``."""
        return Order(
            self.place,
            self.user,
            key,
            in_conversation=self.in_conversation,
            shared=not self.direct,
            name=self.name,
            platform_admin=self._is_admin,
            about=about,
        )

    async def _is_admin(self) -> bool:
        return self.admin

    def at(self, thread: str) -> Asker:
        """The same person about a conversation of this channel; "" leaves it as it is."""
        if not thread or self.in_conversation:
            return self
        return replace(self, place=replace(self.place, thread=thread), in_conversation=True)


def asker_of(payload: Event) -> Asker | None:
    """Who did what an interaction tells of, and where; None where Discord does not say in what channel."""
    channel, guild = payload.get("channel") or {}, str(payload.get("guild_id") or "")
    if not channel.get("id"):
        return None
    owners = payload.get("authorizing_integration_owners") or {}
    direct = not guild and payload.get("context") == _WITH_US
    guest = not direct and not (guild and str(owners.get(_BY_SERVER)) == guild)
    place = Place(PLATFORM, ELSEWHERE if direct or guest else guild, str(channel["id"]))
    if channel.get("type") in _THREADS and channel.get("parent_id") and not guest:
        place = replace(place, channel=str(channel["parent_id"]), thread=str(channel["id"]))
    member = payload.get("member") or {}
    user = member.get("user") or payload.get("user") or {}
    return Asker(
        user=str(user.get("id")),
        name=called(user, member),
        place=place,
        in_conversation=direct or guest or bool(place.thread),
        direct=direct,
        guest=guest,
        admin=bool(guild) and not guest and manages(member.get("permissions")),
    )


async def by_message(store: Store, asker: Asker, message: str, command: str = "") -> Asker:
    """The same person about the conversation that a message belongs to. Raises StorageDown.

    In a thread and in direct messages the place is the conversation. In a channel it is that of the reply, or of what
    somebody said to us; else that of the answer whose number the ``command`` of its button names, or there may be a
    thread at the message.
    """
    if asker.in_conversation:
        return asker
    channel = asker.place
    key = inbox_key(channel, key_of(channel.channel, message))
    found = await store.places.of_message(str(channel), key, message)
    if found is None and (named := _ANSWER.search(command)) is not None:
        reply = await store.replies.get(int(named[1]))
        found = reply.place if reply is not None and reply.place.startswith(f"{channel}/") else None
    place = asker.at(message).place if found is None else Place.parse(found)
    if await store.conversations.current(str(place)) is None:
        return asker
    return asker.at(place.thread)
