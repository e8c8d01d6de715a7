"""What a person has in a workspace: the model that answers them and why, what they used this month, their budgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.commands.grammar import Asked, Tools
from bot.conversation.settings import Choice
from bot.core.money import dollars
from storage.ledger import BudgetLine, Charge, Used

_PERIODS = {"day": "today", "week": "this week", "month": "this month"}
_WHOSE = {"person": "yours", "workspace": "this workspace's", "installation": "everybody's"}


@dataclass(frozen=True, slots=True)
class Own:
    """All of it; ``budgets`` are those that bind this person's next question."""

    choice: Choice
    used: Used
    budgets: tuple[BudgetLine, ...]


async def own(tools: Tools, asked: Asked) -> Own:
    """What is asked for. Raises StorageDown."""
    choice = await tools.settings.chosen(asked.place, asked.person_id)
    now, provider = datetime.now(UTC), choice.model.provider
    name = tools.registry.credential_name(provider)
    charge = Charge(asked.workspace_id, str(asked.place), asked.person_id, provider, name, now)
    used = await tools.store.ledger.used(asked.person_id, asked.workspace_id, now)
    return Own(choice, used, tuple(await tools.store.ledger.rooms(charge)))


def usage(used: Used) -> str:
    """What was used this month, as a sentence."""
    if not used.answers:
        return "Nothing so far."
    count = "1 answer" if used.answers == 1 else f"{used.answers:,} answers"
    more = f", and {used.unpriced:,} whose price nobody knows" if used.unpriced else ""
    return f"{count} for {dollars(used.cost)}{more}."


def budget(line: BudgetLine) -> str:
    """How a budget stands: "$0.12 of $5 today, yours"."""
    whose = _WHOSE.get(line.scope, f"{line.subject}'s" if line.subject else line.scope)
    return f"{dollars(line.spent)} of {dollars(line.amount)} {_PERIODS[line.period]}, {whose}"
