"""What stands at levels beneath one: in workspaces and channels, and for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core.place import Place
from storage.store import Store
from web.levels import Level
from web.places import scope_words


@dataclass(frozen=True, slots=True)
class Beneath:
    """A level at which something stands. ``query`` names it in an address, with the question mark."""

    name: str
    kind: str
    query: str


async def narrower(store: Store, level: Level, keys: Sequence[str]) -> list[Beneath]:
    """The levels right beneath one at which one of these settings stands: workspaces or channels, then people."""
    if level.is_channel or level.person is not None:
        return []
    scopes = {scope for scope, _ in await store.settings.everywhere(keys)}
    places = {_parsed(scope) for scope in scopes if scope.startswith("place:")} - {None}
    people = {int(scope.removeprefix("person:")) for scope in scopes if scope.startswith("person:")}
    return [*await _places(store, level, places), *await _people(store, level, people)]


def _parsed(scope: str) -> Place | None:
    try:
        return Place.parse(scope.removeprefix("place:"))
    except ValueError:
        return None


async def _places(store: Store, level: Level, places: set[Place | None]) -> list[Beneath]:
    known = [place for place in places if place is not None]
    if level.place is None:
        kind, beneath = "workspace", {place.home for place in known}
    else:
        kind, beneath = "channel", {place for place in known if place.home == level.place and place.channel}
    found = sorted(beneath, key=str)
    names = await scope_words(store, [str(place) for place in found])
    return [Beneath(names[str(place)], kind, _query(level, place)) for place in found]


def _query(level: Level, place: Place) -> str:
    return replace(level, workspace=str(place.home), place=place).query


async def _people(store: Store, level: Level, people: set[int]) -> list[Beneath]:
    if level.place is not None and people:
        people = await store.people.known_in(level.workspace, people)
    names = await store.people.names(people) if people else {}
    found = sorted(names.items(), key=lambda one: one[1].lower())
    return [Beneath(name, "person", replace(level, person=id_).query) for id_, name in found]
