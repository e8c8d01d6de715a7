"""Signing in with a one-time link, and out again."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.answers import page, refusal
from web.auth import SessionCookie, person_of, see_other
from web.chat import home_of
from web.limits import Attempts
from web.services import Services

_TOO_OFTEN = "Too many sign-in links that do not work were tried from here. Wait ten minutes, then try again."


class SignIn:
    """GET of a link shows a button; only its POST uses the link up, so that previews and scanners do not."""

    def __init__(self, services: Services, cookie: SessionCookie, attempts: Attempts | None = None) -> None:
        self._sessions = services.store.sessions
        self._hub = services.surface.hub
        self._cookie = cookie
        self._attempts = attempts or Attempts()

    def routes(self) -> list[Route]:
        """The routes of this page."""
        return [
            Route("/sign-in/{token}", self.show, methods=["GET"]),
            Route("/sign-in/{token}", self.use, methods=["POST"]),
            Route("/sign-out", self.leave, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page with the button. It says nothing of whether the link works."""
        return page("sign_in.html")

    async def use(self, request: Request) -> Response:
        """Use the link up and sign this browser in."""
        peer = request.client.host if request.client else ""
        if self._attempts.blocked(peer):
            return refusal(request.scope, 429, _TOO_OFTEN)
        agent = request.headers.get("user-agent", "")[:200]
        redeemed = await self._sessions.redeem(request.path_params["token"], agent)
        if redeemed is None:
            self._attempts.count(peer)
            return page("link_used.html", 403)
        await self._forget(request)
        response = see_other("/")
        self._cookie.give(response, redeemed[1])
        return response

    async def leave(self, request: Request) -> Response:
        """End this browser's session, and what its other tabs listen to."""
        await self._forget(request)
        self._hub.end(str(home_of(person_of(request).id)))
        response = see_other("/")
        self._cookie.take(response)
        return response

    async def _forget(self, request: Request) -> None:
        if token := self._cookie.read(request):
            await self._sessions.revoke(token)
