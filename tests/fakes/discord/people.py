"""What people do in Discord's own client."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fakes.discord.attached import Attachment
from tests.fakes.discord.channels import PRIVATE_THREAD, THREAD, Channel
from tests.fakes.discord.drafts import refer
from tests.fakes.discord.events import Events
from tests.fakes.discord.guilds import App, User
from tests.fakes.discord.messages import NORMAL, REPLY, Message
from tests.fakes.discord.permissions import Can, allowed, sees, to_speak
from tests.fakes.discord.posting import change, check_open, fresh, join, post, remove
from tests.fakes.discord.refusals import Refusal
from tests.fakes.discord.threads import start
from tests.fakes.discord.wording import IN_MESSAGES, Allowed, pings_of
from tests.fakes.discord.world import World
from tests.fakes.refused import Misuse

Who = str | User
Where = str | Channel | Message


class People:
    """Verbs of people. Users and channels by name, id or themselves; a thread also by its message."""

    app: App

    def __init__(self, world: World, events: Events) -> None:
        self._world, self._events = world, events

    def say(
        self,
        who: Who,
        where: Where,
        text: str,
        *,
        to: Message | None = None,
        ping: bool = True,
        files: Sequence[Attachment] = (),
    ) -> Message:
        """Write a message, or a reply ``to`` one. ``ping``: the reply names whom it answers."""
        user, channel = self._world.user(who), self._world.channel(where)
        self._may(user, channel, to_speak(channel))
        try:
            check_open(self._world, channel, user)
        except Refusal as refused:
            raise Misuse(f"{user.name} cannot write there: {refused.message}") from None
        message = fresh(self._world, channel, user, REPLY if to else NORMAL)
        message.content = text.strip()
        for file in files:
            file.owner, file.channel = user.id, channel.id
        message.attachments = list(files)
        if to is not None:
            refer(message, to)
        self._names(message, ping=ping)
        post(self._world, self._events, message)
        return message

    def mention(self, who: Who, where: Where, text: str, *, files: Sequence[Attachment] = ()) -> Message:
        """Write a message that begins with the bot's name."""
        return self.say(who, where, f"{self.app.user.mention} {text}", files=files)

    def dm(
        self, who: Who, text: str, *, to: Message | None = None, files: Sequence[Attachment] = ()
    ) -> Message:
        """Write to the bot in private."""
        user = self._world.user(who)
        return self.say(user, self._world.dm(user, self.app.user), text, to=to, files=files)

    def reply(self, who: Who, to: Message, text: str, *, ping: bool = True) -> Message:
        return self.say(who, to.channel, text, to=to, ping=ping)

    def file(self, name: str, data: bytes, content_type: str = "text/plain") -> Attachment:
        """A file to put into a message, an option or a form."""
        file = Attachment(self._world.id(), name, data, content_type)
        self._world.files[file.id] = file
        return file

    def edit(self, who: Who, message: Message, text: str) -> None:
        self._own(who, message)
        message.content = text.strip()
        self._names(message, ping=True)
        change(self._world, self._events, message)

    def unfurl(self, message: Message, title: str) -> None:
        """What the platform does by itself with a link: a preview, told as an update that nobody made."""
        message.embeds = [*message.embeds, {"type": "link", "title": title}]
        change(self._world, self._events, message, edited=False)

    def delete(self, who: Who, *messages: Message) -> None:
        """One's own, or anybody's for who manages messages; several are deleted as a bulk."""
        user = self._world.user(who)
        for message in messages:
            if message.author is not user:
                self._may(user, message.channel, Can.MANAGE_MESSAGES)
        remove(self._world, self._events, list(messages))

    def react(self, who: Who, message: Message, emoji: str) -> None:
        user = self._world.user(who)
        self._may(user, message.channel, Can.ADD_REACTIONS)
        if message.channel.archived:
            raise Misuse("nobody reacts in an archived thread")
        message.reactions[emoji] = [*message.reactions.get(emoji, []), user.id]
        self._world.changed()
        self._events.reacted("MESSAGE_REACTION_ADD", message, user, emoji)

    def unreact(self, who: Who, message: Message, emoji: str) -> None:
        user = self._world.user(who)
        left = [one for one in message.reactions[emoji] if one != user.id]
        message.reactions[emoji] = left
        if not left:
            del message.reactions[emoji]
        self._world.changed()
        self._events.reacted("MESSAGE_REACTION_REMOVE", message, user, emoji)

    def type(self, who: Who, where: Where) -> None:
        self._events.typed(self._world.channel(where), self._world.user(who))

    def open_thread(self, who: Who, where: Where, name: str, *, private: bool = False) -> Channel:
        """At a message, or free in a channel."""
        user = self._world.user(who)
        message = where if isinstance(where, Message) else None
        channel = message.channel if message else self._world.channel(where)
        self._may(user, channel, Can.CREATE_PRIVATE_THREADS if private else Can.CREATE_PUBLIC_THREADS)
        if message is not None and message.thread is not None:
            raise Misuse("there is a thread already")
        kind = PRIVATE_THREAD if private else THREAD
        return start(self._world, self._events, channel, user, name, message=message, kind=kind)

    def archive(self, where: Where, *, archived: bool = True, locked: bool | None = None) -> None:
        """Close a thread, or open it again; ``locked`` locks or unlocks it too."""
        thread = self._thread(where)
        if thread.archived != archived:
            thread.archived_at = self._world.stamp()
        thread.archived, thread.active_at = archived, self._world.clock.now()
        thread.locked = thread.locked if locked is None else locked
        self._world.changed()
        self._events.channel("UPDATE", thread)

    def rename(self, where: Where, name: str) -> None:
        channel = self._world.channel(where)
        channel.name = name
        self._world.changed()
        self._events.channel("UPDATE", channel)

    def delete_channel(self, where: Where) -> None:
        """A channel or a thread. The threads of a channel go with it, without a word."""
        channel = self._world.channel(where)
        for one in self._world.channels.values():
            one.deleted = one.deleted or one.parent is channel
        channel.deleted = True
        self._world.changed()
        self._events.channel("DELETE", channel)

    def add(self, who: Who, where: Where) -> None:
        """Bring somebody into a thread: the only way into a private one."""
        thread, user = self._thread(where), self._world.user(who)
        seen = sees(thread, user)
        join(self._world, self._events, thread, user)
        if not seen:
            self._events.channel("CREATE", thread)

    def close_dms(self, who: Who, *, closed: bool = True) -> None:
        self._world.user(who).closed = closed

    def _names(self, message: Message, *, ping: bool) -> None:
        rules = Allowed({**IN_MESSAGES, "replied_user": ping})
        replied = message.replied.author if message.replied else None
        found = pings_of([message.content], message.author, message.channel, rules, replied)
        message.notified = found
        ids = dict.fromkeys([*found.users, *([found.reply] if found.reply else [])])
        message.named = tuple(self._world.users[one] for one in ids)

    def _thread(self, where: Where) -> Channel:
        thread = self._world.channel(where)
        if not thread.is_thread:
            raise Misuse(f"{thread.name} is not a thread")
        return thread

    def _own(self, who: Who, message: Message) -> None:
        if message.author is not self._world.user(who) or message.deleted:
            raise Misuse("people edit only what they wrote")
        if message.channel.archived:
            raise Misuse("nothing is edited in an archived thread")

    def _may(self, user: User, channel: Channel, wanted: Can) -> None:
        if Can.VIEW_CHANNEL | wanted not in allowed(channel, user):
            raise Misuse(f"{user.name} may not do that in {channel.name or 'these direct messages'}")
