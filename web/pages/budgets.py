"""Budgets for admins: what is left now, who waits for more, and the limits beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.calls.limits import ASK_ABOVE, ASK_ABOVE_DEFAULT, REQUEST_LIMIT
from bot.calls.viewing import zone_of
from bot.commands.budget import AT_LIMIT
from bot.conversation.settings import INSTALLATION as EVERYWHERE
from bot.conversation.settings import LEFT
from bot.core.money import dollars
from bot.workbench import approving
from bot.workbench.spans import KINDS
from storage.approvals import Approval
from storage.audit import noting
from storage.budgets import EACH, Budget, NewBudget
from storage.reports import Scope
from web.auth import person_of
from web.budget_cards import Card, card, decides, keeps, names, request, typed
from web.budget_cards import Request as Waiting
from web.budget_form import amount_of, limit_of, period_of, scopes, target_of, thresholds_of
from web.chat import HOME
from web.forms import Form
from web.frame import done, site_page
from web.places import channel_names, workspaces_of
from web.services import Services
from web.viewer import INSTALLATION, Viewer, admins, viewer_of, workspace_asked

LIMIT_CHOICES = (
    ("hard", "Questions are refused"),
    ("ask", "They are refused, and an admin is asked"),
    ("cheapest", "The cheapest permitted model answers"),
    ("soft", "Answers go on: it is only counted"),
)
_PERIODS = tuple((kind, f"a {kind}") for kind in KINDS)
_NEW = {"scope": "", "period": "month", "limit": "hard", "thresholds": "80"}
_LATELY = 31  # days whose channels are offered


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed and is wrong, for the page to show again; of budgets and requests by id."""

    new: Form | None = None
    limits: Form | None = None
    changed: Mapping[int, Form] = field(default_factory=dict)
    decided: Mapping[int, Form] = field(default_factory=dict)


