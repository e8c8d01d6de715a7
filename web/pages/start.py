"""The start: a checklist that turns green, Slack and Discord connected by what is typed here, and a doctor's look."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.core.check import Check, Outcome
from bot.core.errors import BadInput, PlatformError
from bot.net.errors import NetError
from bot.providers.rows.own import OLLAMA
from storage.credentials import Credential
from storage.errors import NameTaken, VaultError
from web import entering
from web.answers import fragment
from web.auth import person_of, see_other
from web.checklist import ITEMS, decline, is_green, steps
from web.forms import Form
from web.frame import done, site_page
from web.pages.providers import VIA
from web.services import PlatformDesk, Services
from web.viewer import admins, owners, viewer_of

TONES = {Outcome.OK: "good", Outcome.WARNING: "warm", Outcome.FAILED: "bad"}
_LOCAL_PATIENCE = 1.0  # seconds that an Ollama of this machine gets to answer
_FIELDS = ("bot", "app", "signing")
_CONNECTS = "The tokens work and are stored, and are connected with now."
_SHAPES = {
    ("slack", "bot"): ("xoxb-", "The Bot User OAuth Token begins xoxb-."),
    ("slack", "app"): ("xapp-", "An app-level token begins xapp-."),
}


class StartPages:
    """GET shows, POST changes; what takes seconds is a fragment that is loaded after the page."""

    def __init__(self, services: Services) -> None:
        self._services, self._store = services, services.store

    def routes(self) -> list[Route]:
        """The routes of these pages."""
        return [
            Route("/", self.door, methods=["GET"]),
            Route("/start", admins(self.show), methods=["GET"]),
            Route("/start/skip", owners(self.skip), methods=["POST"]),
            Route("/start/ollama", owners(self.ollama), methods=["GET"]),
            Route("/start/checks", owners(self.checks), methods=["GET"]),
            Route("/start/checks/{look}", owners(self.check), methods=["GET"]),
            Route("/start/{platform}", admins(self.state), methods=["GET"]),
            Route("/start/{platform}", owners(self.connect), methods=["POST"]),
            Route("/start/{platform}/invites", owners(self.invites), methods=["GET"]),
            Route("/start/{platform}/{id:int}/remove", owners(self.disconnect), methods=["POST"]),
        ]

    async def door(self, request: Request) -> Response:
        """The front door: the start for owners while something is left to do there, else the chat."""
        viewer = viewer_of(request)
        if viewer.is_owner and not await is_green(self._services, viewer):
            return see_other("/start")
        return see_other("/try")

    async def show(self, request: Request) -> Response:
        """The checklist."""
        return await self._page(request, {}, ())

    async def skip(self, request: Request) -> Response:
        """Decline an item, or want it after all."""
        form = await Form.of(request)
        item = next((each for each in ITEMS if each.id == form["item"] and each.optional), None)
        if item is None:
            raise HTTPException(404)
        wanted = form["wanted"] == "yes"
        await decline(self._services, item.id, wanted=wanted, by=person_of(request).id)
        return done(
            "/start", f"{item.title} is back on the list." if wanted else f"{item.title} is left out."
        )

    async def ollama(self, request: Request) -> Response:
        """A fragment: whether an Ollama runs on this machine that is not connected."""
        return HTMLResponse(fragment("start_ollama.html", url=OLLAMA.base_url, runs=await self._runs()))

    async def checks(self, request: Request) -> Response:
        """Everything that a doctor looks at, as a page."""
        looks = self._services.looks
        found = await asyncio.gather(*(look() for look in looks.values()))
        return site_page(request, "checks.html", looked=list(zip(looks, found, strict=True)), tones=TONES)

    async def check(self, request: Request) -> Response:
        """A fragment: what one look has shown."""
        subject = request.path_params["look"]
        look = self._services.looks.get(subject)
        if look is None:
            raise HTTPException(404)
        return HTMLResponse(fragment("check.html", subject=subject, found=await look(), tones=TONES))

    async def state(self, request: Request) -> Response:
        """A fragment: how a platform's connections are; it asks again until they work."""
        platform, desk = self._platform(request)
        owner = viewer_of(request).is_owner
        return HTMLResponse(
            fragment("platform_state.html", platform=platform, said=desk.connected(), owner=owner)
        )

    async def connect(self, request: Request) -> Response:
        """Try tokens; keep them where they work, and connect."""
        platform, desk = self._platform(request)
        form = await Form.of(request)
        fields = {field: entering.secret(form, field) for field in _FIELDS if form[field]}
        _complete(platform, form)
        checks: Sequence[Check] = ()
        if form.is_right:
            checks = await desk.check(fields)
            if not any(each.outcome is Outcome.FAILED for each in checks):
                await self._add(request, platform, form, fields)
        if not form.is_right or any(each.outcome is Outcome.FAILED for each in checks):
            return await self._page(request, {platform: form.without(*_FIELDS)}, checks, 422)
        warned = " ".join(_told(each) for each in checks if each.outcome is Outcome.WARNING)
        return done(
            f"/start#{platform}",
            f"{_CONNECTS} {warned}".strip(),
        )

    async def invites(self, request: Request) -> Response:
        """A fragment: the links by which the bots come into servers."""
        _, desk = self._platform(request)
        try:
            links, trouble = await desk.invites(), ""
        except PlatformError as error:
            links, trouble = (), error.say
        return HTMLResponse(fragment("invites.html", links=links, trouble=trouble))

    async def disconnect(self, request: Request) -> Response:
        """Wipe a connection's tokens; it ends at once."""
        platform, desk = self._platform(request)
        kept = await self._store.credentials.get(int(request.path_params["id"]))
        if kept is None or kept.provider != platform or kept.revoked_at is not None:
            raise HTTPException(404)
        await self._store.credentials.remove(kept.name, by=person_of(request).id, via=VIA)
        desk.changed()
        return done(f"/start#{platform}", f"“{kept.name}” is disconnected, and its tokens are wiped.")

    async def _page(
        self, request: Request, forms: Mapping[str, Form], checks: Sequence[Check], status: int = 200
    ) -> Response:
        viewer = viewer_of(request)
        found = await steps(self._services, viewer)
        # A connection serves whichever workspaces its app is in, so it is for owners to know.
        kept = await self._store.credentials.all() if viewer.is_owner else []
        pastes = {name: desk.paste(False) for name, desk in self._services.platforms.items()}
        slack = self._services.platforms.get("slack")
        first = next((step.item.id for step in found if not step.is_green), "")
        return site_page(
            request,
            "start.html",
            status,
            steps=found,
            opened=next(iter(forms), first),
            forms={platform: forms.get(platform, Form()) for platform in ("slack", "discord")},
            checks=checks,
            tones=TONES,
            pastes=pastes,
            posted=slack.paste(True) if slack and self._services.https else "",
            kept={platform: _of(platform, kept) for platform in ("slack", "discord")},
            there=list(self._services.platforms),
            looks=list(self._services.looks),
            left=sum(not step.is_green for step in found),
        )

    async def _add(self, request: Request, platform: str, form: Form, fields: Mapping[str, str]) -> None:
        """Keep tokens under the next name that is free."""
        taken = {each.name for each in await self._store.credentials.all()}
        names = (f"{platform.capitalize()} {number}".removesuffix(" 1") for number in range(1, 1_000))
        name = next(each for each in names if each not in taken)
        try:
            await self._services.platforms[platform].add(name, fields, person_of(request).id)
        except (BadInput, NameTaken, VaultError) as error:
            form.refuse("bot", error.say)

    async def _runs(self) -> bool:
        if self._services.models.registry.is_set_up(OLLAMA.id):
            return False
        try:
            async with asyncio.timeout(_LOCAL_PATIENCE):
                answer = await self._services.http.request("GET", f"{OLLAMA.base_url}/api/version")
        except (NetError, TimeoutError):
            return False
        return answer.status == 200

    def _platform(self, request: Request) -> tuple[str, PlatformDesk]:
        name = request.path_params["platform"]
        desk = self._services.platforms.get(name)
        if desk is None:
            raise HTTPException(404)
        return name, desk


def _complete(platform: str, form: Form) -> None:
    """Whether the tokens are those that a connection takes, as far as their form tells."""
    form.needs("bot", "Paste the bot's token here.")
    for (where, field), (begins, say) in _SHAPES.items():
        if where == platform and form[field] and not form[field].startswith(begins):
            form.refuse(field, say)
    if platform == "slack" and not (form["app"] or form["signing"]):
        form.refuse(
            "app", "Slack also needs an app-level token, or the signing secret where it posts to this site."
        )


def _told(check: Check) -> str:
    fix = f" {check.fix[:1].upper()}{check.fix[1:]}." if check.fix else ""
    return f"{check.subject}: {check.found}{fix}"


def _of(platform: str, kept: Sequence[Credential]) -> list[Credential]:
    return [each for each in kept if each.provider == platform]
