"""Which level a page of defaults is about: the installation, a workspace, a channel of one, or a person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.conversation.settings import INSTALLATION as EVERYTHING
from bot.conversation.settings import person_scope, place_scope
from bot.core.place import Place, Scope
from storage.store import Store
from web.places import ChannelName
from web.viewer import INSTALLATION, viewer_of, workspace_asked

_PLATFORMS = {"web": "This site", "slack": "Slack", "discord": "Discord"}
_LONGEST = 200  # characters of a place
_EVERYWHERE = "All workspaces"
CHANNEL_WRONG = "That is no channel of this workspace: paste its id alone, such as C0123456789."
_CHANNEL = "A channel is asked for by its id, within its workspace."
_PERSON = "Nobody of that number is known there."
_MOST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Level:
    """A level. ``workspace`` "" is the installation; ``place`` is the workspace or channel, None for all of them.

    ``person`` is whom it is about, wherever they are; ``workspace`` then is from where they are looked at.
    """

    workspace: str
    place: Place | None
    name: str
    person: int | None = None
    home: str = ""  # what its workspace is called, of a channel or person

    @property
    def is_channel(self) -> bool:
        """Whether it is a channel."""
        return self.place is not None and self.place.scope is Scope.CHANNEL

    @property
    def kind(self) -> str:
        """What it is, as one says "this channel"."""
        if self.person is not None:
            return "person"
        return "installation" if self.place is None else str(self.place.scope)

    @property
    def scope(self) -> str:
        """Where its settings stand."""
        if self.person is not None:
            return person_scope(self.person)
        return EVERYTHING if self.place is None else place_scope(self.place)

    @property
    def query(self) -> str:
        """What names it in an address, with the question mark."""
        named = {"workspace": self.workspace}
        if self.is_channel:
            named["channel"] = str(self.place)
        if self.person is not None:
            named["person"] = str(self.person)
        return f"?{urlencode(named)}"

    @property
    def wider(self) -> Level:
        """The workspace of a channel, or that a person is looked at from; any other level is itself."""
        if self.person is not None and self.place is None:
            return Level(INSTALLATION, None, _EVERYWHERE)
        if self.place is None or not (self.is_channel or self.person is not None):
            return self
        return Level(self.workspace, self.place.home, self.home or _named(self.workspace))


async def level_asked(request: Request, store: Store, *, people: bool = False) -> Level:
    """The level that a request names (``?workspace=&channel=``, where ``people`` may be named also ``&person=``).

    403 where the workspace is not the viewer's to change, 404 where there is no such workspace, channel or person.
    """
    workspace = workspace_asked(request)
    level = Level(INSTALLATION, None, _EVERYWHERE)
    if workspace != INSTALLATION:
        known = await store.workspaces.get(workspace) if workspace.isprintable() else None
        if known is None:
            raise HTTPException(404)
        level = Level(workspace, Place.parse(workspace), _named(workspace, known.name))
    if (person := request.query_params.get("person", "").strip()) and people:
        return await _persons(store, level, person)
    channel = request.query_params.get("channel", "").strip()
    if person or (channel and level.place is None):
        raise HTTPException(404)
    if not channel or level.place is None:
        return level
    place = channel_of(level.place, channel)
    if place is None:
        raise HTTPException(404, _CHANNEL)
    name = (await store.workspaces.channel_names([str(place)])).get(str(place), "")
    return Level(workspace, place, bare_name(place, name), home=level.name)


def bare_name(place: Place, name: str) -> ChannelName:
    """What a channel is called within its workspace; ``name`` is its platform's, "" where that is not known."""
    return ChannelName.of("", f"#{name}") if name else ChannelName.of("", place.channel, is_id=True)


async def _persons(store: Store, level: Level, person: str) -> Level:
    """The level of a person, who is known in the workspace where it is one."""
    id_ = int(person) if person.isascii() and person.isdecimal() and len(person) < 20 else 0
    found = await store.people.get(id_) if 0 < id_ <= _MOST_ID else None
    if found is None or (level.place and not await store.people.known_in(level.workspace, [id_])):
        raise HTTPException(404, _PERSON)
    return replace(level, name=found.name, person=found.id, home=level.name)


def channel_of(home: Place, typed: str) -> Place | None:
    """The channel of a workspace that is named, by its place or by the platform's id alone; None where it is none."""
    if len(typed) > _LONGEST:
        return None
    try:
        place = Place.parse(typed) if ":" in typed else replace(home, channel=typed)
    except ValueError:
        return None
    return place if place.home == home and place.scope is Scope.CHANNEL else None


async def level_choices(request: Request, store: Store) -> list[tuple[str, str]]:
    """The workspaces that the viewer may change, as pairs of id and name; owners have the installation before them."""
    viewer = viewer_of(request)
    known = [(each, _named(each, name)) for each, name in await store.people.workspaces()]
    mine = [(each, name) for each, name in known if viewer.administers(each)]
    return [(INSTALLATION, _EVERYWHERE), *mine] if viewer.is_owner else mine


def _named(workspace: str, name: str = "") -> str:
    platform, _, own = workspace.partition(":")
    said = _PLATFORMS.get(platform, platform)
    return said if platform == "web" else f"{said}, {name or own}"
