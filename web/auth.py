"""Who is asking: the session cookie, and a door that is shut for everybody else."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from starlette.datastructures import URL
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from storage.people import People, Person
from storage.sessions import Sessions
from web.answers import page, refusal, wants_json
from web.viewer import Viewer

_DAYS_30 = 30 * 24 * 3600
_SIGN_IN = "You are not signed in. Open a sign-in link in this browser, then try again."


class SessionCookie:
    """The cookie that names a session. Behind HTTPS it is bound to this very host (``__Host-``)."""

    def __init__(self, *, https: bool) -> None:
        self.name = "__Host-switchboard" if https else "switchboard"
        self._https = https

    def read(self, request: HTTPConnection) -> str | None:
        """The session token of a request."""
        return request.cookies.get(self.name)

    def give(self, response: Response, token: str) -> None:
        """Sign the browser in."""
        response.set_cookie(
            self.name, token, max_age=_DAYS_30, path="/", secure=self._https, httponly=True, samesite="lax"
        )

    def take(self, response: Response) -> None:
        """Sign the browser out."""
        response.delete_cookie(self.name, path="/", secure=self._https, httponly=True, samesite="lax")


class Authentication:
    """ASGI middleware: every path needs a session but those of ``public``.

    An entry of ``public`` is a path, or a prefix that ends in a slash.
    Beneath it ``person_of(request)`` is who asks, and ``viewer_of(request)`` the same with their roles.
    ``ways`` are other ways to sign in, as pairs of path and name.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        sessions: Sessions,
        people: People,
        cookie: SessionCookie,
        public: Collection[str],
        ways: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._app, self._sessions, self._people, self._cookie = app, sessions, people, cookie
        self._ways = tuple(ways)
        self._paths = frozenset(path for path in public if not path.endswith("/"))
        self._prefixes = tuple(path for path in public if path.endswith("/"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_public(scope["path"]):
            await self._app(scope, receive, send)
            return
        token = self._cookie.read(HTTPConnection(scope))
        person = await self._sessions.person(token) if token else None
        if person is None:
            await signed_out(scope, self._ways)(scope, receive, send)
            return
        scope["person"] = person
        scope["viewer"] = Viewer(person, await self._people.roles(person.id))
        await self._app(scope, receive, send)

    def _is_public(self, path: str) -> bool:
        return path in self._paths or path.startswith(self._prefixes)


def signed_out(scope: Scope, ways: Sequence[tuple[str, str]]) -> Response:
    """What is answered to somebody who is not signed in."""
    if wants_json(scope):
        return refusal(scope, 401, _SIGN_IN)
    return page("signed_out.html", 401, ways=ways)


def person_of(request: Request) -> Person:
    """Who asks; only for routes behind ``Authentication``."""
    person = request.scope["person"]
    assert isinstance(person, Person)
    return person


def see_other(path: str) -> RedirectResponse:
    """Go on to another page of ours."""
    return RedirectResponse(URL(path), 303)
