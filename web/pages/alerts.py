"""Alerts of a workspace: where they go, which are told, and what was told lately."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Path

from bot.workbench.alerting import KINDS, MOST, SETTING, Route, is_address, try_out
from storage.audit import noting
from web.alert_places import AlertPlaces, Rooms
from web.auth import person_of
from web.forms import Form
from web.frame import done, site_page
from web.limits import Attempts
from web.places import homes_of, scope_of, workspace_or_first, workspace_words
from web.services import Services
from web.told import Told, is_about, kind_choices, told
from web.viewer import admins, viewer_of

PATH = "/operations/alerts"
_LATELY = 30  # lines of what was told
_OWNERS = "An owner lets alerts of the whole installation go there too, so only an owner takes that back."
_TESTS = 5  # in ten minutes, of one workspace: each goes to as many as twenty, and mail to anybody
_TESTED = "A few tests went out just now. Wait ten minutes, then send another."
_ADDS = "Alerts of the whole installation come here too, so only an owner adds to where they go."
_GONE = "no"  # what a place or an address says that is shown and not ticked


@dataclass(frozen=True, slots=True)
class Looked:
    """The workspace that a request is about; ``route`` is None where nobody has said where its alerts go."""

    workspace: str
    name: str
    route: Route | None

    @property
    def query(self) -> str:
        """What names it in an address."""
        return "?" + urlencode({"workspace": self.workspace})

    @property
    def scope(self) -> str:
        """Where its setting stands."""
        return scope_of(self.workspace)


class AlertPages:
    """GET shows, POST sets, tries or takes back. Everything is of one workspace, which its admins see."""

    def __init__(self, services: Services) -> None:
        self._store, self._tools, self._desk = services.store, services.commands.tools, services.alerts
        self._places = AlertPlaces(services.store, services.alerts.direct)
        self._tests = Attempts(_TESTS)

    def routes(self) -> list[Path]:
        """The routes of this page."""
        return [
            Path(PATH, admins(self.show), methods=["GET"]),
            Path(PATH, admins(self.set), methods=["POST"]),
            Path(f"{PATH}/test", admins(self.test), methods=["POST"]),
            Path(f"{PATH}/reset", admins(self.reset), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Where they go, and what was told lately."""
        looked = await self._looked(request)
        return await self._page(request, looked, _form(looked.route))

    async def set(self, request: Request) -> Response:
        """Say where they go from now on."""
        looked, form = await self._looked(request), await Form.of(request)
        known = looked.route or Route()
        made = replace(
            known,
            places=tuple(one for one in known.places if form[f"place:{one}"] != _GONE),
            mail=tuple(one for one in known.mail if form[f"mail:{one}"] != _GONE),
            without=tuple(kind for kind in KINDS if not form[f"kind-{kind}"]),
            wide=bool(form["wide"]) if viewer_of(request).is_owner else known.wide,
        )
        if known.wide and not viewer_of(request).is_owner:
            for field in ("place", "mail"):
                if form[field]:
                    form.refuse(field, _ADDS)
        rooms = await self._places.rooms(looked.workspace, person_of(request))
        made = self._with_mail(form, self._with_place(form, rooms, made))
        if not form.is_right:
            return await self._page(request, looked, form, 422)
        with noting() as entries:
            await self._store.settings.set(looked.scope, SETTING, made.to_json(), person_of(request).id)
        return done(PATH + looked.query, _said(looked, made), undo=entries)

    async def test(self, request: Request) -> Response:
        """Send a test to wherever they go."""
        looked = await self._looked(request)
        if self._tests.blocked(looked.workspace):
            return done(PATH + looked.query, _TESTED, "bad")
        text = (
            f"A test: alerts of {looked.name} come here. {person_of(request).name} asked for it on the site."
        )
        sent = await try_out(self._store, looked.workspace, looked.route or Route(), text)
        if not sent:
            return done(PATH + looked.query, "There is nobody to send a test to: add a channel first.", "bad")
        self._tests.count(looked.workspace)
        await self._desk.sweep()
        where = "one place" if sent == 1 else f"{sent} places"
        return done(
            PATH + looked.query, f"A test is on its way to {where}; beneath stands what becomes of it."
        )

    async def reset(self, request: Request) -> Response:
        """Let it be as if nobody had said anything."""
        looked = await self._looked(request)
        if looked.route is not None and looked.route.wide and not viewer_of(request).is_owner:
            return done(PATH + looked.query, _OWNERS, "bad")
        with noting() as entries:
            await self._store.settings.clear(looked.scope, SETTING, person_of(request).id)
        said = f"Alerts of {looked.name} go to the owner again, in private."
        return done(PATH + looked.query, said, undo=entries)

    async def _page(self, request: Request, looked: Looked, form: Form, status: int = 200) -> Response:
        route, person = looked.route or Route(), person_of(request)
        names = await self._places.names(route.places, person)
        lines = await self._told(request, looked, names)
        return site_page(
            request,
            "alerts.html",
            status,
            places=await homes_of(self._store, viewer_of(request)),
            looked=looked,
            form=form,
            to_places=[(one, names[one], form[f"place:{one}"] != _GONE) for one in route.places],
            to_mail=[(one, form[f"mail:{one}"] != _GONE) for one in route.mail],
            rooms=await self._places.rooms(looked.workspace, person),
            kinds=kind_choices(),
            mails=self._tools.mails,
            wide=route.wide,
            everywhere=await self._everywhere() if viewer_of(request).is_owner else [],
            told=lines,
            under_way=any(line.waits for line in lines),
        )

    async def _told(self, request: Request, looked: Looked, names: dict[str, str]) -> list[Told]:
        """What was told lately; admins of a workspace see only what is about it."""
        where = {f"place:{place}": name for place, name in names.items()}
        where |= {f"mail:{one}": one for one in (looked.route or Route()).mail}
        rows = await self._store.sendings.latest(tuple(where) or ("",), _LATELY)
        everything = viewer_of(request).is_owner
        return [told(row, where[row.target]) for row in rows if everything or is_about(row, looked.workspace)]

    async def _everywhere(self) -> list[tuple[str, str]]:
        """The workspaces that are told of the whole installation, as queries and names."""
        found = await self._store.settings.of_key(SETTING)
        wide = {
            scope.removeprefix("place:") for scope, one in found.items() if Route.from_json(one.value).wide
        }
        known = await self._store.people.workspaces()
        return [
            ("?" + urlencode({"workspace": id_}), workspace_words(id_, name))
            for id_, name in known
            if id_ in wide
        ]

    async def _looked(self, request: Request) -> Looked:
        """The workspace that is asked for; 403 where it is not the viewer's, 404 where there is none."""
        workspace = await workspace_or_first(request, self._store)
        names = dict(await self._store.people.workspaces())
        if workspace not in names:
            raise HTTPException(404)
        scope = scope_of(workspace)
        found = (await self._store.settings.get_many([scope], SETTING)).get(scope)
        route = None if found is None else Route.from_json(found.value)
        return Looked(workspace, workspace_words(workspace, names[workspace]), route)

    def _with_place(self, form: Form, rooms: Rooms, route: Route) -> Route:
        """The route with the place that was typed; what is wrong stands at its field."""
        if not form["place"]:
            return route
        if len(route.places) >= MOST:
            form.refuse("place", f"Alerts go to {MOST} places at most; untick one first.")
            return route
        try:
            return route.with_place(self._places.meant(rooms, form["place"]))
        except ValueError as error:
            form.refuse("place", str(error))
            return route

    def _with_mail(self, form: Form, route: Route) -> Route:
        """The same for an address."""
        address = form["mail"]
        if not address:
            return route
        if not self._tools.mails:
            form.refuse("mail", "No mail can be sent from here, so the address was not added.")
        elif not is_address(address):
            form.refuse("mail", "Write an address like ops@example.com.")
        elif len(route.mail) >= MOST:
            form.refuse("mail", f"Alerts go to {MOST} addresses at most; untick one first.")
        else:
            return route.with_mail(address)
        return route


def _form(route: Route | None) -> Form:
    made = route or Route()
    return Form.given(
        {f"kind-{kind}": "yes" for kind in KINDS if kind not in made.without}
        | {"wide": "yes" if made.wide else ""}
    )


def _said(looked: Looked, route: Route) -> str:
    if not route.places and not route.mail:
        return f"Alerts of {looked.name} go to nobody now; webhooks are told all the same."
    parts = [_counted(len(route.places), "channel"), _counted(len(route.mail), "mail address")]
    left_out = f", but for {_counted(len(route.without), 'kind')}" if route.without else ""
    return f"Alerts of {looked.name} go to {' and '.join(filter(None, parts))} from now on{left_out}."


def _counted(number: int, what: str) -> str:
    ending = "es" if what.endswith("s") else "s"
    return "" if not number else f"one {what}" if number == 1 else f"{number} {what}{ending}"
