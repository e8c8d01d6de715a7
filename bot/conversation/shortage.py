"""A question that found no room in a budget: what is said, and the buttons that lead on."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.calls.refusals import BudgetSpent, Expensive, Offer, Shortage, whose
from bot.conversation.ending import refused, ways_on
from bot.conversation.letters import Ended
from bot.core.money import dollars
from bot.core.view import Button
from storage.approvals import ASKED, OFFERED, Approval, NewApproval
from storage.budgets import ASK
from storage.ledger import Charge
from storage.replies import Taken
from storage.store import Store

_ASKED = (
    "An admin was asked for {amount} more from {whose} budget. Once that is approved the question goes on."
)

_BUTTONS = 5  # what one row of every platform takes; Retry still finds room, the choice of a model may not


async def short_of(store: Store, taken: Taken, workspace_id: str, error: BudgetSpent) -> Ended:
    """The ending of a reply that no budget had room for. Raises StorageDown.

    Where the budget says so, the admins are asked by that; else a button asks them.
    """
    reply = taken.reply
    ended = refused(reply.id, error)
    buttons = [_use(reply.id, offer) for offer in error.offers]
    if isinstance(error, Expensive):
        model = f" {taken.model_override}" if taken.model_override else ""
        buttons.insert(
            0, Button(f"Ask anyway (about {dollars(error.likely)})", f"retry #{reply.id} anyway{model}")
        )
    notice = ended.notice
    if (shortage := error.shortage) is not None:
        approval = await _approval(store, taken, workspace_id, shortage)
        if approval is not None and approval.state == ASKED:
            wanted = {"amount": dollars(approval.amount), "whose": whose(shortage.line)}
            notice = f"{notice} {_ASKED.format(**wanted)}"
        buttons += deciding(approval) if approval is not None else []
    return Ended(
        outcome=ended.outcome,
        message=ended.message,
        notice=notice,
        tone=ended.tone,
        buttons=(*buttons, *ways_on(reply.id, go_on=False, text=False))[:_BUTTONS],
    )


def deciding(approval: Approval) -> list[Button]:
    """What may be done about it: ask an admin, or as one say yes or no."""
    match approval.state:
        case "offered":
            return [Button("Ask an admin", f"budget ask #{approval.id}")]
        case "asked":
            return [
                Button(f"Approve {dollars(approval.amount)}", f"approve #{approval.id}"),
                Button("Decline", f"decline #{approval.id}"),
            ]
        case _:
            return []


def request_of(approval: Approval, name: str, whose_budget: str) -> str:
    """What the admins read: who asks for how much, from whose budget, for which model."""
    wanted = f"{name} asks for {dollars(approval.amount)} more from {whose_budget} budget"
    return f"{wanted}, for an answer by {approval.model}."


async def _approval(store: Store, taken: Taken, workspace_id: str, shortage: Shortage) -> Approval | None:
    reply, line = taken.reply, shortage.line
    charge = Charge(
        workspace_id=workspace_id,
        place=reply.place,
        person_id=taken.person_id,
        provider=line.subject if line.scope == "provider" else shortage.model.provider,
        credential=line.subject if line.scope == "credential" else "",
        at=datetime.now(UTC),
    )
    new = NewApproval(line.budget_id, shortage.needed, reply.id, reply.conversation_id, str(shortage.model))
    approval = await store.approvals.offer(new, charge)
    if approval is None or approval.state != OFFERED or line.at_limit != ASK:
        return approval
    names = await store.people.names([] if taken.person_id is None else [taken.person_id])
    name = names.get(taken.person_id or 0, "Somebody")
    return (await store.approvals.ask(approval.id, taken.person_id, request_of(approval, name, whose(line))))[
        0
    ]


def _use(reply_id: int, offer: Offer) -> Button:
    price = "free" if offer.cost == 0 else f"{dollars(offer.cost)} or less"
    return Button(f"{offer.model} ({price})", f"retry #{reply_id} {offer.model}")
