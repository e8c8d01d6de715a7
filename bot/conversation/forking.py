"""Forks: a new thread, with a conversation that goes on from a message of this one.

The wish is noted before anything is posted, and the first message of the thread carries a key that comes of the wish's
own. So whoever wishes the same again, after a crash in between too, completes that fork and begins no other.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from bot.conversation.answer import Parts
from bot.conversation.letters import inbox_key
from bot.core.errors import PlatformError, SwitchboardError
from bot.core.place import Place
from bot.core.surface import Surface
from bot.core.view import Tone, View
from storage.conversations import Message
from storage.forks import Fork, NewFork
from storage.store import Store

_QUOTED, _NAMED = 300, 60  # characters of the last message and of the title that the thread begins with
_LOOK, _LOOKS = 0.25, 40  # seconds between two looks at what another process has in hand, and how many
_IN_HAND = "This fork is being begun already; look for its thread in a moment."
_MARKUP = str.maketrans(dict.fromkeys("`*_~|<>[]()\\"))


class NoThread(SwitchboardError):
    """The platform opened no thread."""

    say = (
        "No thread could be opened for the fork: I may have no right to write there, or the platform is away. "
        "The conversation here is as it was. Try again later, or ask an admin of this place."
    )


@dataclass(frozen=True, slots=True)
class Forking:
    """A fork that somebody wants.

    ``key`` is that of the click or message; ``page`` is the platform's id of the message where it is ours, so that the
    fork's thread can lead back to it.
    """

    place: Place
    message_id: int
    key: str
    person_id: int
    name: str
    model: str | None = None
    page: str = ""


@dataclass(frozen=True, slots=True)
class Forked:
    """Where it goes on. ``link`` is an address, "" where there is none; ``fresh``: it was not there already.

    ``beside``: in a thread of its own, not in the place itself.
    """

    place: Place
    link: str
    fresh: bool
    beside: bool


class Forks:
    """Makes forks, each once however many want it at the same moment."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def make(self, wanted: Forking) -> Forked:
        """Begin the fork, or complete or find the one of the same key. Raises NoThread and storage's errors."""
        wanted = replace(wanted, key=inbox_key(wanted.place, wanted.key))
        surface = self._parts.surfaces[wanted.place.platform]
        turn = self._turns.setdefault(wanted.key, asyncio.Lock())
        async with turn:
            made, fresh = await self._begun(wanted)
            if made.place is None:
                try:
                    made = await _made(self._parts, surface, wanted, again=not fresh)
                except PlatformError as error:
                    raise NoThread(str(error)) from error
        assert made.place is not None
        place = Place.parse(made.place)
        return Forked(place, surface.link(place), fresh, beside=place != wanted.place)

    async def _begun(self, wanted: Forking) -> tuple[Fork, bool]:
        """The fork as it stands, and whether it is new. Where it is not made yet, it is ours to make from here on."""
        forks, presence = self._parts.store.forks, self._parts.presence
        new = NewFork(
            wanted.key,
            wanted.message_id,
            str(wanted.place),
            wanted.person_id,
            presence.process,
            wanted.model,
        )
        for _ in range(_LOOKS):
            found, fresh = await forks.begin(new)
            if fresh or found.place is not None or found.process == presence.process:
                return found, fresh
            if not presence.lives(found.process) and await forks.take_over(found, presence.process):
                return found, False
            await asyncio.sleep(_LOOK)
        raise NoThread("another process has it in hand", say=_IN_HAND)


async def _made(parts: Parts, surface: Surface, wanted: Forking, *, again: bool) -> Fork:
    """Post the thread's first message, unless it is found to be there, and open the conversation at it."""
    key = f"f{hashlib.sha256(wanted.key.encode()).hexdigest()[:24]}"
    beginning = await surface.beginning(wanted.place, key)
    view = await _opening(parts.store, wanted, surface.link(wanted.place, wanted.page))
    opening = await parts.delivery.send(surface, beginning, view, key, again=again)
    place = await surface.begun(beginning, opening)
    return await parts.store.forks.finish(wanted.key, str(place), opening)


async def _opening(store: Store, wanted: Forking, link: str) -> View:
    """What the thread begins with: where it comes from, and the last that both share."""
    last = (await store.conversations.branch(wanted.message_id))[-1]
    title = _title((await store.conversations.get(last.conversation_id)).title)
    named = f"[{title}]({link})" if link else title
    answers = f" **{wanted.model}** answers." if wanted.model else ""
    text = f"Fork of {named} up to here, begun by {wanted.name}.{answers}"
    return View("\n\n".join(filter(None, [text, _quoted(last)])), tone=Tone.NOTICE)


def _title(title: str) -> str:
    plain = " ".join(title.translate(_MARKUP).split())
    if not plain:
        return "this conversation"
    return f"“{plain}”" if len(plain) <= _NAMED else f"“{plain[: _NAMED - 1]}…”"


def _quoted(message: Message) -> str:
    """How the last message that both share begins, so that people know where they are."""
    words = " ".join(message.text.split())
    if len(words) > _QUOTED:
        words = f"{words[: _QUOTED - 1]}…"
    return f"> {words}" if words else ""
