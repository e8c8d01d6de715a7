"""Providers: who answers, who gets the text, by which keys; servers of one's own; hosts that may be connected to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.providers import catalog
from bot.providers.customs import HOSTS, allowed
from bot.providers.registry import Registry
from bot.providers.rows.forms import ProviderRow
from storage.audit import noting
from storage.credentials import Credential
from storage.errors import NameTaken
from storage.figures import Figures
from web import entering
from web.auth import person_of
from web.forms import Form
from web.frame import done, site_page
from web.keys import STATUS_TONES, Key, listed, spent_this_month, status_words, tried
from web.places import whom, workspace_in, workspaces_of
from web.services import Services
from web.viewer import INSTALLATION, admins, owners, viewer_of, workspace_asked

VIA = "the site"
_PLATFORMS = ("slack", "discord")


@dataclass(frozen=True, slots=True)
class Shown:
    """A provider as its pages show it. ``tone`` and ``status`` are of its badge, ``said`` what is wrong with it."""

    row: ProviderRow
    keys: Sequence[Key]
    configured: bool
    entered: bool
    tone: str
    status: str
    said: str
    address: str
    models: int


class ProviderPages:
    """GET shows, POST changes."""

    def __init__(self, services: Services) -> None:
        self._store, self._desk = services.store, services.models

    def routes(self) -> list[Route]:
        """The routes of these pages."""
        return [
            Route("/providers", admins(self.overview), methods=["GET"]),
            Route("/providers/own/new", owners(self.new_server), methods=["GET"]),
            Route("/providers/own/new", owners(self.add_server), methods=["POST"]),
            Route("/providers/own/hosts", owners(self.change_hosts), methods=["POST"]),
            Route("/providers/{provider}", admins(self.one), methods=["GET"]),
            Route("/providers/{provider}/test", owners(self.test), methods=["POST"]),
            Route("/providers/{provider}/remove", owners(self.remove_server), methods=["POST"]),
        ]

    async def overview(self, request: Request) -> Response:
        """Every provider, those that are in use first."""
        workspace = workspace_asked(request)
        kept, spent = await self._kept(workspace), await spent_this_month(self._store.reports)
        rows = [row for row in self._desk.registry.rows() if row.wire != "demo"]
        shown = [self.shown(row, kept, spent, workspace) for row in rows]
        return site_page(
            request,
            "providers.html",
            workspace=workspace,
            places=await workspaces_of(self._store, viewer_of(request)),
            used=[one for one in shown if one.configured or one.keys],
            others=[one for one in shown if not (one.configured or one.keys)],
            hosts=await allowed(self._store.settings),
        )

    async def one(self, request: Request) -> Response:
        """One provider with its keys, and the form for another."""
        return await self.page(request, row_asked(request, self._desk.registry), Form())

    async def page(self, request: Request, row: ProviderRow, form: Form, status: int = 200) -> Response:
        """The same with a form as it was typed."""
        workspace = workspace_asked(request)
        kept, spent = await self._kept(workspace), await spent_this_month(self._store.reports)
        return site_page(
            request,
            "provider.html",
            status,
            workspace=workspace,
            places=await workspaces_of(self._store, viewer_of(request)),
            one=self.shown(row, kept, spent, workspace),
            form=form.without("secret"),
            for_whom=await whom(self._store, {key.scope for key in kept if key.provider == row.id}),
        )

    def shown(
        self,
        row: ProviderRow,
        kept: Sequence[Credential],
        spent: Mapping[str, Figures],
        workspace: str,
    ) -> Shown:
        """A provider, by the keys of ``kept`` and, for the whole installation, the environment's."""
        registry = self._desk.registry
        status = self._desk.board.provider(row.id)
        environment = registry.environment(row.id) if workspace == INSTALLATION else None
        configured = registry.is_set_up(row.id)
        return Shown(
            row,
            listed(row, kept, environment, spent),
            configured,
            registry.is_custom(row.id),
            STATUS_TONES[status.status],
            status_words(status),
            status.said,
            registry.address(row),
            sum(model.id.provider == row.id for model in registry.models()) if configured else 0,
        )

    async def test(self, request: Request) -> Response:
        """Try a provider as everybody uses it, or by the environment's key: ``setting``."""
        row, form = row_asked(request, self._desk.registry), await Form.of(request)
        by = self._desk.registry.environment(row.id) if form["setting"] else None
        if by is None and not self._desk.registry.is_set_up(row.id):
            raise HTTPException(404)
        return done(f"/providers/{row.id}", *await tried(self._desk, row, by))

    async def new_server(self, request: Request) -> Response:
        """The form for a server of one's own."""
        return site_page(request, "own_server.html", form=Form())

    async def add_server(self, request: Request) -> Response:
        """Enter a server that speaks OpenAI's protocol."""
        form, by = await Form.of(request), person_of(request).id
        name = entering.name(form, "name", "the server")
        slug = _slug(form, name)
        form.needs("base_url", "Where is it? Write its address, usually with /v1 at the end.")
        address = await entering.address(form, "base_url", self._store.settings, may_allow=True)
        keyless = form["keyless"] == "yes"
        if form.is_right:
            try:
                await self._store.custom.add_provider(
                    slug, name, address.url, keyless=keyless, by=by, via=VIA
                )
            except NameTaken as error:
                form.refuse("slug", error.say)
        if not form.is_right:
            return site_page(request, "own_server.html", 422, form=form)
        await entering.allow(self._store.settings, address.allow, by)
        await self._desk.sync()
        if not keyless:
            return done(f"/providers/{slug}", f"{name} is entered. It needs a key: add one beneath.")
        await self._desk.registry.refresh(slug)
        row = self._desk.registry.row(slug)
        assert row is not None
        sentence, tone = await tried(self._desk, row, None)
        return done(f"/providers/{slug}", f"{name} is entered. {sentence}", tone)

    async def remove_server(self, request: Request) -> Response:
        """Take out a server that was entered, with its keys."""
        row = row_asked(request, self._desk.registry)
        if not self._desk.registry.is_custom(row.id):
            raise HTTPException(404)
        wiped = await self._store.custom.remove_provider(row.id, by=person_of(request).id, via=VIA)
        await self._desk.sync()
        keys = f" Its keys are wiped: {', '.join(wiped)}. Revoke them at the server too." if wiped else ""
        return done("/providers", f"{row.name} is removed.{keys}")

    async def change_hosts(self, request: Request) -> Response:
        """Allow a host that is not public (``host``), or take that back (``remove``)."""
        form, by = await Form.of(request), person_of(request).id
        hosts = list(await allowed(self._store.settings))
        if gone := form["remove"]:
            with noting() as made:
                if gone in hosts:
                    hosts.remove(gone)
                    await self._store.settings.set(entering.INSTALLATION, HOSTS, hosts, by)
            await self._desk.sync()
            return done("/providers#hosts", f"{gone} is no longer allowed.", undo=made)
        host = form["host"].lower().rstrip(".")
        if not re.fullmatch(r"[a-z0-9._:/-]{1,253}", host) or "//" in host:
            say = "Write a host name, an address or a network, like ollama.local, 10.0.0.5 or 10.0.0.0/8."
            return done("/providers#hosts", say, "bad")
        with noting() as made:
            await entering.allow(self._store.settings, host, by)
        await self._desk.sync()
        return done("/providers#hosts", f"Addresses on {host} may be connected to now.", undo=made)

    async def _kept(self, workspace: str) -> list[Credential]:
        """The keys that somebody who looks after a workspace may see; owners see them all."""
        kept = [one for one in await self._store.credentials.all() if one.provider not in _PLATFORMS]
        if workspace == INSTALLATION:
            return kept
        return [one for one in kept if workspace_in(one.scope) == workspace]


def row_asked(request: Request, registry: Registry) -> ProviderRow:
    """The provider that a request names. Raises 404 where there is none, or it is the demo."""
    row = registry.row(request.path_params["provider"])
    if row is None or row.wire == "demo":
        raise HTTPException(404)
    return row


def _slug(form: Form, name: str) -> str:
    """The id of a new provider: what was typed, else made of its name."""
    slug = form["slug"] or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    if name and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", slug):
        form.refuse("slug", "Its id has 1 to 40 of a to z, 0 to 9 and -, and does not begin with -.")
    elif catalog.row(slug) is not None:
        form.refuse("slug", f"“{slug}” is a provider that Switchboard knows already; take another id.")
    return slug
