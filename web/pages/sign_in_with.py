"""Signing in with Slack or Discord: out to the platform, and back with proof of who one is there."""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.core.errors import Refused
from storage.people import Person
from web.answers import refusal
from web.auth import SessionCookie, see_other
from web.limits import Attempts
from web.oauth import Came, SignInFailed, Way, verifier, ways
from web.services import Services

_LIVES = 600  # seconds that the way there and back may take
_TOO_OFTEN = "Too many sign-ins failed from here just now. Wait ten minutes, then try again."
_LOST = "This browser did not begin that sign-in, or it took too long. Please start again."


class SignInWith:
    """GET goes to the platform; GET of the way back signs in those whom we know."""

    def __init__(self, services: Services, cookie: SessionCookie, attempts: Attempts | None = None) -> None:
        self._store, self._http = services.store, services.http
        self._ways = ways(services.sign_in)
        self._back = f"{services.public_url}/sign-in/from"
        self._cookie, self._https = cookie, services.https
        self._name = "__Host-way" if services.https else "way"
        self._attempts = attempts or Attempts()

    def routes(self) -> list[Route]:
        """The routes of this page."""
        return [
            Route("/sign-in/with/{way}", self.leave, methods=["GET"]),
            Route("/sign-in/from/{way}", self.back, methods=["GET"]),
        ]

    async def leave(self, request: Request) -> Response:
        """Off to the platform, which asks the person."""
        way, state, proof = self._way(request), secrets.token_urlsafe(24), verifier()
        response = RedirectResponse(way.start(state, proof, f"{self._back}/{way.id}"), 303)
        kept = urlsafe_b64encode(json.dumps([way.id, state, proof]).encode()).decode()
        # Lax, for the way back begins on another site.
        response.set_cookie(
            self._name, kept, max_age=_LIVES, path="/", secure=self._https, httponly=True, samesite="lax"
        )
        return response

    async def back(self, request: Request) -> Response:
        """Sign in whoever the platform says has come."""
        way, peer = self._way(request), request.client.host if request.client else ""
        if self._attempts.blocked(peer):
            return refusal(request.scope, 429, _TOO_OFTEN)
        try:
            came = await self._came(request, way)
            person = await self._known(way, came)
        except (SignInFailed, Refused) as error:
            self._attempts.count(peer)
            return refusal(request.scope, 403, error.say)
        token = await self._store.sessions.begin(person.id, request.headers.get("user-agent", "")[:200])
        response = see_other("/")
        response.delete_cookie(self._name, path="/", secure=self._https, httponly=True, samesite="lax")
        self._cookie.give(response, token)
        return response

    def _way(self, request: Request) -> Way:
        way = self._ways.get(request.path_params["way"])
        if way is None:
            raise HTTPException(404)
        return way

    async def _came(self, request: Request, way: Way) -> Came:
        try:
            begun, state, proof = map(str, json.loads(urlsafe_b64decode(request.cookies[self._name])))
            kept = state.encode()
        except (KeyError, ValueError, TypeError) as error:
            raise SignInFailed("no state in this browser", say=_LOST) from error
        told = request.query_params.get("state", "")
        if begun != way.id or not hmac.compare_digest(kept, told.encode()):
            raise SignInFailed("the state is another one", say=_LOST)
        code = request.query_params.get("code")
        if not code:
            say = f"{way.name} says that you did not agree, so nobody was signed in."
            raise SignInFailed("no code", say=say)
        return await way.finish(self._http, code, proof, f"{self._back}/{way.id}")

    async def _known(self, way: Way, came: Came) -> Person:
        """The person behind it. Raises Refused for people of workspaces that we are not in."""
        people = self._store.people
        if came.workspace is None:
            if (person := await people.known_as(way.id, came.external_id)) is not None:
                return person
        elif await people.workspace_exists(home := f"{way.id}:{came.workspace}"):
            return await people.identify(way.id, home, came.external_id, came.name)
        raise Refused(
            f"a stranger from {way.id}",
            say=f"Switchboard has not met you in {way.name} yet. Say hello to it there first, then sign in.",
        )
