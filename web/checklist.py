"""What a new installation still needs: a list that turns green, and at whose end the front door is the chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from bot.workbench.schedule import SETTING as DIGEST
from web.places import channel_names, workspace_in
from web.services import Services
from web.viewer import Viewer

SKIPPED = "start.skipped"
"""The installation's setting: ids of items that are not wanted, as a list of texts."""
_INSTALLATION = "installation"


@dataclass(frozen=True, slots=True)
class State:
    """How an item stands; ``words`` say what is there, or what is wrong."""

    done: bool
    words: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do. Its part of the page is ``start_<id>.html``. ``optional``: it may be declined."""

    id: str
    title: str
    look: Callable[[Services, Viewer], Awaitable[State]]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """An item as it stands."""

    item: Item
    state: State
    skipped: bool

    @property
    def is_green(self) -> bool:
        """Whether nothing is left to do."""
        return self.state.done or self.skipped


async def _model(services: Services, _: Viewer) -> State:
    names = [row.name for row in services.models.registry.configured() if row.wire != "demo"]
    return State(bool(names), ", ".join(names) or "Only the demo answers so far.")


async def _platform(platform: str, services: Services, _: Viewer) -> State:
    desk = services.platforms.get(platform)
    words = None if desk is None else desk.connected()
    return State(words == "ok", "Connected." if words == "ok" else words or "Not connected.")


async def _digest(services: Services, viewer: Viewer) -> State:
    """Of the workspaces that the viewer administers."""
    scopes = {scope for scope, _ in await services.store.settings.everywhere([DIGEST])}
    places = sorted(
        scope.removeprefix("place:") for scope in scopes if viewer.administers(workspace_in(scope))
    )
    names = await channel_names(services.store, places)
    return State(bool(places), ", ".join(names[place] for place in places) or "No channel gets one.")


async def _message(services: Services, _: Viewer) -> State:
    said = await services.store.conversations.any()
    return State(said, "Something was said." if said else "Nothing was said yet.")


ITEMS = (
    Item("model", "A model that answers", _model),
    Item("slack", "Slack", partial(_platform, "slack"), optional=True),
    Item("discord", "Discord", partial(_platform, "discord"), optional=True),
    Item("digest", "A digest", _digest, optional=True),
    Item("message", "A first message", _message),
)


async def steps(services: Services, viewer: Viewer) -> list[Step]:
    """Every item as it stands, as far as a viewer may know."""
    skipped = await skips(services)
    return [
        Step(item, await item.look(services, viewer), item.optional and item.id in skipped) for item in ITEMS
    ]


async def skips(services: Services) -> list[str]:
    """The ids of what was declined."""
    found = await services.store.settings.get_many([_INSTALLATION], SKIPPED)
    value = found[_INSTALLATION].value if found else []
    return [str(each) for each in value] if isinstance(value, list) else []


async def decline(services: Services, item: str, *, wanted: bool, by: int) -> None:
    """Decline an item, or take that back. Audited."""
    rest = [each for each in await skips(services) if each != item]
    await services.store.settings.set(_INSTALLATION, SKIPPED, rest if wanted else [*rest, item], by)


async def is_green(services: Services, viewer: Viewer) -> bool:
    """Whether nothing is left to do."""
    return all(step.is_green for step in await steps(services, viewer))
