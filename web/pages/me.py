"""A person's own page: who they are here and on platforms, what they may do, where they are signed in."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage.sessions import SessionRow
from web.auth import SessionCookie, person_of
from web.frame import done, site_page
from web.places import workspace_words
from web.services import Services

_BROWSERS = ("Edg", "Firefox", "Chrome", "Safari")
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
_NAMES = {"Edg": "Edge", "Mac OS": "macOS"}


@dataclass(frozen=True, slots=True)
class Browser:
    """A session as its person knows it."""

    id: int
    name: str
    since: str
    seen: str
    here: bool


class MePage:
    """GET shows, POST ends a session."""

    def __init__(self, services: Services, cookie: SessionCookie) -> None:
        self._sessions, self._people = services.store.sessions, services.store.people
        self._cookie = cookie

    def routes(self) -> list[Route]:
        """The routes of this page."""
        return [
            Route("/me", self.show, methods=["GET"]),
            Route("/me/sessions/{id:int}/end", self.end, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page."""
        person = person_of(request)
        here = await self._sessions.id_of(self._cookie.read(request) or "")
        sessions = [_browser(row, here) for row in await self._sessions.of(person.id)]
        identities = await self._people.identities(person.id)
        called = {id_: workspace_words(id_, name) for id_, name in await self._people.workspaces()}
        return site_page(request, "me.html", sessions=sessions, identities=identities, called=called)

    async def end(self, request: Request) -> Response:
        """End one of one's own sessions."""
        person, session = person_of(request), int(request.path_params["id"])
        if not await self._sessions.end(session, person.id, of=person.id):
            raise HTTPException(404)
        return done("/me", "That browser is signed out.")


def browser_name(agent: str) -> str:
    """What a browser's long name comes to: "Firefox on Linux"."""
    browser = next((name for name in _BROWSERS if name in agent), "A browser")
    system = next((name for name in _SYSTEMS if name in agent), "")
    said = _NAMES.get(browser, browser)
    return f"{said} on {_NAMES.get(system, system)}" if system else said


def _browser(row: SessionRow, here: int | None) -> Browser:
    since, seen = (moment.isoformat(timespec="seconds") for moment in (row.created_at, row.seen_at))
    return Browser(row.id, browser_name(row.agent), since, seen, row.id == here)
