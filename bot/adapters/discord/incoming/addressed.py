"""What a message of Discord's is to us: where it stands, who wrote it, and whether it is meant for us. All pure.

The gateway and the API tell of messages in the same form, so what is made up for goes the way of what is live.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.adapters.discord.bots import ELSEWHERE
from bot.adapters.discord.hooks import Event
from bot.adapters.discord.incoming.wording import (
    Names,
    first_mentioned,
    mentioned,
    readable,
    without_mention,
)
from bot.adapters.discord.settings import DiscordSettings
from bot.core.place import Place

PLATFORM = "discord"
THREAD_STARTER = 21  # stands at the top of a thread for the message that the thread was made from
_SAID = frozenset({0, 19})  # a message, a reply
_US = "Switchboard"
_EPOCH = 1_420_070_400_000  # the first millisecond of 2015: ids count from there


@dataclass(frozen=True, slots=True)
class Us:
    """Who we are in a server: the ids of our bots, and of the roles that are theirs alone."""

    users: frozenset[str]
    roles: frozenset[str] = frozenset()

    @property
    def ids(self) -> frozenset[str]:
        return self.users | self.roles


@dataclass(frozen=True, slots=True)
class Where:
    """A channel as its messages need it. ``guild`` is "" outside of servers, ``parent`` outside of threads."""

    guild: str
    channel: str
    parent: str = ""

    @property
    def home(self) -> Place:
        """The workspace."""
        return Place(PLATFORM, self.guild or ELSEWHERE)

    @property
    def place(self) -> Place:
        """The channel or thread itself."""
        if self.parent:
            return Place(PLATFORM, self.home.workspace, self.parent, self.channel)
        return Place(PLATFORM, self.home.workspace, self.channel)


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as Discord tells of it. ``text`` is in Discord's writing; ``guild`` is "" outside of servers.

    ``bots`` are the ids by which a bot's or webhook's message may be known, empty for people. ``named`` are the
    people it notifies with their names, ``reply_to`` the id of the message it answers, and ``replied`` that message,
    where Discord still has it. ``extras`` are lines for what is no text, such as stickers.
    """

    channel: str
    id: str
    guild: str
    author: str
    name: str
    text: str
    kind: int = 0
    bots: frozenset[str] = frozenset()
    named: Mapping[str, str] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    reply_to: str = ""
    replied: Heard | None = None
    files: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    extras: tuple[str, ...] = ()
    edited: str = ""

    @property
    def key(self) -> str:
        """What all repeats of this message have in common."""
        return key_of(self.channel, self.id)

    @property
    def direct(self) -> bool:
        """Whether it was said to us alone."""
        return not self.guild

    @property
    def sent_at(self) -> datetime:
        """When it was written, which its id says."""
        return moment_of(self.id)


def heard(event: Event, guild: str = "") -> Heard:
    """Read a message. ``guild`` is for messages from the API, which do not say it."""
    author, guild = _object(event.get("author")), str(event.get("guild_id") or guild)
    by_bot = [author.get("id"), event.get("webhook_id"), event.get("application_id")]
    reference, replied = _object(event.get("message_reference")), event.get("referenced_message")
    is_reply = bool(reference) and reference.get("type", 0) == 0
    return Heard(
        channel=str(event.get("channel_id") or ""),
        id=str(event.get("id") or ""),
        guild=guild,
        author=str(author.get("id") or ""),
        name=called(author, _object(event.get("member"))),
        text=str(event.get("content") or ""),
        kind=int(event.get("type") or 0),
        bots=frozenset(str(one) for one in by_bot if one) if _is_bot(event, author) else frozenset(),
        named={
            str(one["id"]): called(one, _object(one.get("member"))) for one in _list(event.get("mentions"))
        },
        roles=frozenset(str(one) for one in event.get("mention_roles") or ()),
        reply_to=str(reference.get("message_id") or "") if is_reply else "",
        replied=heard(replied, guild) if isinstance(replied, Mapping) else None,
        files=tuple(_files(event)),
        extras=tuple(_extras(event)),
        edited=str(event.get("edited_timestamp") or ""),
    )


