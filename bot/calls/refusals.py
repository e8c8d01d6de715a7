"""Refusals in words: what is spent, what is left, when it renews, and what still works."""

from __future__ import annotations

from bot.core.money import dollars
from bot.core.provider import ModelId
from storage.ledger import BudgetLine

_PERIOD = {"day": "today", "week": "this week", "month": "this month"}


def no_room(line: BudgetLine, cost: int) -> str:
    """Why a cost (nano-dollars) does not fit a budget."""
    held = f" ({dollars(line.reserved)} is held for answers being written)" if line.reserved else ""
    budget = f"{_whose(line)} {dollars(line.amount)} for {_PERIOD[line.period]}"
    return (
        f"Even a short answer could cost {dollars(cost)}, and {_left(line.left)} of {budget} is left: "
        f"{dollars(line.spent)} is spent{held}. It renews {_renews(line)}."
    )


def over_limit(limit: int, cost: int) -> str:
    """Why a cost (nano-dollars) is over the limit of one request."""
    most = f"one request may cost at most {dollars(limit)}"
    return f"Even a short answer could cost {dollars(cost)}, and {most}; `/new` makes it shorter."


def way_on(model: ModelId | None, cost: int | None) -> str:
    """What still works: a model that fits the room, or somebody who can make room."""
    if model is None:
        return "An admin can raise the limit."
    price = "is free and still works" if cost == 0 else f"still fits, at {dollars(cost)} or less"
    return f"{model} {price}: `/model {model}`."


def _left(left: int) -> str:
    return dollars(left) if left > 0 else "nothing"


def _whose(line: BudgetLine) -> str:
    match line.scope:
        case "installation":
            return "the"
        case "person":
            return "your"
        case "provider" | "credential":
            return f"{line.subject}'s"
        case _:
            return f"this {line.scope}'s"


def _renews(line: BudgetLine) -> str:
    moment = f"{line.renews_at:%H:%M} UTC"
    if line.period == "day":
        return f"at {moment}"
    return f"on {line.renews_at:%A}, {line.renews_at.day} {line.renews_at:%B}, at {moment}"
