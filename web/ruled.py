"""Where a model may be used: what each level that has rules says of it, as far as the viewer may see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.calls import access
from bot.calls.access import ALLOWED, DENIED, LOCAL_ONLY, Rule
from bot.conversation.settings import INSTALLATION as EVERYTHING
from bot.core.place import Place
from bot.core.provider import ModelId
from storage.store import Store
from web.levels import Level
from web.places import scope_words
from web.viewer import INSTALLATION, Viewer

_KEYS = (ALLOWED, DENIED, LOCAL_ONLY)


@dataclass(frozen=True, slots=True)
class Ruled:
    """What one level says of a model. ``link`` is where that is changed, "" where it is not the viewer's to change."""

    name: str
    may: bool
    said: str
    link: str


async def ruled(store: Store, viewer: Viewer, workspace: str, model: ModelId) -> list[Ruled]:
    """The levels with rules, wide to narrow: the installation's, a workspace's ("": all), its channels', people's."""
    scopes = {scope for scope, _ in await store.settings.everywhere(_KEYS)}
    levels = await _levels(store, workspace, scopes)
    standing = await access.written(store, [access.Level(level.scope, "there", "") for level in levels])
    rules = {rule.level.scope: rule for rule in standing}
    return [_ruled(level, rules[level.scope], viewer, model) for level in levels if level.scope in rules]


async def _levels(store: Store, workspace: str, scopes: Collection[str]) -> list[Level]:
    """The levels of these scopes, as they are called."""
    found = [Level(INSTALLATION, None, "Everywhere")] if EVERYTHING in scopes else []
    places = sorted(scope.removeprefix("place:") for scope in scopes if scope.startswith("place:"))
    if workspace:
        places = [each for each in places if each == workspace or each.startswith(f"{workspace}/")]
    names = await scope_words(store, places)
    found += [Level(str(place.home), place, names[str(place)]) for place in map(Place.parse, places)]
    ids = {int(scope.removeprefix("person:")) for scope in scopes if scope.startswith("person:")}
    if workspace and ids:
        ids = await store.people.known_in(workspace, ids)
    people = await store.people.names(ids) if ids else {}
    home_ = Place.parse(workspace) if workspace else None
    return found + [Level(workspace, home_, name, id_) for id_, name in sorted(people.items())]


def _ruled(level: Level, rule: Rule, viewer: Viewer, model: ModelId) -> Ruled:
    against = rule.against(model)
    link = f"/defaults/access{level.query}" if viewer.administers(level.workspace) else ""
    _, _, more = against.partition(": ")
    said = more or ("may not be used" if against else "may be used")
    return Ruled(level.name, not against, f"{said}; some are exempt" if rule.exempt else said, link)
