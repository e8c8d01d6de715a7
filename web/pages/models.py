"""Models: all that can be asked, searched and filtered, and each with what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.calls import access
from bot.conversation.settings import INSTALLATION as EVERYTHING
from bot.conversation.settings import MODEL
from bot.core.errors import BadInput, NotConfigured
from bot.core.place import Place
from bot.core.provider import Ability, ModelId
from bot.providers.models import OWN
from bot.providers.search import Query, Sort, parse, search
from storage.price_overrides import Override
from web.forms import Form
from web.frame import done, site_page
from web.models import SHOWN, facts, grouped, line
from web.places import scope_of, workspaces_of
from web.ruled import ruled
from web.services import Services
from web.viewer import admins, owners, viewer_of, workspace_asked

_FEW = 6  # models of a provider where nothing is searched for
_PAGE = 100  # models of a page where something is
_FILTERS = ("q", "provider", "can", "where", "sort")
_ABILITIES = [(each.value, each.value) for each in SHOWN]
_SORTS = (
    ("best", "Best first"),
    ("name", "By name"),
    ("price", "Cheapest first"),
    ("window", "Reads most first"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for, as the fields of the page have it."""

    form: Form
    query: Query
    page: int

    @property
    def is_narrow(self) -> bool:
        """Whether not everything is wanted."""
        return any(self.form[name] for name in _FILTERS)


class ModelPages:
    """GET shows, POST changes."""

    def __init__(self, services: Services) -> None:
        self._store, self._desk = services.store, services.models

    def routes(self) -> list[Route]:
        """The routes of these pages."""
        return [
            Route("/models", admins(self.show), methods=["GET"]),
            Route("/models/one", admins(self.one), methods=["GET"]),
            Route("/models/refresh", owners(self.refresh), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """All models that fit, by provider."""
        workspace, wanted = workspace_asked(request), _wanted(request)
        models = search(
            self._desk.registry.models(), wanted.query, lambda id_: str(self._desk.board.of(id_).status)
        )
        start = (wanted.page - 1) * _PAGE if wanted.is_narrow else 0
        shown = models[start : start + _PAGE] if wanted.is_narrow else models
        default, rules = await self._default(workspace), await self._rules(workspace)
        lines = [line(self._desk, model, default, rules) for model in shown]
        more = len(models) > start + len(shown)
        rows = [
            (row.id, row.name) for row in self._desk.registry.rows() if self._desk.registry.is_set_up(row.id)
        ]
        return site_page(
            request,
            "models.html",
            workspace=workspace,
            places=await workspaces_of(self._store, viewer_of(request)),
            form=wanted.form,
            groups=grouped(self._desk, shown, lines, None if wanted.is_narrow else _FEW),
            total=len(models),
            is_narrow=wanted.is_narrow,
            only_demo=all(row_id == "demo" for row_id, _ in rows),
            choices={
                "provider": [("", "Every provider"), *rows],
                "can": [("", "Any ability"), *_ABILITIES],
                "where": [("", "Local or cloud"), ("local", "On our machines"), ("cloud", "In the cloud")],
                "sort": _SORTS,
            },
            more=_more(request, wanted.page + 1) if more else "",
        )

    async def one(self, request: Request) -> Response:
        """Everything about a model."""
        workspace = workspace_asked(request)
        try:
            id_ = ModelId.parse(request.query_params.get("model", ""))
            model = self._desk.registry.model(id_)
        except (ValueError, NotConfigured):
            raise HTTPException(404) from None
        default, rules = await self._default(workspace), await self._rules(workspace)
        overrides = [one for one in await self._store.price_overrides.all() if _is_of(one, id_)]
        entered = any(source.name == OWN for _, source in model.sources)
        row = self._desk.registry.row(id_.provider)
        return site_page(
            request,
            "model.html",
            workspace=workspace,
            one=line(self._desk, model, default, rules),
            row=row,
            privacy=model.privacy,
            facts=facts(model),
            can=sorted(each.value for each in model.abilities - {Ability.CHAT}),
            overrides=overrides,
            ruled=await ruled(self._store, viewer_of(request), workspace, id_),
            entered=entered,
            form=Form(),
        )

    async def refresh(self, request: Request) -> Response:
        """Ask every provider for its models."""
        failed = await self._desk.registry.refresh()
        if failed:
            return done("/models", " ".join(failed.values()), "bad")
        return done("/models", f"{len(self._desk.registry.models())} models can be asked.")

    async def _default(self, workspace: str) -> ModelId | None:
        """The model that answers in a workspace where nobody chose, "" for everywhere."""
        scopes = [scope_of(workspace), EVERYTHING]
        found = await self._store.settings.get_many(scopes, MODEL)
        value = next((found[scope].value for scope in scopes if scope in found), None)
        try:
            return ModelId.parse(str(value)) if value is not None else self._desk.registry.default()
        except (ValueError, BadInput):
            return None

    async def _rules(self, workspace: str) -> tuple[access.Rule, ...]:
        """The rules that hold in a workspace, whoever asks."""
        return await access.written(
            self._store, access.levels(Place.parse(workspace) if workspace else None, None)
        )


def _wanted(request: Request) -> Wanted:
    form = Form({name: request.query_params.get(name, "").strip()[:200] for name in _FILTERS})
    page = request.query_params.get("page", "1")
    query = Query()
    try:
        query = parse(form["q"])
    except BadInput as error:
        form.refuse("q", error.say)
    if form["provider"]:
        query = replace(query, providers=query.providers | {form["provider"]})
    if form["can"] in {each.value for each in SHOWN}:
        query = replace(query, abilities=query.abilities | {Ability(form["can"])})
    if form["where"] in ("local", "cloud"):
        query = replace(query, local=form["where"] == "local")
    if form["sort"] in set(Sort):
        query = replace(query, sort=Sort(form["sort"]))
    return Wanted(form, query, int(page) if page.isdecimal() and 0 < int(page) < 1_000 else 1)


def _more(request: Request, page: int) -> str:
    return "/models?" + urlencode({**request.query_params, "page": page})


def _is_of(override: Override, model: ModelId) -> bool:
    return (override.provider, override.model.lower()) == (model.provider, model.model.lower())