def called(user: Event, member: Event) -> str:
    """What somebody is called in a server; else everywhere; else the handle."""
    names = (member.get("nick"), user.get("global_name"), user.get("username"))
    return str(next((name for name in names if name), ""))


def key_of(channel: str, message: str) -> str:
    """The engine's key of a message."""
    return f"{channel}:{message}"


def moment_of(id_: str) -> datetime:
    """When something was made, which its id says."""
    try:
        return datetime.fromtimestamp(((int(id_) >> 22) + _EPOCH) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC)


def id_at(moment: datetime) -> int:
    """The lowest id that something of this moment may have."""
    return (int(moment.timestamp() * 1000) - _EPOCH) << 22


def may_speak(us: Us, settings: DiscordSettings, said: Heard) -> bool:
    """Whether we listen to who said it at all: people, and the bots that the settings name; never ourselves."""
    if not (said.id and said.channel and said.author) or said.author in us.users or said.kind not in _SAID:
        return False
    return not said.bots or bool(said.bots & settings.bots)


def names_us(us: Us, said: Heard) -> bool:
    """Whether it names us, outside of code, or answers a message of ours."""
    if us.ids & {*said.named, *said.roles} and us.ids & set(mentioned(said.text)):
        return True
    if said.replied is None:
        # Of what it answers nothing is left but whom it notifies.
        return bool(said.reply_to and us.users & set(said.named))
    return said.replied.author in us.users


def is_to_another(us: Us, said: Heard) -> bool:
    """Whether it begins with somebody else's name."""
    first = first_mentioned(said.text)
    return bool(first) and first not in us.ids


def words_for_us(us: Us, said: Heard, names: Names) -> tuple[str, bool]:
    """What was said, as a person reads it without our name at its ends, and whether it began with our name."""
    text, began = without_mention(said.text, us.ids)
    ours = dict.fromkeys(us.ids, _US)
    known = Names({**said.named, **ours}, {**names.roles, **ours}, names.channels)
    return _whole(readable(text, known), said), began


def words_of(us: Us, said: Heard, names: Names) -> str:
    """What was said to others, with a line for each file."""
    ours = dict.fromkeys(us.ids, _US)
    known = Names({**names.users, **said.named, **ours}, {**names.roles, **ours}, names.channels)
    files = [f"[file: {file.get('filename') or file.get('id')}]" for file in said.files]
    return "\n".join(filter(None, [_whole(readable(said.text, known), said), *files]))


def _whole(text: str, said: Heard) -> str:
    return "\n".join(filter(None, [text, *said.extras]))


def _is_bot(event: Event, author: Event) -> bool:
    return bool(author.get("bot") or event.get("webhook_id"))


def _object(value: Any) -> Event:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Event]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _forwarded(event: Event) -> list[Event]:
    """Messages from elsewhere that this one carries."""
    return [_object(one.get("message")) for one in _list(event.get("message_snapshots"))]


def _files(event: Event) -> list[Event]:
    carrying = [event, *_forwarded(event)]
    return [file for one in carrying for file in _list(one.get("attachments")) if file.get("id")]


def _extras(event: Event) -> list[str]:
    lines = [f"[sticker: {one.get('name')}]" for one in _list(event.get("sticker_items"))]
    poll = _object(event.get("poll"))
    if poll:
        answers = [_object(one.get("poll_media")).get("text") for one in _list(poll.get("answers"))]
        question = _object(poll.get("question")).get("text")
        lines.append(f"[poll: {question} {' / '.join(str(one) for one in answers if one)}]")
    texts = [readable(str(one.get("content") or "")) for one in _forwarded(event)]
    return [*lines, *("\n".join(f"> {line}" for line in text.splitlines()) for text in texts if text)]
