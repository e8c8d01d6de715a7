"""The truth of the fake: everybody, every channel and message, and who is told of a change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.fakes.discord.attached import Attachment, Signatures
from tests.fakes.discord.channels import DM, Channel
from tests.fakes.discord.guilds import App, Guild, User
from tests.fakes.discord.messages import Message
from tests.fakes.discord.permissions import sees
from tests.fakes.discord.refusals import Refusal
from tests.fakes.refused import Book, Misuse
from tests.fakes.times import Clock

if TYPE_CHECKING:
    from tests.fakes.discord.exchanges import Interaction, Modal

EPOCH = 1_420_070_400_000  # the first millisecond of 2015: ids count from there


class World:
    """Holds everything by its id. Whoever changes something calls ``changed``."""

    def __init__(self, clock: Clock, book: Book) -> None:
        self.clock, self.book = clock, book
        book.added = self.changed
        self.url = ""  # the server's, once it runs
        self.signed = Signatures(clock.now)
        self.apps: dict[str, App] = {}
        self.users: dict[str, User] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, Attachment] = {}
        self.interactions: dict[str, Interaction] = {}  # by token
        self.modals: dict[str, Modal] = {}  # on whose screen
        self.typing: dict[tuple[str, str], float] = {}  # channel and user: since when
        self.nonces: dict[tuple[str, str], Message] = {}  # by their author
        self._last = 0
        self._changes = asyncio.Condition()
        self._wakers: set[asyncio.Task[None]] = set()

    def id(self) -> str:
        """A snowflake of now that nothing has."""
        self._last = max(self._last + 1, (int(self.clock.now() * 1000) - EPOCH) << 22)
        return str(self._last)

    def stamp(self) -> str:
        """Now, as the API writes it."""
        return datetime.fromtimestamp(self.clock.now(), UTC).isoformat(timespec="microseconds")

    def changed(self) -> None:
        """Wake whoever waits in ``until``."""
        task = asyncio.ensure_future(self._wake())
        self._wakers.add(task)
        task.add_done_callback(self._wakers.discard)

    async def _wake(self) -> None:
        async with self._changes:
            self._changes.notify_all()

    async def until(self, true: Callable[[], object], seconds: float = 60.0) -> None:
        """Wait until something is so, looked at after each change."""
        async with asyncio.timeout(seconds), self._changes:
            await self._changes.wait_for(true)

    async def within(self, seconds: float, true: Callable[[], object]) -> bool:
        """Whether something becomes so before so many seconds of the clock are over."""
        late: asyncio.Future[None] = asyncio.ensure_future(self.clock.sleep(seconds))
        late.add_done_callback(lambda _: self.changed())
        try:
            await self.until(lambda: true() or late.done(), seconds=max(10.0, seconds + 5))
        finally:
            late.cancel()
        return bool(true())

    def user(self, wanted: str | User) -> User:
        """By id, or by name where only one has it."""
        if isinstance(wanted, User):
            return wanted
        found = [user for user in self.users.values() if wanted in (user.id, user.name)]
        if len(found) != 1:
            raise Misuse(f"{len(found)} users are {wanted!r}")
        return found[0]

    def channel(self, wanted: str | Channel | Message) -> Channel:
        """By id, by name where only one has it, or the thread at a message."""
        if isinstance(wanted, Channel):
            return wanted
        if isinstance(wanted, Message):
            if wanted.thread is None:
                raise Misuse("there is no thread at the message")
            return wanted.thread
        standing = [one for one in self.channels.values() if not one.deleted]
        found = [channel for channel in standing if wanted in (channel.id, channel.name)]
        if len(found) != 1:
            raise Misuse(f"{len(found)} channels are {wanted!r}")
        return found[0]

    def dm(self, first: User, second: User) -> Channel:
        """The direct messages of the two, opened if there are none."""
        people = {first.id: first, second.id: second}
        for channel in self.channels.values():
            if channel.kind == DM and channel.recipients.keys() == people.keys():
                return channel
        channel = Channel(self.id(), DM, "", recipients=people)
        self.channels[channel.id] = channel
        return channel

    def seen(self, app: App, channel_id: str) -> Channel:
        """A channel as an app's bot finds it."""
        channel = self.channels.get(channel_id)
        if channel is None or channel.deleted:
            raise Refusal(10003)
        if not sees(channel, app.user):
            raise Refusal(50001)
        idle = self.clock.now() - channel.active_at
        if channel.is_thread and not channel.archived and idle > channel.duration * 60:
            # Nobody was told: what one finds is enough for tests.
            channel.archived, channel.archived_at = True, self.stamp()
        return channel

    def message(self, channel: Channel, id_: str) -> Message:
        message = channel.messages.get(id_)
        if message is None or message.deleted or message.to:
            raise Refusal(10008)
        return message

    def appear(self, message: Message) -> None:
        """A message is there from now on; its author types no more."""
        message.channel.messages[message.id] = message
        message.channel.active_at = self.clock.now()
        message.note(self.clock.now())
        if message.nonce is not None:
            self.nonces[message.author.id, str(message.nonce)] = message
        self.typing.pop((message.channel.id, message.author.id), None)
        self.changed()

    def standing(self, channel: Channel) -> list[Message]:
        """The messages of a channel that everybody in it sees, in their order."""
        return [one for one in channel.messages.values() if not one.deleted and not one.to]

    def threads(self, guild: Guild) -> list[Channel]:
        """The threads of a server that are neither archived nor deleted."""
        channels = self.channels.values()
        return [
            one
            for one in channels
            if one.guild is guild and one.is_thread and not one.archived and not one.deleted
        ]
