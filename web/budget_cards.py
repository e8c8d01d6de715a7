"""Budgets as the page shows them: whose they are, what is left, what happens when they are spent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.calls.refusals import renews
from bot.commands.budget import AT_LIMIT
from bot.core.money import dollars
from bot.workbench.approving import WIDE
from storage.approvals import Approval
from storage.budgets import EACH, Budget, BudgetLine, Standing
from storage.places import workspace_of
from storage.store import Store
from web.budget_form import limit_word
from web.forms import Form
from web.places import channel_names, workspace_words
from web.viewer import INSTALLATION, Viewer

NEAR = 80  # percent from which a budget is told to be nearly spent


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a budget: ``spent`` and ``held`` are its parts in percent, ``who`` whose share it is."""

    who: str
    left: str
    words: str
    spent: int
    held: int

    @property
    def state(self) -> str:
        """Whether nothing is left ("over"), little ("near"), or enough ("")."""
        full = self.spent + self.held
        return "over" if full >= 100 else "near" if full >= NEAR else ""


@dataclass(frozen=True, slots=True)
class Card:
    """A budget."""

    id: int
    title: str
    amount: str
    period: str
    renews: str
    ends_at: datetime
    at_limit: str
    thresholds: str
    hard: bool
    bars: tuple[Bar, ...]
    form: Form = field(compare=False)

    @property
    def rank(self) -> int:
        """The most pressing come first: what is spent, then what nearly is."""
        states = {bar.state for bar in self.bars}
        return 0 if "over" in states else 1 if "near" in states else 2


@dataclass(frozen=True, slots=True)
class Request:
    """An approval that waits. ``decides``: whether who looks may decide it."""

    id: int
    who: str
    amount: str
    budget: str
    model: str
    where: str
    at: str
    decides: bool
    form: Form = field(compare=False)


@dataclass(frozen=True, slots=True)
class Names:
    """What people call that which budgets are about, by scope and subject."""

    of: dict[tuple[str, str], str]

    def title(self, budget: Budget) -> str:
        """Whose budget it is."""
        found = self.of.get((budget.scope, budget.subject))
        return found or (
            workspace_words(budget.subject, "") if budget.scope == "workspace" else budget.subject
        )


async def names(store: Store, budgets: list[Budget]) -> Names:
    """Words for all of these. Three queries."""
    channels = {one.subject for one in budgets if one.scope == "channel"}
    people = {int(one.subject) for one in budgets if one.scope == "person" and one.subject.isdecimal()}
    found = {("installation", ""): "Everybody together", ("person", EACH): "Each person"}
    found |= {("channel", key): name for key, name in (await channel_names(store, channels)).items()}
    known = await store.people.names(people) if people else {}
    found |= {("person", str(id_)): name for id_, name in known.items()}
    for id_, name in await store.people.workspaces():
        found["workspace", id_] = workspace_words(id_, name)
    for one in budgets:
        if one.scope in ("provider", "credential"):
            what = "Provider" if one.scope == "provider" else "Key"
            found[one.scope, one.subject] = f"{what} {one.subject}"
    return Names(found)


async def keeps(store: Store, viewer: Viewer, workspace: str, budgets: list[Budget]) -> list[Budget]:
    """Those of the budgets that are a workspace's ("": all that there are) and its admins' to keep."""
    if workspace == INSTALLATION:
        return budgets if viewer.is_owner else []
    ids = {int(one.subject) for one in budgets if one.scope == "person" and one.subject.isdecimal()}
    theirs = await store.people.known_in(workspace, ids) if ids else set()
    return [one for one in budgets if _is_of(one, workspace, theirs)]


def _is_of(budget: Budget, workspace: str, people: set[int]) -> bool:
    match budget.scope:
        case "workspace":
            return budget.subject == workspace
        case "channel":
            return workspace_of(budget.subject) == workspace
        case "person":
            return budget.subject.isdecimal() and int(budget.subject) in people
        case _:
            return False


def decides(viewer: Viewer, approval: Approval, budget: Budget) -> bool:
    """Whether somebody may decide a request, as in chat."""
    return viewer.is_owner if budget.scope in WIDE else viewer.administers(approval.workspace_id)


def card(standing: Standing, title: str, people: dict[int, str], zone: str, form: Form | None) -> Card:
    """A budget; ``form`` is what was typed to change it, None where nothing was."""
    budget, now = standing.budget, datetime.now(UTC)
    ends = BudgetLine(budget.id, "", "", budget.period, 0, 0, 0, 0, budget.period_at(now).ends_at)
    shared = budget.subject == EACH
    limit = limit_word(budget)
    return Card(
        id=budget.id,
        title=title,
        amount=dollars(budget.amount),
        period=budget.period,
        renews=renews(ends, zone),
        ends_at=ends.renews_at,
        at_limit=AT_LIMIT[budget.hard, budget.at_limit if budget.hard else "refuse"],
        thresholds=", ".join(f"{one}\u00a0%" for one in budget.thresholds),
        hard=budget.hard,
        bars=tuple(
            _bar(line, people.get(int(line.subject), "Somebody") if shared else "") for line in standing.lines
        ),
        form=form
        or Form.given(
            {
                "amount": typed(budget.amount),
                "limit": limit,
                "thresholds": ", ".join(map(str, budget.thresholds)),
            }
        ),
    )


def _bar(line: BudgetLine, who: str) -> Bar:
    whole = line.amount + line.extra
    spent = _percent(line.spent, whole)
    extra = f" and {dollars(line.extra)} approved" if line.extra else ""
    held = f", {dollars(line.reserved)} held for answers that are being written" if line.reserved else ""
    words = f"{dollars(line.spent)} spent{held}, of {dollars(line.amount)}{extra}"
    return Bar(
        who, dollars(max(line.left, 0)), words, spent, min(_percent(line.reserved, whole), 100 - spent)
    )


def _percent(part: int, whole: int) -> int:
    """How much of the whole, in percent; of nothing everything is gone."""
    return 100 if whole <= 0 else min(round(100 * part / whole), 100)


def typed(nano: int) -> str:
    """An amount as one types it, exactly: "5", "0.5"."""
    whole, rest = divmod(nano, 1_000_000_000)
    return f"{whole}.{rest:09}".rstrip("0").rstrip(".")


async def request(store: Store, approval: Approval, title: str, may: bool, form: Form | None) -> Request:
    """A request that waits; ``form`` is what was typed to decide it."""
    known = await store.people.names([] if approval.person_id is None else [approval.person_id])
    channel = "/".join(approval.place.split("/")[:2])
    return Request(
        id=approval.id,
        who=known.get(approval.person_id or 0, "Somebody"),
        amount=dollars(approval.amount),
        budget=title,
        model=approval.model,
        where=(await channel_names(store, [channel]))[channel],
        at=(approval.asked_at or approval.created_at).isoformat(timespec="seconds"),
        decides=may,
        form=form or Form.given({"amount": typed(approval.amount)}),
    )
