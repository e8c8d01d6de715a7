"""For machines that watch: is it alive, is it ready, and figures."""

from __future__ import annotations

from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from web.answers import refusal
from web.auth import SessionCookie
from web.services import Services

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_NOT_FOR_YOU = "Figures are for an owner who is signed in, and for programs on this machine."


class HealthPages:
    """``/healthz``, ``/readyz`` and ``/metrics``."""

    def __init__(self, services: Services, cookie: SessionCookie) -> None:
        self._services, self._cookie = services, cookie

    def routes(self) -> list[Route]:
        """The routes of these pages."""
        return [
            Route("/healthz", self.alive, methods=["GET"]),
            Route("/readyz", self.ready, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]

    async def alive(self, request: Request) -> Response:
        """The process answers."""
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """One status per part; 503 while any of them does not work."""
        parts = await self._services.health()
        ready = all(status == "ok" for status in parts.values())
        return JSONResponse({"status": "ok" if ready else "not ready", "parts": parts}, 200 if ready else 503)

    async def metrics(self, request: Request) -> Response:
        """Prometheus text, for this machine itself (not through a proxy on it) or with an owner's session."""
        if not (is_local(request) or await self._is_owner(request)):
            return refusal(request.scope, 403, _NOT_FOR_YOU)
        return PlainTextResponse(self._services.metrics(), media_type="text/plain; version=0.0.4")

    async def _is_owner(self, request: Request) -> bool:
        token = self._cookie.read(request)
        person = await self._services.store.sessions.person(token) if token else None
        if person is None:
            return False
        return any(role == "owner" for role, _ in await self._services.store.people.roles(person.id))


def is_local(request: Request) -> bool:
    """Whether a program on this machine asks for this machine.

    Not so through a proxy, nor for another site's page whose name was made to point here.
    """
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    return _is_loopback(request.client.host) and _is_loopback(request.url.hostname or "")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
