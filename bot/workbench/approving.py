"""An admin's word on a question that found no room in a budget: the same from chat and from the site, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bot.conversation.letters import inbox_key, pack
from bot.core.errors import BadInput
from bot.core.message import AskedAgain
from bot.core.money import dollars
from bot.core.place import Place
from storage.approvals import APPROVED, ASKED, DECLINED, EXPIRED, OFFERED, Approval
from storage.budgets import Budget
from storage.inbox import NewItem
from storage.store import Store

WIDE = ("installation", "provider", "credential")  # budgets that are nobody's in particular
_OVER = "The budget's period is over, so there is nothing to approve any more; **Retry** asks again."


async def budget_of(store: Store, approval: Approval) -> Budget:
    """The budget that has no room. Raises BadInput where it was removed."""
    budget = next((one for one in await store.budgets.all() if one.id == approval.budget_id), None)
    if budget is None:
        raise BadInput(
            f"budget {approval.budget_id} is gone", say="That budget was removed; **Retry** asks again."
        )
    return budget


async def approve(  # noqa: PLR0917 - who gives how much for what, and who is to be told
    store: Store, wake: Callable[[], None], approval: Approval, budget: Budget, by: int, amount: int | None
) -> tuple[str, bool]:
    """Give so many nano-dollars more (None: what is missing), and let the question go on, which ``wake`` tells of.

    What happened, in words, and whether it happened now. Raises BadInput.
    """
    if amount == 0:
        raise BadInput("approve nothing", say="An amount above $0, please; `/decline` says no.")
    question = await _question(store, approval)
    found, done = await store.approvals.approve(approval.id, by, amount, question)
    approval = found or approval
    if not done:
        return await as_it_is(store, approval), False
    wake()
    name = await name_of(store, by)
    given = f"{dollars(approval.granted)} more for {whose(budget)} budget"
    return f"{name} approved {given}. The question goes on.", True


async def decline(store: Store, approval: Approval, by: int) -> tuple[str, bool]:
    """Say no. What happened, in words, and whether it happened now."""
    found, done = await store.approvals.decline(approval.id, by)
    if not done:
        return await as_it_is(store, found or approval), False
    name = await name_of(store, by)
    kept = "The question is kept; a cheaper model can answer it with **Retry**."
    return f"{name} declined: no more for now. {kept}", True


async def as_it_is(store: Store, approval: Approval) -> str:
    """Why nothing happened now."""
    by = await name_of(store, approval.decided_by)
    said = {
        APPROVED: f"{by} has approved {dollars(approval.granted)} already.",
        DECLINED: f"{by} has declined this already.",
        EXPIRED: _OVER,
        ASKED: "An admin was asked already.",
        OFFERED: "Nobody has asked for this yet: press **Ask an admin** first.",
    }
    return said[approval.state]


async def name_of(store: Store, person_id: int | None) -> str:
    """What a person is called."""
    if person_id is None:
        return "Somebody"
    return (await store.people.names([person_id])).get(person_id, "Somebody")


def whose(budget: Budget) -> str:
    """Whose budget it is, before the word itself."""
    match budget.scope:
        case "installation":
            return "the installation's"
        case "person":
            return "their own"
        case "provider" | "credential":
            return f"{budget.subject}'s"
        case _:
            return f"this {budget.scope}'s"


async def _question(store: Store, approval: Approval) -> NewItem:
    """What lets the question go on, on behalf of who had asked it, by the model that was not asked."""
    place = Place.parse(approval.place)
    kind, payload = pack(AskedAgain(approval.reply_id, approval.model, anyway=True), place)
    return NewItem(
        key=inbox_key(place, f"approval:{approval.id}"),
        place=approval.place,
        workspace_id=approval.workspace_id,
        person_id=approval.person_id,
        author_name=await name_of(store, approval.person_id),
        kind=kind,
        payload=payload,
        sent_at=datetime.now(UTC),
    )
