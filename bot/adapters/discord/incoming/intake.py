"""What is said in Discord, on its way to the inbox; live or made up for, it goes the same way.

Everything here may be asked twice with the same message, by this process or another. StorageDown and PlatformDown pass
through: then nothing was kept, and the same is to be asked again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol
from urllib.parse import quote

from bot.adapters.discord.bots import Bot, Bots
from bot.adapters.discord.hooks import Commands, Event, Words
from bot.adapters.discord.incoming.addressed import (
    PLATFORM,
    Heard,
    Us,
    Where,
    called,
    heard,
    is_to_another,
    key_of,
    may_speak,
    names_us,
    words_for_us,
)
from bot.adapters.discord.incoming.marks import Marks
from bot.adapters.discord.incoming.overheard import Thread, handed_on, line
from bot.adapters.discord.incoming.wording import Names, channels_in
from bot.adapters.discord.outgoing import files
from bot.adapters.discord.outgoing.calls import call
from bot.adapters.discord.outgoing.surface import DiscordSurface
from bot.adapters.discord.settings import Answers, DiscordSettings
from bot.commands.command import Desk
from bot.commands.orders import Recent
from bot.commands.reactions import Reacted, Reactions, wish_of
from bot.conversation.engine import Engine
from bot.conversation.settings import Settings
from bot.core.background import Background
from bot.core.errors import PlatformError
from bot.core.message import Author, Incoming, Overheard, Promised, Said
from bot.core.place import Place
from storage.store import Store

log = logging.getLogger(__name__)

_SEEN = quote("👀")  # the sign on a message that has to wait for the answer before it
_HELP = "/help"
_SIGNS = 30.0  # seconds in which the same sign by the same person is the same event
_JUST = timedelta(
    minutes=10
)  # an edit this old is no news: Discord tells it with every change of the message


class Atlas(Protocol):
    """What a bot's connection knows of servers; see ``gateway.Gateway``."""

    async def where(self, guild: str, channel: str) -> Where | None: ...

    def role(self, guild: str) -> str: ...

    def names(self, guild: str, roles: Iterable[str], channels: Iterable[str]) -> Names: ...

    def server(self, guild: str) -> str: ...


