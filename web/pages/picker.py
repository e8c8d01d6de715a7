"""The choice of a model: in the chat's head those that may answer there, and beside fields of the pages of defaults."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.calls import access
from bot.commands.offers import Offer, offered
from web.answers import fragment
from web.auth import person_of
from web.levels import level_asked
from web.pages.threads import asked_at, place_asked
from web.services import Services
from web.viewer import admins


class PickerRoute:
    """The lists, as the pages show them; in the chat choosing one says ``/model``."""

    def __init__(self, services: Services) -> None:
        self._store, self._desk = services.store, services.commands

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/try/{thread}/models", self.models, methods=["GET"]),
            Route("/defaults/models", admins(self.for_level), methods=["GET"]),
        ]

    async def models(self, request: Request) -> Response:
        """The models that may be used in a thread, by provider, and what is not set up after them."""
        asked = asked_at(place_asked(request), person_of(request))
        offers = self._desk.offers("", await self._desk.allowed(asked))
        return _listed(offers, str((await self._desk.chosen(asked)).model))

    async def for_level(self, request: Request) -> Response:
        """The models that may be used at a level; with ``patterns`` every model, after "all of" each provider."""
        level = await level_asked(request, self._store, people=True)
        registry = self._desk.tools.registry
        if not request.query_params.get("patterns"):
            rules = await access.rules(self._store, level.place, level.person)
            return _listed(offered(one for one in registry.models() if access.permitted(rules, one.id)), "")
        names = {row.id: row.name for row in registry.rows()}
        offers = offered(registry.models())
        alls = {
            one.group: Offer(f"{one.group}/*", f"{one.group}/*", f"all of {names[one.group]}", one.group)
            for one in offers
        }
        return _listed([*alls.values(), *offers], "")


def _listed(offers: Iterable[Offer], current: str) -> Response:
    """The list, by provider."""
    by: dict[str, list[Offer]] = {}
    for offer in offers:
        by.setdefault(offer.group, []).append(offer)
    return HTMLResponse(fragment("models_offered.html", groups=list(by.items()), current=current))
