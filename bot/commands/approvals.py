"""``/approve`` and ``/decline``: an admin's word on a question that found no room in a budget, once."""

from __future__ import annotations

from bot.commands.authority import require_admin, require_owner
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.conversation.shortage import deciding, request_of
from bot.core.errors import BadInput
from bot.core.money import parse_dollars
from bot.core.view import Tone, View
from bot.workbench import approving
from storage.approvals import Approval
from storage.budgets import Budget


async def ask(tools: Tools, asked: Asked, number: int) -> Answer:
    """Ask the admins for more room. Anybody in the workspace may; it is asked once. Raises BadInput."""
    approval = await _known(tools, asked, number)
    budget = await approving.budget_of(tools.store, approval)
    name = await approving.name_of(tools.store, approval.person_id)
    request = request_of(approval, name, approving.whose(budget))
    found, done = await tools.store.approvals.ask(approval.id, asked.person_id, request)
    approval = found or approval
    if not done:
        return Answer(
            View(
                await approving.as_it_is(tools.store, approval),
                tone=Tone.NOTICE,
                buttons=tuple(deciding(approval)),
            )
        )
    say = f"{request} Only an admin can approve it; the question then goes on by itself."
    return Answer(View(say, tone=Tone.NOTICE, buttons=tuple(deciding(approval))), refresh=True)


async def _approve(tools: Tools, asked: Asked, values: Values) -> Answer:
    approval = await _known(tools, asked, int(values["request"]))
    budget = await approving.budget_of(tools.store, approval)
    await _may(tools, asked, budget, "approve this")
    typed = str(values.get("amount", "")).strip()
    amount = parse_dollars(typed) if typed else None
    say, done = await approving.approve(
        tools.store, tools.engine.wake, approval, budget, asked.person_id, amount
    )
    return Answer(View(say, tone=Tone.NOTICE), refresh=done)


async def _decline(tools: Tools, asked: Asked, values: Values) -> Answer:
    approval = await _known(tools, asked, int(values["request"]))
    await _may(tools, asked, await approving.budget_of(tools.store, approval), "decline this")
    say, done = await approving.decline(tools.store, approval, asked.person_id)
    return Answer(View(say, tone=Tone.NOTICE), refresh=done)


async def _known(tools: Tools, asked: Asked, number: int) -> Approval:
    """The request of that number, of this workspace: one from elsewhere is not told from none. Raises BadInput."""
    found = await tools.store.approvals.get(number)
    if found is None or found.workspace_id != asked.workspace_id:
        raise BadInput(f"no approval {number}", say=f"There is no request #{number} here.")
    return found


async def _may(tools: Tools, asked: Asked, budget: Budget, what: str) -> None:
    """Raises AccessRefused."""
    if budget.scope in approving.WIDE:
        await require_owner(tools, asked, f"{what}: the budget is not this workspace's own")
    else:
        await require_admin(tools, asked, what)


_REQUEST = Option("request", OptionKind.NUMBER, "the number of the request", required=True)

APPROVE = Command(
    name="approve",
    summary="give a budget more room, so that a question that was refused goes on (admins)",
    handler=_approve,
    options=(
        _REQUEST,
        Option("amount", OptionKind.TEXT, "dollars, where it is not to be what was asked for"),
    ),
    example="/approve 12 0.50",
    anywhere=True,
)
DECLINE = Command(
    name="decline",
    summary="say no to a request for more room in a budget (admins)",
    handler=_decline,
    options=(_REQUEST,),
    example="/decline 12",
    anywhere=True,
)
