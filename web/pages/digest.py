"""A workspace's digests: where and when they come, what they tell, how the next would read, what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.commands.digest import NOW, Wish, described
from bot.conversation.settings import place_scope
from bot.core.place import Place
from bot.core.view import View
from bot.workbench.schedule import DAYS, PARTS, SETTING, Schedule, Slot, newest_ever
from storage.audit import noting
from storage.tasks import NewTask
from web.auth import person_of
from web.forms import Form
from web.frame import done, site_page
from web.markdown import render
from web.places import channel_names, homes_of, workspace_or_first
from web.services import Services
from web.viewer import admins, viewer_of

EVERY = (("week", "Every week"), ("month", "Every month, on the first"), ("day", "Every day"))
_ABOUT = (("workspace", "the whole workspace"), ("channel", "this channel only"))
_TOLD = {"due": "on its way", "sent": "sent", "failed": "not sent"}


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel that digests may come to; ``when`` is "" where none does."""

    place: str
    name: str
    when: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What a request looks at: a workspace, the digests that come to its channels, and one channel ("" for none)."""

    workspace: str
    known: Mapping[str, Schedule]
    channel: str

    @property
    def schedule(self) -> Schedule:
        """The channel's; the usual one where none is set."""
        return self.known.get(self.channel) or Schedule(datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Sent:
    """A digest of the past."""

    channel: str
    state: str
    said: str
    at: str


class DigestPage:
    """GET shows, POST sets, sends or turns off. Everything is of one workspace, which its admins see."""

    def __init__(self, services: Services) -> None:
        self._store, self._tools = services.store, services.commands.tools

    def routes(self) -> list[Route]:
        """The routes of this page."""
        return [
            Route("/digest", admins(self.show), methods=["GET"]),
            Route("/digest", admins(self.set), methods=["POST"]),
            Route("/digest/picture", admins(self.picture), methods=["GET"]),
            Route("/digest/send", admins(self.send), methods=["POST"]),
            Route("/digest/off", admins(self.off), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The channels, and the one that is looked at with its preview."""
        looked = await self._looked(request)
        return await self._page(request, looked, _form(looked.known.get(looked.channel)))

    async def set(self, request: Request) -> Response:
        """Set when a digest comes to a channel, and what it tells."""
        looked = await self._at_a_channel(request)
        form = await Form.of(request)
        schedule = _scheduled(form)
        if not form.is_right:
            return await self._page(request, looked, form, status=422)
        scope, value = place_scope(Place.parse(looked.channel)), schedule.to_json()
        with noting() as made:
            await self._store.settings.set(scope, SETTING, value, person_of(request).id)
        return done(_path(looked), f"A digest comes there {schedule.words}.", undo=made)

    async def picture(self, request: Request) -> Response:
        """The chart of the preview."""
        looked = await self._at_a_channel(request)
        slot = await self._slot(looked.workspace, looked.schedule)
        drawn = await self._tools.digests.drawn(Place.parse(looked.channel), looked.schedule, slot.day)
        if drawn is None:
            raise HTTPException(404)
        return Response(drawn.png, media_type="image/png")

    async def send(self, request: Request) -> Response:
        """Send the last one that was due to the channel now."""
        looked = await self._at_a_channel(request)
        schedule = looked.schedule
        slot = await self._slot(looked.workspace, schedule)
        wish = Wish(looked.channel, schedule, slot.day)
        await self._tools.tasks.start(NewTask(NOW, wish.to_json()), by=person_of(request).id)
        return done(
            _path(looked), "The digest is on its way to that channel; what becomes of it stands below."
        )

    async def off(self, request: Request) -> Response:
        """Let no digest come to a channel any more."""
        looked = await self._at_a_channel(request)
        scope = place_scope(Place.parse(looked.channel))
        with noting() as made:
            await self._store.settings.clear(scope, SETTING, person_of(request).id)
        return done(_path(looked), "No digest comes there any more.", undo=made)

    async def _page(self, request: Request, looked: Looked, form: Form, status: int = 200) -> Response:
        workspace, known, channel = looked.workspace, looked.known, looked.channel
        view, chart = await self._preview(request, looked) if channel else (None, "")
        listed = [*dict.fromkeys((*known, *await self._store.workspaces.channels(workspace)))]
        names = await channel_names(self._store, [*listed, *([channel] if channel else [])])
        zone, _ = await self._store.reports.calendar(workspace)
        return site_page(
            request,
            "digest.html",
            status,
            places=await homes_of(self._store, viewer_of(request)),
            workspace=workspace,
            channel=channel,
            named=names.get(channel, channel),
            channels=[
                Channel(each, names[each], known[each].words if each in known else "") for each in listed
            ],
            form=form,
            zone=zone,
            set_up=channel in known,
            parts_of_it=[(part, part in _parts(form)) for part in PARTS],
            every=EVERY,
            days=[(str(number), day.capitalize()) for number, day in enumerate(DAYS)],
            about=_ABOUT,
            told=described(known[channel]) if channel in known else "",
            preview=None if view is None else Markup(render(view.text)),  # noqa: S704 - our own renderer
            picture={"url": f"/digest/picture?{_query(looked)}", "alt": chart} if chart else None,
            sent=await self._sent([*known, channel], names),
        )

    async def _sent(self, channels: Sequence[str], names: Mapping[str, str]) -> list[Sent]:
        rows = await self._store.sendings.latest(channels, 20)
        return [
            Sent(
                names.get(row.target, row.target),
                _TOLD.get(row.state, row.state),
                row.said,
                (row.sent_at or row.due_at).isoformat(timespec="seconds"),
            )
            for row in rows
        ]

    async def _preview(self, request: Request, looked: Looked) -> tuple[View, str]:
        """What would be sent now, and what its picture shows.

        The words of a channel stay there, but for those that the viewer may read.
        """
        slot = await self._slot(looked.workspace, looked.schedule)
        place, reader = Place.parse(looked.channel), person_of(request).id
        return await self._tools.digests.preview(place, looked.schedule, slot.at, slot.day, reader=reader)

    async def _slot(self, workspace: str, schedule: Schedule) -> Slot:
        zone, _ = await self._store.reports.calendar(workspace)
        return newest_ever(schedule, zone, datetime.now(UTC))

    async def _looked(self, request: Request) -> Looked:
        """What is asked for: a channel of the workspace, else the first that has a digest; 404 for another's."""
        workspace = await workspace_or_first(request, self._store)
        known = await self._known(workspace)
        asked = request.query_params.get("channel")
        if asked is None:
            return Looked(workspace, known, next(iter(known), ""))
        if not (channel := _within(asked, workspace)):
            raise HTTPException(404)
        return Looked(workspace, known, channel)

    async def _at_a_channel(self, request: Request) -> Looked:
        looked = await self._looked(request)
        if not looked.channel:
            raise HTTPException(404)
        return looked

    async def _known(self, workspace: str) -> dict[str, Schedule]:
        found = await self._store.settings.of_key(SETTING)
        scopes = {scope.removeprefix("place:"): setting for scope, setting in found.items()}
        return {
            place: Schedule.from_json(setting.value)
            for place, setting in scopes.items()
            if place.startswith(f"{workspace}/")
        }


def _within(channel: str, workspace: str) -> str:
    """The channel, if it is one of the workspace; else ""."""
    try:
        place = Place.parse(channel)
    except ValueError:
        return ""
    return str(place) if place.channel and str(place.home) == workspace else ""


def _query(looked: Looked) -> str:
    return urlencode({"workspace": looked.workspace, "channel": looked.channel})


def _path(looked: Looked) -> str:
    return f"/digest?{_query(looked)}"


def _form(schedule: Schedule | None) -> Form:
    made = schedule or Schedule(datetime.now(UTC))
    values: dict[str, Any] = {
        "every": made.every,
        "weekday": made.weekday,
        "at": f"{made.hour:02}:{made.minute:02}",
        "about": made.about,
        "names": "yes" if made.names else "",
    }
    return Form.given(values | {f"part-{part}": "yes" for part in made.parts})


def _parts(form: Form) -> tuple[str, ...]:
    return tuple(part for part in PARTS if form[f"part-{part}"])


def _scheduled(form: Form) -> Schedule:
    """What was typed as a schedule; what is wrong stands at its field."""
    made = Schedule(datetime.now(UTC), names=bool(form["names"]), parts=_parts(form))
    if form["every"] not in dict(EVERY):
        form.refuse("every", "Choose how often.")
    if form["about"] not in dict(_ABOUT):
        form.refuse("about", "Choose whose use it tells of.")
    if form["weekday"] not in [str(number) for number in range(len(DAYS))]:
        form.refuse("weekday", "Choose a day of the week.")
    hour, colon, minute = form["at"].partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60):
        form.refuse("at", "Write a time of the day, like 09:00.")
    if not form.is_right:
        return made
    return replace(
        made,
        every=form["every"],
        about=form["about"],
        weekday=int(form["weekday"]),
        hour=int(hour),
        minute=int(minute),
    )
