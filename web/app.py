"""The site: every route, and the layers that every request passes."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

from web.auth import Authentication, SessionCookie
from web.csrf import SameOrigin
from web.errors import CatchAll, on_http_exception
from web.limits import BodyLimit
from web.pages.health import HealthPages
from web.pages.say import SayRoutes
from web.pages.sign_in import SignIn
from web.pages.threads import ThreadPages
from web.security import SecurityHeaders
from web.services import Services
from web.static import Static

__all__ = ["PUBLIC", "Services", "build"]

# Open to everybody; what is not listed needs a session.
PUBLIC = ("/sign-in/", "/static/", "/healthz", "/readyz", "/metrics")


def build(services: Services) -> Starlette:
    """The whole site over the services that the root passes."""
    cookie = SessionCookie(https=services.https)
    return Starlette(
        routes=_routes(services, cookie),
        middleware=[
            Middleware(SecurityHeaders, https=services.https),
            Middleware(CatchAll),
            Middleware(BodyLimit),
            Middleware(SameOrigin, public_url=services.public_url),
            Middleware(Authentication, sessions=services.store.sessions, cookie=cookie, public=PUBLIC),
        ],
        exception_handlers={HTTPException: on_http_exception},
    )


def _routes(services: Services, cookie: SessionCookie) -> list[BaseRoute]:
    return [
        *SignIn(services, cookie).routes(),
        *ThreadPages(services, cookie).routes(),
        *SayRoutes(services).routes(),
        *HealthPages(services, cookie).routes(),
        Mount("/static", Static(), name="static"),
    ]
