"""The site: every route, and the layers that every request passes."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

from web.auth import Authentication, SessionCookie
from web.csrf import SameOrigin
from web.errors import CatchAll, on_http_exception
from web.inlets import Inlets
from web.limits import BodyLimit
from web.oauth import ways
from web.pages.access import AccessPage
from web.pages.agents import AgentPages
from web.pages.alerts import AlertPages
from web.pages.budgets import BudgetPages
from web.pages.conversations import ConversationPages
from web.pages.defaults import DefaultsPage
from web.pages.digest import DigestPage
from web.pages.health import HealthPages
from web.pages.keys import KeyPages
from web.pages.me import MePage
from web.pages.model_prices import PricePages
from web.pages.models import ModelPages
from web.pages.ollama import OllamaPages
from web.pages.operations import OperationsPages
from web.pages.picker import PickerRoute
from web.pages.providers import ProviderPages
from web.pages.say import SayRoutes
from web.pages.sign_in import SignIn
from web.pages.sign_in_with import SignInWith
from web.pages.start import StartPages
from web.pages.threads import ThreadPages
from web.pages.undo import UndoRoute
from web.pages.usage import UsagePage
from web.pages.webhooks import WebhookPages
from web.security import SecurityHeaders
from web.services import AlertDesk, ModelDesk, PlatformDesk, Services
from web.static import static

__all__ = ["PUBLIC", "AlertDesk", "ModelDesk", "PlatformDesk", "Services", "build"]

# Open to everybody; what is not listed needs a session.
PUBLIC = ("/sign-in/", "/static/", "/healthz", "/readyz", "/metrics")


class _Number(Convertor[int]):
    """``{id:int}``: no more digits than every database takes for a number; what has more is nowhere."""

    regex = "[0-9]{1,18}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("int", _Number())


def build(services: Services) -> Starlette:
    """The whole site over the services that the root passes."""
    cookie = SessionCookie(https=services.https)
    site = Starlette(
        routes=_routes(services, cookie),
        middleware=[
            Middleware(SecurityHeaders, https=services.https),
            Middleware(CatchAll),
            Middleware(BodyLimit),
            Middleware(Inlets, inlets=services.inlets),
            Middleware(SameOrigin, public_url=services.public_url),
            Middleware(
                Authentication,
                sessions=services.store.sessions,
                people=services.store.people,
                cookie=cookie,
                public=PUBLIC,
                ways=[(f"/sign-in/with/{way.id}", way.name) for way in ways(services.sign_in).values()],
            ),
        ],
        exception_handlers={HTTPException: on_http_exception},
    )
    site.state.https = services.https
    return site


def _routes(services: Services, cookie: SessionCookie) -> list[BaseRoute]:
    providers = ProviderPages(services)
    return [
        *SignIn(services, cookie).routes(),
        *SignInWith(services, cookie).routes(),
        *MePage(services, cookie).routes(),
        *DigestPage(services).routes(),
        *ConversationPages(services).routes(),
        *DefaultsPage(services).routes(),
        *AgentPages(services).routes(),
        *AccessPage(services).routes(),
        *OperationsPages(services).routes(),
        *AlertPages(services).routes(),
        *WebhookPages(services).routes(),
        *StartPages(services).routes(),
        *providers.routes(),
        *KeyPages(services, providers).routes(),
        *ModelPages(services).routes(),
        *PricePages(services).routes(),
        *OllamaPages(services).routes(),
        *UndoRoute(services).routes(),
        *UsagePage(services).routes(),
        *BudgetPages(services).routes(),
        *ThreadPages(services, cookie).routes(),
        *PickerRoute(services).routes(),
        *SayRoutes(services).routes(),
        *HealthPages(services, cookie).routes(),
        Mount("/static", static(), name="static"),
    ]
