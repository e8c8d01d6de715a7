"""The page of defaults as it is shown: what each level says, what comes of it, and the forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from bot.calls import pace
from bot.calls.access import ALLOWED, DENIED, LOCAL_ONLY
from bot.commands import describe
from bot.conversation.chains import CHAIN
from bot.conversation.settings import FOLLOW, MODEL, Standing, place_scope
from bot.core.errors import SwitchboardError
from bot.core.place import Place
from storage.settings import Setting
from web.forms import Form
from web.frame import site_page
from web.levels import Level, bare_name, channel_of, level_choices
from web.services import Services

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LEVELS = {
    "channel": "This channel",
    "workspace": "This workspace",
    "installation": "All workspaces",
    "default": "Otherwise",
}
UNLIMITED = "unlimited"  # the word for no limit
_SHOWN = 100  # channels
_RULES = (ALLOWED, DENIED, LOCAL_ONLY)


@dataclass(frozen=True, slots=True)
class Row:
    """What one level says of the model. ``decides``: it is the one that answers here."""

    name: str
    model: str
    about: str
    who: str
    at: str
    decides: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Who set something at the level, and when."""

    who: str
    at: str


@dataclass(frozen=True, slots=True)
class Channel:
    """What the bot does in a channel; "" where nothing was set there."""

    name: str
    query: str
    model: str
    follow: str
    has_rules: bool
    has_chain: bool


class DefaultsShown:
    """Draws a level."""

    def __init__(self, services: Services) -> None:
        self._store, self._tools = services.store, services.commands.tools
        self._named, self._direct = self._tools.registry.named, services.alerts.direct

    async def page(self, request: Request, level: Level, typed: Mapping[str, Form]) -> Response:
        """The page, with what was typed where something is wrong with it."""
        standings = await self._tools.settings.defaults(level.place)
        deciding = next(one for one in standings if one.choice is not None)
        found = await self._store.settings.get_table([level.scope], [MODEL, CHAIN, FOLLOW, pace.REQUESTS])
        here = {key: setting for (_, key), setting in found.items()}
        forms = await self._forms(level, here) | dict(typed)
        return site_page(
            request,
            "defaults.html",
            status=422 if typed else 200,
            level=level,
            places=await level_choices(request, self._store),
            rows=await self._rows(standings, deciding),
            answers=deciding.choice,
            told=await self._told(here),
            is_set={key: key in here for key in (MODEL, CHAIN, FOLLOW, pace.REQUESTS)},
            forms=forms,
            models=[(str(model.id), describe.as_option(model)) for model in self._tools.registry.models()],
            channels=await self._channels(level),
            weekdays=[(str(day), name) for day, name in enumerate(WEEKDAYS)],
            people=await self._people(level),
            usual={"person": pace.PERSON, "workspace": pace.WORKSPACE},
        )

    async def _forms(self, level: Level, here: Mapping[str, Setting]) -> dict[str, Form]:
        chain = here[CHAIN].value if CHAIN in here else None
        chain = chain if isinstance(chain, list) else None
        stands = "" if chain is None else "these" if chain else "off"
        clock = None if level.place is None else await self._store.workspaces.get(level.workspace)
        return {
            "channel": Form(),
            "model": Form.given({"model": here[MODEL].value if MODEL in here else None}),
            "chain": Form.given({"stands": stands, "models": ", ".join(map(str, chain or []))}),
            "follow": Form.given({"follow": here[FOLLOW].value if FOLLOW in here else None}),
            "requests": _requests(level, here.get(pace.REQUESTS)),
            "person": Form(),
            "clock": Form()
            if clock is None
            else Form.given({"time_zone": clock.time_zone, "first_weekday": clock.first_weekday}),
        }

    async def _told(self, here: Mapping[str, Setting]) -> dict[str, Told | None]:
        names = await self._store.people.names({one.set_by for one in here.values() if one.set_by})
        told = {
            key: Told(names.get(one.set_by or 0, "the first start"), _iso(one.set_at))
            for key, one in here.items()
        }
        return {key: told.get(key) for key in (CHAIN, FOLLOW)}

    async def _rows(self, standings: list[Standing], deciding: Standing) -> list[Row]:
        names = await self._store.people.names({one.by for one in standings if one.by is not None})
        return [self._row(one, names, decides=one is deciding) for one in standings]

    def _row(self, one: Standing, names: Mapping[int, str], *, decides: bool) -> Row:
        model = one.value or ""
        who = "" if one.by is None else names.get(one.by, f"person {one.by}")
        return Row(_LEVELS[one.level], model, self._about(one), who, _iso(one.at), decides)

    def _about(self, one: Standing) -> str:
        """What is to know of a level's model; that it is not set up, where it is not."""
        if one.choice is None:
            return ""
        try:
            told = describe.as_option(self._tools.registry.model(one.choice.model))
        except SwitchboardError:
            return "not set up here any more"
        return f"as DEFAULT_MODEL says; {told}" if one.level == "default" and self._named else told

    async def _people(self, level: Level) -> list[tuple[str, int, str]]:
        """Who has a limit of their own: name, id and limit."""
        if level.place is not None:
            return []
        limits = await self._store.settings.of_people(pace.REQUESTS)
        names = await self._store.people.names(set(limits))
        return sorted(
            (names[one], one, UNLIMITED if limit.value is None else str(limit.value))
            for one, limit in limits.items()
            if one in names
        )

    async def _channels(self, level: Level) -> list[Channel]:
        """The channels of a workspace in which something was said or set. Direct messages are not among them."""
        if level.place is None or level.is_channel:
            return []
        used = await self._store.workspaces.channels(level.workspace)
        keys = [MODEL, FOLLOW, CHAIN, *_RULES]
        table = await self._store.settings.beneath(level.scope, keys)
        set_ = [scope.removeprefix("place:") for scope, _ in table]
        found = [channel_of(level.place, channel) for channel in dict.fromkeys([*set_, *used])]
        shared = [place for place in found if place is not None and not self._direct(place)]
        shown = shared[:_SHOWN]
        names = await self._store.workspaces.channel_names([str(place) for place in shown])
        return [_channel(level, place, table, names.get(str(place), "")) for place in shown]


def _requests(level: Level, setting: Setting | None) -> Form:
    if setting is None:
        return Form()
    kinds = setting.value if level.place is None else {"workspace": setting.value}
    if not isinstance(kinds, dict):
        return Form()
    return Form.given({kind: UNLIMITED if number is None else number for kind, number in kinds.items()})


def _channel(level: Level, place: Place, table: Mapping[tuple[str, str], Setting], name: str) -> Channel:
    said = {
        key: table[place_scope(place), key].value
        for key in (MODEL, FOLLOW)
        if (place_scope(place), key) in table
    }
    return Channel(
        bare_name(place, name),
        Level(level.workspace, place, "").query,
        str(said.get(MODEL, "")),
        str(said.get(FOLLOW, "")),
        any((place_scope(place), key) in table for key in _RULES),
        (place_scope(place), CHAIN) in table,
    )


def _iso(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds")
