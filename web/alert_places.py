"""Where the alerts of a workspace may go, in words: its channels, and who asks in private."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from bot.core.place import Place
from storage.people import Person
from storage.store import Store
from web.chat import PLATFORM
from web.levels import CHANNEL_WRONG, channel_of
from web.places import ChannelName, channel_names

_THREADS = 20  # of a person, that are offered on the site
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")  # of a channel, as platforms write them
_NO_THREAD = "Choose one of your threads."
_NOT_YOURS = "These are the direct messages of somebody else. They say /alerts me there themselves."


@dataclass(frozen=True, slots=True)
class Rooms:
    """What may be added, as pairs of what is typed and words for it.

    ``own`` are places where who asks is alone with us.
    ``chosen``: one of these has to be chosen, since nobody knows their ids by heart.
    """

    home: Place
    offered: tuple[tuple[str, str], ...]
    own: frozenset[str]
    chosen: bool


class AlertPlaces:
    """``direct`` says whether at a place one person is alone with us."""

    def __init__(self, store: Store, direct: Callable[[Place], bool]) -> None:
        self._store, self._direct = store, direct

    async def rooms(self, workspace: str, person: Person) -> Rooms:
        """Where somebody may let alerts of a workspace go to."""
        home = Place.parse(workspace)
        if home.platform == PLATFORM:
            threads = await self._threads(person.id)
            return Rooms(home, tuple(threads.items()), frozenset(threads), True)
        last = [Place.parse(place) for place in await self._store.places.last_places(person.id)]
        alone = [replace(one, thread="") for one in last if one.home == home and self._direct(one)]
        own = {str(one): (one.channel, "you, in private") for one in alone}
        channels = [Place.parse(one) for one in await self._store.workspaces.channels(workspace)]
        shared = [one for one in channels if not self._direct(one)]
        names = await channel_names(self._store, [str(one) for one in shared])
        offered = [*own.values(), *((one.channel, names[str(one)]) for one in shared)]
        return Rooms(home, tuple(offered), frozenset(own), False)

    async def names(self, places: Collection[str], person: Person) -> dict[str, str]:
        """Words for places: a person's own threads on the site by their titles, anything else by its channel."""
        threads = await self._threads(person.id)
        names = await channel_names(self._store, places)
        return {
            place: f"{name} · {threads[place]}" if place in threads else self._alone(place, name)
            for place, name in names.items()
        }

    def meant(self, rooms: Rooms, typed: str) -> str:
        """The place that was typed. Raises ValueError with what is wrong."""
        if rooms.chosen:
            if typed not in rooms.own:
                raise ValueError(_NO_THREAD)
            return typed
        place = channel_of(rooms.home, typed)
        if place is None or not _ID.fullmatch(place.channel):
            raise ValueError(CHANNEL_WRONG)
        if self._direct(place) and str(place) not in rooms.own:
            raise ValueError(_NOT_YOURS)
        return str(place)

    def _alone(self, place: str, name: ChannelName) -> ChannelName:
        parsed = Place.parse(place)
        if parsed.platform == PLATFORM or not self._direct(parsed):
            return name
        return ChannelName.of(name.where, f"{name.what}, in private", is_id=name.is_id)

    async def _threads(self, person_id: int) -> dict[str, str]:
        found = await self._store.conversations.list_for_person(person_id, PLATFORM, _THREADS)
        return {one.place: one.title or "A thread without a title" for one in reversed(found)}