class BudgetPages:
    """GET shows, POST changes."""

    def __init__(self, services: Services) -> None:
        self._services, self._store = services, services.store

    def routes(self) -> list[Route]:
        """The routes of this page."""
        return [
            Route("/budgets", admins(self.shown), methods=["GET"]),
            Route("/budgets", admins(self.added), methods=["POST"]),
            Route("/budgets/limits", admins(self.limited), methods=["POST"]),
            Route("/budgets/{id:int}", admins(self.changed), methods=["POST"]),
            Route("/budgets/{id:int}/remove", admins(self.removed), methods=["POST"]),
            Route("/budgets/approvals/{id:int}/approve", admins(self.approved), methods=["POST"]),
            Route("/budgets/approvals/{id:int}/decline", admins(self.declined), methods=["POST"]),
        ]

    async def shown(self, request: Request) -> Response:
        """Every budget of a workspace, or of all."""
        return await self._page(request, Typed())

    async def added(self, request: Request) -> Response:
        """Set a budget; one of the same scope and period is changed."""
        workspace, form = workspace_asked(request), await Form.of(request)
        amount, (hard, at_limit), period = amount_of(form), limit_of(form), period_of(form)
        thresholds = thresholds_of(form)
        scope, subject = await target_of(self._store, workspace, form)
        if not form.is_right:
            return await self._page(request, Typed(new=form), 400)
        zone, first_weekday = await self._store.reports.calendar(workspace or HOME)
        new = NewBudget(scope, subject, period, amount, hard, thresholds, zone, first_weekday, at_limit)
        with noting() as made:
            budget = await self._store.budgets.put(new, by=person_of(request).id, thresholds=True)
        title = (await names(self._store, [budget])).title(budget)
        return done(
            _back(workspace),
            f"{title}: {dollars(amount)} a {period} from now on; {AT_LIMIT[hard, at_limit]}.",
            undo=made,
        )

    async def changed(self, request: Request) -> Response:
        """Change a budget's amount, limit and thresholds, for the running period too."""
        budget, form = await self._budget(request), await Form.of(request)
        amount, (hard, at_limit), thresholds = amount_of(form), limit_of(form), thresholds_of(form)
        if not form.is_right:
            return await self._page(request, Typed(changed={budget.id: form}), 400)
        new = NewBudget(
            budget.scope, budget.subject, budget.period, amount, hard, thresholds, at_limit=at_limit
        )
        with noting() as made:
            await self._store.budgets.put(new, by=person_of(request).id, thresholds=True)
        title = (await names(self._store, [budget])).title(budget)
        return done(
            _back(workspace_asked(request)),
            f"{title}: {dollars(amount)} a {budget.period} now; {AT_LIMIT[hard, at_limit]}.",
            undo=made,
        )

    async def removed(self, request: Request) -> Response:
        """Let a budget no longer bind."""
        budget = await self._budget(request)
        with noting() as made:
            await self._store.budgets.take_away(
                budget.scope, budget.subject, budget.period, by=person_of(request).id
            )
        title = (await names(self._store, [budget])).title(budget)
        say = f"{title}: {dollars(budget.amount)} a {budget.period} no longer binds."
        return done(_back(workspace_asked(request)), say, undo=made)

    async def limited(self, request: Request) -> Response:
        """The limits beside the budgets; an empty field takes one back, one that is not sent leaves it."""
        workspace, form = workspace_asked(request), await Form.of(request)
        wanted: dict[str, object] = {
            key: amount_of(form, key) if form[key] else None
            for key in (REQUEST_LIMIT, ASK_ABOVE)
            if key in form.values
        }
        if "left" in form.values:
            wanted[LEFT] = {"yes": True, "no": False}.get(form["left"])
        if not form.is_right:
            return await self._page(request, Typed(limits=form), 400)
        scope, by = _scope(workspace), person_of(request).id
        with noting() as made:
            for key, value in wanted.items():
                await self._set(scope, key, value, by)
        return done(_back(workspace), "Saved. It holds from the next question on.", undo=made)

    async def approved(self, request: Request) -> Response:
        """Give more room, and let the question go on."""
        approval, budget = await self._approval(request)
        form = await Form.of(request)
        amount = amount_of(form) if form["amount"] else None
        if amount == 0:
            form.refuse("amount", "An amount above $0, please; Decline says no.")
        if not form.is_right:
            return await self._page(request, Typed(decided={approval.id: form}), 400)
        say, now = await approving.approve(
            self._store, self._services.wake, approval, budget, person_of(request).id, amount
        )
        return done(_back(workspace_asked(request)), _plain(say), "good" if now else "bad")

    async def declined(self, request: Request) -> Response:
        """Say no."""
        approval, _ = await self._approval(request)
        say, now = await approving.decline(self._store, approval, person_of(request).id)
        return done(_back(workspace_asked(request)), _plain(say), "good" if now else "bad")

    async def _set(self, scope: str, key: str, value: object, by: int) -> None:
        settings = self._store.settings
        found = (await settings.get_many([scope], key)).get(scope)
        if value is None:
            await settings.clear(scope, key, by)
        elif found is None or found.value != value:
            await settings.set(scope, key, value, by)

    async def _budget(self, request: Request) -> Budget:
        """The budget that is asked for; 404 where it is not theirs to change, which is not told from none."""
        workspace, wanted = workspace_asked(request), int(request.path_params["id"])
        found = [one for one in await self._store.budgets.all() if one.id == wanted]
        kept = await keeps(self._store, viewer_of(request), workspace, found)
        if not kept:
            raise HTTPException(404)
        return kept[0]

    async def _approval(self, request: Request) -> tuple[Approval, Budget]:
        """The request for more that is asked for; 404 where it is of another workspace, 403 where it is not theirs."""
        viewer = viewer_of(request)
        found = await self._store.approvals.get(int(request.path_params["id"]))
        if found is None or not viewer.administers(found.workspace_id):
            raise HTTPException(404)
        budget = await approving.budget_of(self._store, found)
        if not decides(viewer, found, budget):
            raise HTTPException(403, "That budget is not this workspace's own, so its owners decide.")
        return found, budget

    async def _page(self, request: Request, typed: Typed, status: int = 200) -> Response:
        workspace, viewer = workspace_asked(request), viewer_of(request)
        return site_page(
            request,
            "budgets.html",
            status,
            places=await workspaces_of(self._store, viewer),
            workspace=workspace,
            query="?" + urlencode({"workspace": workspace}),
            cards=await self._cards(request, workspace, typed),
            waiting=await self._waiting(viewer, workspace, typed),
            new=typed.new or Form.given(_NEW | {"scope": scopes(workspace)[0][0]}),
            limits=typed.limits or await self._limits(_scope(workspace)),
            ask_above=dollars(ASK_ABOVE_DEFAULT),
            scopes=scopes(workspace),
            periods=_PERIODS,
            limit_choices=LIMIT_CHOICES,
            known=await self._known(workspace),
        )

    async def _cards(self, request: Request, workspace: str, typed: Typed) -> list[Card]:
        standing = {one.budget.id: one for one in await self._store.budgets.standing(datetime.now(UTC))}
        kept = await keeps(
            self._store, viewer_of(request), workspace, [one.budget for one in standing.values()]
        )
        called = await names(self._store, kept)
        shares = {int(line.subject) for b in kept if b.subject == EACH for line in standing[b.id].lines}
        people = await self._store.people.names(shares) if shares else {}
        zone = await zone_of(self._store, person_of(request).id, workspace or HOME)
        cards = [
            card(standing[one.id], called.title(one), people, zone, typed.changed.get(one.id)) for one in kept
        ]
        return sorted(cards, key=lambda one: one.rank)

    async def _waiting(self, viewer: Viewer, workspace: str, typed: Typed) -> list[Waiting]:
        pending = await self._store.approvals.pending(workspace or None)
        budgets = {one.id: one for one in await self._store.budgets.all()} if pending else {}
        called = await names(self._store, list(budgets.values())) if pending else None
        found = []
        for one in pending:
            budget = budgets.get(one.budget_id)
            if budget is not None and called is not None:
                may, form = decides(viewer, one, budget), typed.decided.get(one.id)
                found.append(await request(self._store, one, called.title(budget), may, form))
        return found

    async def _limits(self, scope: str) -> Form:
        found = await self._store.settings.get_table([scope], [REQUEST_LIMIT, ASK_ABOVE, LEFT])
        amounts = {key: found.get((scope, key)) for key in (REQUEST_LIMIT, ASK_ABOVE)}
        shown = {key: "" if one is None else typed(int(one.value)) for key, one in amounts.items()}
        left = found.get((scope, LEFT))
        return Form.given(shown | {"left": "" if left is None else "yes" if left.value is True else "no"})

    async def _known(self, workspace: str) -> list[tuple[str, str]]:
        """What is offered while a name is typed: pairs of what is typed and what it is."""
        scope = Scope("workspace", workspace) if workspace else Scope("installation")
        today = datetime.now(UTC).date()
        days = (today - timedelta(days=_LATELY)).isoformat(), (today + timedelta(days=1)).isoformat()
        by = self._store.reports.by
        channels = await by(scope, "channel", *days, timed=False)
        people = await by(scope, "person", *days, timed=False)
        ids = [int(key) for key in people if key != "0"]
        names_ = sorted((await self._store.people.names(ids)).values()) if ids else []
        found = [
            *(await channel_names(self._store, channels)).items(),
            *((name, "person") for name in names_),
        ]
        if workspace != INSTALLATION:
            return found
        providers = await by(scope, "provider", *days, timed=False)
        keys = [one.name for one in await self._store.credentials.all()]
        return [*found, *((one, "provider") for one in providers), *((one, "key") for one in keys)]


def _scope(workspace: str) -> str:
    """Where the settings of a workspace are kept."""
    return EVERYWHERE if workspace == INSTALLATION else f"place:{workspace}"


def _back(workspace: str) -> str:
    return f"/budgets?{urlencode({'workspace': workspace})}"


def _plain(said: str) -> str:
    """What is said in chat, without its Markdown."""
    return said.replace("**", "").replace("`", "")
