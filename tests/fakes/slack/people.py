"""What people do in Slack's own client."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes.refused import Misuse
from tests.fakes.slack.attached import File
from tests.fakes.slack.events import Events
from tests.fakes.slack.messages import Message
from tests.fakes.slack.wording import typed
from tests.fakes.slack.workspace import Channel, Installation, User
from tests.fakes.slack.world import World

Who = str | User
Where = str | Channel


class People:
    """Verbs of people. Users and channels by name, id or themselves."""

    bot: Installation

    def __init__(self, world: World, events: Events) -> None:
        self._world, self._events = world, events

    def say(
        self, who: Who, where: Where, text: str, *, thread_ts: str = "", files: Sequence[File] = ()
    ) -> Message:
        """Write a message, with files if there are any. The app gets the text as Slack writes it."""
        user, channel = self._world.user(who), self._world.channel(where)
        self._must_be_member(user, channel)
        root = channel.messages.get(thread_ts)
        if thread_ts and (root is None or root.is_reply):
            raise Misuse(f"no thread {thread_ts} in {channel.name or channel.id}")
        for file in files:
            file.owner = user.id
            file.shared_in.add(channel.id)
        message = Message(
            channel.team,
            channel.id,
            self._world.ts(),
            user.id,
            typed(text),
            bot_id=user.bot_id,
            app_id=user.app_id,
            thread_ts=thread_ts,
            files=[file.seen for file in files],
            subtype="file_share" if files else "",
        )
        self._world.appear(channel, message)
        self._events.posted(channel, message)
        return message

    def mention(
        self, who: Who, where: Where, text: str, *, thread_ts: str = "", files: Sequence[File] = ()
    ) -> Message:
        """Write a message that begins with the bot's name."""
        bot = self._installed(self._world.user(who)).bot
        return self.say(who, where, f"<@{bot.id}> {text}", thread_ts=thread_ts, files=files)

    def dm(self, who: Who, text: str, *, thread_ts: str = "", files: Sequence[File] = ()) -> Message:
        """Write to the bot in private."""
        user = self._world.user(who)
        channel = self._world.dm(user, self._installed(user).bot)
        return self.say(who, channel, text, thread_ts=thread_ts, files=files)

    def file(
        self, name: str, data: bytes, mimetype: str = "text/plain", *, team: str = "", connect: bool = False
    ) -> File:
        """A file to put into a message. ``connect``: from another company, so events hold only its id."""
        team = team or self.bot.team.id
        file = File(
            self._world.id("F"),
            team,
            "",
            name,
            len(data),
            self._world.url,
            mimetype,
            data=data,
            connect=connect,
        )
        self._world.files[file.id] = file
        return file

    def react(self, who: Who, message: Message, emoji: str) -> None:
        user, channel = self._world.user(who), self._world.channel(message.channel)
        self._must_be_member(user, channel)
        message.reactions.setdefault(emoji, []).append(user.id)
        self._world.changed()
        self._events.reacted("reaction_added", channel, message, user.id, emoji)

    def unreact(self, who: Who, message: Message, emoji: str) -> None:
        user, channel = self._world.user(who), self._world.channel(message.channel)
        message.reactions[emoji].remove(user.id)
        if not message.reactions[emoji]:
            del message.reactions[emoji]
        self._world.changed()
        self._events.reacted("reaction_removed", channel, message, user.id, emoji)

    def invite(self, who: Who, where: Where, by: Who = "") -> None:
        """Bring a person or the bot into a channel."""
        user, channel = self._world.user(who), self._world.channel(where)
        channel.members.add(user.id)
        self._world.changed()
        inviter = {"inviter": self._world.user(by).id} if by else {}
        self._events.joined(channel, user, **inviter)

    def edit(self, who: Who, message: Message, text: str) -> None:
        user, channel = self._own(who, message)
        before = message.json()
        message.text = typed(text)
        message.edited = {"user": user.id, "ts": f"{int(self._world.clock.now())}.000000"}
        message.note(self._world.clock.now())
        self._world.changed()
        self._events.edited(channel, message, before, user)

    def delete(self, who: Who, message: Message) -> None:
        _, channel = self._own(who, message)
        self._events.remove(channel, message)

    def thread(self, where: Where, ts: str) -> list[Message]:
        """What people see of a thread, its root first."""
        return self._world.thread(self._world.channel(where), ts)

    def top(self, where: Where) -> list[Message]:
        """What people see in a channel outside of threads."""
        messages = self._world.channel(where).messages.values()
        return [m for m in messages if not m.deleted and not m.to and (not m.is_reply or m.broadcast)]

    def whispers(self, who: Who) -> list[Message]:
        """The ephemeral messages one person saw, everywhere."""
        user = self._world.user(who)
        channels = self._world.teams[user.team].channels.values()
        return [
            m for channel in channels for m in channel.messages.values() if m.to == user.id and not m.deleted
        ]

    def _installed(self, user: User) -> Installation:
        """The installation this person meets: ours, or that of their own workspace."""
        if user.team == self.bot.team.id:
            return self.bot
        return next(iter(self._world.installed_in(user.team)))

    def _own(self, who: Who, message: Message) -> tuple[User, Channel]:
        user, channel = self._world.user(who), self._world.channel(message.channel)
        if message.user != user.id or message.deleted:
            raise Misuse(f"{user.name} cannot change {message.ts}")
        return user, channel

    def _must_be_member(self, user: User, channel: Channel) -> None:
        if user.id not in channel.members:
            raise Misuse(f"{user.name} is not in {channel.name or channel.id}")
