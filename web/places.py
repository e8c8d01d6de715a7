"""Channels and workspaces in words: by their names where those are known, else by their platforms' ids."""

from __future__ import annotations

from collections.abc import Callable, Collection

from starlette.requests import Request

from bot.core.place import Place
from storage.places import channel_of
from storage.store import Store
from web.viewer import INSTALLATION, Viewer, viewer_of, workspace_asked

PLATFORMS = {"web": "This site", "slack": "Slack", "discord": "Discord"}
EVERYTHING = "Everything"


class ChannelName(str):
    """Words for a channel. ``where`` and ``what`` are their parts; ``is_id``: ``what`` is the platform's bare id.

    Pages show an id muted (the macro ``channel`` of ``parts.html``); everywhere else it is plain text.
    """

    __slots__ = ("is_id", "what", "where")

    where: str
    what: str
    is_id: bool

    @classmethod
    def of(cls, where: str, what: str, *, is_id: bool = False) -> ChannelName:
        """Both parts, with a dot between them."""
        made = cls(" · ".join(part for part in (where, what) if part))
        made.where, made.what, made.is_id = where, what, is_id and bool(what)
        return made


async def channel_names(store: Store, channels: Collection[str]) -> dict[str, ChannelName]:
    """Words for channels: "Slack · #general", else the id; on this site, where one is a person's, "This site · Ada"."""
    places = {channel: _parsed(channel) for channel in channels}
    own = [int(p.channel) for p in places.values() if p and p.platform == "web" and p.channel.isdecimal()]
    people = await store.people.names(own) if own else {}
    called = await store.workspaces.channel_names([one for one, p in places.items() if p and p.channel])
    return {
        channel: _words(channel, place, people, called.get(channel, "")) for channel, place in places.items()
    }


async def places_words(
    store: Store, places: Collection[str], direct: Callable[[Place], bool]
) -> dict[str, str]:
    """Where a person's own conversations are: "Slack · #general", a direct message, "this site".

    ``direct`` says whether at a place one person is alone with us.
    """
    channels = {place: channel_of(place) for place in places}
    names = await channel_names(store, set(channels.values()))
    return {place: _own(channel, names[channel], direct) for place, channel in channels.items()}


def _own(channel: str, name: ChannelName, direct: Callable[[Place], bool]) -> str:
    place = Place.parse(channel)
    if place.platform == "web":
        return PLATFORMS["web"].replace("This", "this")
    return f"{name.where} · direct message" if direct(place) else name


def _parsed(channel: str) -> Place | None:
    try:
        return Place.parse(channel)
    except ValueError:
        return None


def _words(channel: str, place: Place | None, people: dict[int, str], name: str) -> ChannelName:
    if place is None:
        return ChannelName.of("", channel or "elsewhere", is_id=bool(channel))
    platform = PLATFORMS.get(place.platform, place.platform.capitalize())
    if name:
        return ChannelName.of(platform, f"#{name}")
    if place.platform == "web" and place.channel.isdecimal() and int(place.channel) in people:
        return ChannelName.of(platform, people[int(place.channel)])
    return ChannelName.of(platform, place.channel, is_id=True)


async def scope_words(store: Store, places: Collection[str]) -> dict[str, str]:
    """Words for workspaces and channels, whichever each is."""
    called, names = dict(await store.people.workspaces()), await channel_names(store, places)
    return {
        each: names[each] if "/" in each else workspace_words(each, called.get(each, "")) for each in places
    }


def workspace_words(workspace_id: str, name: str) -> str:
    """Words for a workspace: "Slack · Acme"; its id stands in where the name is not known."""
    platform, _, own = workspace_id.partition(":")
    if platform == "web":
        return PLATFORMS[platform]
    return f"{PLATFORMS.get(platform, platform)} · {own if name in ('', workspace_id) else name}"


async def workspaces_of(store: Store, viewer: Viewer) -> list[tuple[str, str]]:
    """The workspaces that a viewer may choose from, as id and name; for owners all of them together first."""
    named = await homes_of(store, viewer)
    return [(INSTALLATION, EVERYTHING), *named] if viewer.is_owner else named


async def homes_of(store: Store, viewer: Viewer) -> list[tuple[str, str]]:
    """The same, each of them by itself."""
    known = [(id_, name) for id_, name in await store.people.workspaces() if viewer.administers(id_)]
    return [(id_, workspace_words(id_, name)) for id_, name in known]


async def whom(store: Store, scopes: Collection[str]) -> dict[str, str]:
    """Whom settings and keys at scopes are for, in words; what is for everybody is not in it."""
    places = [scope.removeprefix("place:") for scope in scopes if scope.startswith("place:")]
    people = [int(scope.removeprefix("person:")) for scope in scopes if scope.startswith("person:")]
    words = await scope_words(store, places)
    found = {f"place:{each}": words[each] for each in places}
    known = await store.people.names(people) if people else {}
    return found | {f"person:{one}": f"{known.get(one, f'person {one}')} alone" for one in people}


async def workspace_or_first(request: Request, store: Store) -> str:
    """The workspace that a request asks for; for owners who name none the first that there is."""
    workspace = workspace_asked(request)
    if workspace != INSTALLATION:
        return workspace
    found = [each for each, _ in await homes_of(store, viewer_of(request))]
    # A chat platform's before this site, whose threads are read by one person each.
    return next((each for each in found if not each.startswith("web:")), found[0] if found else "web:main")


def scope_of(workspace: str) -> str:
    """The scope of settings and keys that hold for a workspace, "" for all of them."""
    return f"place:{workspace}" if workspace else "installation"


def workspace_in(scope: str) -> str:
    """The workspace whose admins may change what stands at a scope; "" where only owners may."""
    return scope.removeprefix("place:").partition("/")[0] if scope.startswith("place:") else INSTALLATION