class Intake:
    """Takes messages, their changes and deletions, that one of our bots is told of."""

    def __init__(
        self,
        settings: DiscordSettings,
        *,
        bots: Bots,
        store: Store,
        engine: Engine,
        widening: Settings,
        desk: Desk,
        surface: DiscordSurface,
        commands: Commands,
        marks: Marks,
        background: Background,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings, self._bots, self._store, self._engine = settings, bots, store, engine
        self._widening, self._desk, self._surface, self._commands = widening, desk, surface, commands
        self._marks, self._background, self._now = marks, background, now
        self._thread = Thread(engine, self._is_command)
        self._names: dict[str, str] = {}  # of channels that something was said in
        self._reactions, self._signs = Reactions(store, engine), Recent()

    async def message(self, bot: Bot, atlas: Atlas, event: Event, guild: str = "") -> None:
        """Something was said."""
        said = heard(event, guild)
        where = await atlas.where(said.guild, said.channel)
        if where is not None:
            await self._said(bot, atlas, where, said)
            self._marks.seen(str(where.place), said.id)

    async def changed(self, bot: Bot, atlas: Atlas, event: Event) -> None:
        """A message reads otherwise now; previews of links and the like come as changes too."""
        said, us = heard(event), self._us(atlas, event)
        if not said.edited or not may_speak(us, self._settings, said):
            return
        text, _ = words_for_us(us, said, _named(atlas, said))
        known = await self._engine.amend(_home(said.guild), said.key, text, said.author)
        if known or said.direct or not names_us(us, said) or not self._is_new(said):
            return
        where = await atlas.where(said.guild, said.channel)
        if where is not None:
            await self._said(bot, atlas, where, said)

    async def gone(self, event: Event) -> None:
        """Messages were deleted."""
        home, channel = _home(str(event.get("guild_id") or "")), str(event.get("channel_id"))
        for message in event.get("ids") or [event.get("id")]:
            await self._engine.withdraw(home, key_of(channel, str(message)))

    async def reacted(self, event: Event, *, added: bool) -> None:
        """A sign was put beneath a message, or taken back; what other bots think is nothing to us."""
        member, emoji = event.get("member") or {}, event.get("emoji") or {}
        user, wish = str(event.get("user_id")), wish_of(str(emoji.get("name") or ""))
        is_bot = bool((member.get("user") or {}).get("bot")) and user not in self._settings.bots
        ours = {bot.user_id for bot in self._bots}
        if wish is None or emoji.get("id") or is_bot or user in ours:
            return
        guild, message = str(event.get("guild_id") or ""), str(event.get("message_id"))
        sign = (message, user, wish, added)
        if not self._signs.is_new(sign, self._now().timestamp(), _SIGNS):
            return  # told again after a connection that broke
        name = called(member.get("user") or {}, member)
        await self._reactions.take(Reacted(_home(guild), message, user, wish, added, name=name))

    def _us(self, atlas: Atlas, event: Event | Heard) -> Us:
        guild = event.guild if isinstance(event, Heard) else str(event.get("guild_id") or "")
        role = atlas.role(guild)
        return Us(frozenset(bot.user_id for bot in self._bots), frozenset({role} if role else ()))

    async def _said(self, bot: Bot, atlas: Atlas, where: Where, said: Heard) -> None:
        us = self._us(atlas, said)
        for_us = names_us(us, said)
        if not may_speak(us, self._settings, said) or not (where.parent or said.direct or for_us):
            return
        place = await self._place(where, said, us)
        inside = said.direct or await self._store.conversations.current(str(place)) is not None
        command = self._line(us, where, said, inside=inside)
        if command is not None:
            await self._run(bot, place, said, command, inside=inside)
        elif said.direct or for_us or (inside and await self._follows(us, place, said)):
            await self._receive(bot, atlas, where, said, place, begun=inside)
        elif inside:
            self._thread.passed(place)

    async def _place(self, where: Where, said: Heard, us: Us) -> Place:
        """A thread, or the one that the message will have; where answers are replies, the chain that it goes on."""
        if where.parent or said.direct:
            return where.place
        ours = said.replied is not None and said.replied.author in us.users
        if said.reply_to and (ours or self._settings.answers is Answers.REPLY):
            found = await self._engine.place_of(where.place, _followed(us, said))
            if found is not None:
                return found
        return Place(where.place.platform, where.place.workspace, said.channel, said.id)

    def _line(self, us: Us, where: Where, said: Heard, *, inside: bool) -> str | None:
        """The command that it is. A bare mention asks for help, unless there is something to look at."""
        text, began = words_for_us(us, said, Names())
        if said.files or not (inside or began):
            return None
        if not text and not where.parent and not said.reply_to:
            return _HELP
        return self._desk.line_of(text, mentioned=began, in_conversation=inside)

    def _is_command(self, text: str) -> bool:
        return self._desk.line_of(text, mentioned=False, in_conversation=True) is not None

    async def _run(self, bot: Bot, place: Place, said: Heard, command: str, *, inside: bool) -> None:
        self._surface.note_asked(place, bot, said.channel, said.id, command)
        words = Words(bot, place, said.channel, said.id, said.author, said.name, command, inside)
        await self._commands.words(words)

    async def _follows(self, us: Us, place: Place, said: Heard) -> bool:
        return not is_to_another(us, said) and await self._widening.follows(place)

    async def _receive(
        self, bot: Bot, atlas: Atlas, where: Where, said: Heard, place: Place, *, begun: bool
    ) -> None:
        us = self._us(atlas, said)
        text, _ = words_for_us(us, said, _named(atlas, said))
        overheard = await self._overheard(bot, atlas, where, said, place, begun=begun)
        self._surface.note_asked(place, bot, said.channel, said.id, text)
        received = await self._engine.receive(
            Incoming(
                key=said.key,
                place=place,
                author=Author(said.author, said.name),
                what=Said(
                    text,
                    promised=_promised(said),
                    overheard=overheard,
                    in_reply_to=_followed(us, said) if said.reply_to else "",
                ),
                sent_at=said.sent_at,
            )
        )
        self._thread.received(place, said)
        self._called(atlas, where)
        if received.fresh and place.thread == said.id:
            self._background.start(self._surface.prepare(place), "a thread")
        if received.fresh and received.busy:
            self._background.start(_mark(bot, said), "a sign on a message")

    def _called(self, atlas: Atlas, where: Where) -> None:
        """Keep what a channel and its server are called, as the connection knows it anyway, where it is new."""
        channel = where.parent or where.channel
        name = atlas.names(where.guild, (), [channel]).channels.get(channel, "") if where.guild else ""
        if name and self._names.get(channel) != name:
            self._names[channel] = name
            place, server = str(Place(PLATFORM, where.guild, channel)), atlas.server(where.guild)
            self._background.start(self._store.workspaces.note_names(place, name, server), "a channel's name")

    async def _overheard(
        self, bot: Bot, atlas: Atlas, where: Where, said: Heard, place: Place, *, begun: bool
    ) -> tuple[Overheard, ...]:
        """What was said to others: in the thread, where it is not ours to answer all of it, and in what is answered."""
        us, name = self._us(atlas, said), partial(_named, atlas)
        lines: list[tuple[str, Overheard]] = []
        if where.parent and not await self._heard_all(place, begun=begun):
            lines = await self._thread.before(bot, us, said, place, name)
        replied = said.replied
        if replied is not None and replied.id not in {id_ for id_, _ in lines}:
            ours = replied.author in us.users
            known = ours or await self._engine.known(place, [replied.key])
            if not (begun and known):
                lines.insert(0, (replied.id, line(us, replied, name)))
        return handed_on(lines)

    async def _heard_all(self, place: Place, *, begun: bool) -> bool:
        return begun and not self._thread.has_passed(place) and await self._widening.follows(place)

    def _is_new(self, said: Heard) -> bool:
        try:
            edited = datetime.fromisoformat(said.edited)
        except ValueError:
            return False
        return edited.tzinfo is not None and self._now() - edited < _JUST


async def _mark(bot: Bot, said: Heard) -> None:
    path = f"/channels/{said.channel}/messages/{said.id}/reactions/{_SEEN}/@me"
    try:
        await call(bot, "PUT", path, what="create reaction", budget="")
    except PlatformError as error:
        log.info("a message could not be marked as seen: %s", error)


def _home(guild: str) -> Place:
    return Where(guild, "").home


def _named(atlas: Atlas, said: Heard) -> Names:
    return atlas.names(said.guild, said.roles, channels_in(said.text))


def _followed(us: Us, said: Heard) -> str:
    """The message that is answered, as ``Said.in_reply_to`` names it."""
    ours = said.replied is not None and said.replied.author in us.users
    return said.reply_to if ours else key_of(said.channel, said.reply_to)


def _promised(said: Heard) -> tuple[Promised, ...]:
    return tuple(_file(said, file) for file in said.files)


def _file(said: Heard, file: Event) -> Promised:
    size, id_ = file.get("size"), str(file["id"])
    return Promised(
        name=str(file.get("filename") or id_),
        media_type=str(file.get("content_type") or ""),
        size=size if isinstance(size, int) else 0,
        ref=files.ref(said.channel, said.id, id_, str(file.get("url") or "")),
    )
