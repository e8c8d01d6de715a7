"""The truth of the fake: all workspaces and messages, and who is told of a change."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator

from tests.fakes.refused import Book, Misuse
from tests.fakes.slack.attached import File
from tests.fakes.slack.exchanges import Response, Trigger, View
from tests.fakes.slack.messages import Message, StreamState
from tests.fakes.slack.refusals import JSON, Refusal
from tests.fakes.slack.sessions import Session, Status
from tests.fakes.slack.workspace import App, Channel, Installation, User, Workspace
from tests.fakes.times import Clock


class World:
    """Holds everything by its id. Whoever changes something calls ``changed``."""

    def __init__(self, clock: Clock, book: Book) -> None:
        self.clock, self.book = clock, book
        book.added = self.changed
        self.url = ""  # the server's, once it runs
        self.apps: dict[str, App] = {}
        self.teams: dict[str, Workspace] = {}
        self.installations: list[Installation] = []
        self.stream_seconds = 300.0
        self.stream_bytes = 11_000
        self.blocks_chars = 12_000
        self.statuses: dict[tuple[str, str, str], Status] = {}
        self.sessions: dict[tuple[str, str, str], Session] = {}
        self.prompts: dict[tuple[str, str], list[JSON]] = {}
        self.files: dict[str, File] = {}
        self.file_looks = 1  # so often is an uploaded file asked about before the platform knows what it is
        self.views: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.responses: dict[str, Response] = {}
        self._ids = itertools.count(1)
        self._ts = 0
        self._changes = asyncio.Condition()
        self._wakers: set[asyncio.Task[None]] = set()

    def id(self, prefix: str) -> str:
        return f"{prefix}{next(self._ids):09d}"

    def ts(self) -> str:
        """A timestamp that no message has: now, or a microsecond after the last."""
        self._ts = max(self._ts + 1, int(self.clock.now() * 1_000_000))
        return f"{self._ts // 1_000_000}.{self._ts % 1_000_000:06d}"

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

    def user(self, wanted: str | User) -> User:
        """By id, or by name where only one workspace has it."""
        if isinstance(wanted, User):
            return wanted
        users = [user for team in self.teams.values() for user in team.users.values()]
        found = [user for user in users if wanted in (user.id, user.name)]
        if len(found) != 1:
            raise Misuse(f"{len(found)} users are {wanted!r}")
        return found[0]

    def channel(self, wanted: str | Channel) -> Channel:
        """By id, or by name where only one workspace has it."""
        if isinstance(wanted, Channel):
            return wanted
        channels = [channel for team in self.teams.values() for channel in team.channels.values()]
        found = [channel for channel in channels if wanted in (channel.id, channel.name)]
        if len(found) != 1:
            raise Misuse(f"{len(found)} channels are {wanted!r}")
        return found[0]

    def installed_in(self, team: str) -> Iterator[Installation]:
        return (one for one in self.installations if one.team.id == team and not one.revoked)

    def dm(self, first: User, second: User) -> Channel:
        """The DM of the two, opened if there is none."""
        return self.group_dm("im", [first, second])

    def group_dm(self, kind: str, users: list[User]) -> Channel:
        team = self.teams[users[0].team]
        members = {user.id for user in users}
        for channel in team.channels.values():
            if channel.kind == kind and channel.members == members:
                return channel
        prefix, name = ("D", "") if kind == "im" else ("G", f"mpdm-{'--'.join(u.name for u in users)}-1")
        channel = Channel(self.id(prefix), team.id, kind, name, members)
        team.channels[channel.id] = channel
        return channel

    def visible(self, installation: Installation, channel_id: str) -> Channel:
        """A channel as an app's bot finds it: private ones only if it is in them."""
        channel = installation.team.channels.get(channel_id)
        if channel is None or (channel.kind != "channel" and installation.bot.id not in channel.members):
            raise Refusal("channel_not_found")
        return channel

    def message(self, channel: Channel, ts: str) -> Message:
        message = channel.messages.get(ts)
        if message is None or message.deleted or message.to:
            raise Refusal("message_not_found")
        return self.fresh(message)

    def fresh(self, message: Message) -> Message:
        """The message, its stream closed if its time is over."""
        stream = message.stream
        if message.streaming and stream and self.clock.now() - stream.started > self.stream_seconds:
            stream.state = StreamState.EXPIRED
        return message

    def appear(self, channel: Channel, message: Message) -> None:
        """A message is there from now on. What its app said of its status there is gone with it."""
        channel.messages[message.ts] = message
        message.note(self.clock.now())
        if message.bot_id:
            self.statuses.pop((message.app_id, channel.id, message.root), None)
        self.changed()

    def thread(self, channel: Channel, root: str) -> list[Message]:
        """The messages of a thread that stand, in their order, its root first."""
        return [m for m in channel.messages.values() if m.root == root and not m.deleted and not m.to]
