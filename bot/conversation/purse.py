"""Money beyond the answer at hand: what the conversation has cost, and what is left of the tightest budget."""

from __future__ import annotations

from dataclasses import dataclass

from bot.calls.call import CallResult
from bot.core.money import dollars
from storage.conversations import Conversation
from storage.ledger import BudgetLine, Charge, NewEntry
from storage.store import Store

_PERIOD = {"day": "today", "week": "this week", "month": "this month"}


@dataclass(frozen=True, slots=True)
class Purse:
    """What a footer may say. ``conversation`` is nano-dollars, None where this was its first answer.

    ``unpriced`` counts its answers without a price; ``tightest`` is the hard budget with least left, this answer
    taken off, None where nobody wants to read it.
    """

    conversation: int | None = None
    unpriced: int = 0
    tightest: BudgetLine | None = None
    left: int = 0

    def words(self) -> list[str]:
        """The parts of the footer."""
        parts = []
        if self.conversation is not None:
            unpriced = f" and {self.unpriced} unpriced" if self.unpriced else ""
            parts.append(f"{dollars(self.conversation)}{unpriced} in this thread")
        if self.tightest is not None:
            parts.append(f"{dollars(max(self.left, 0))} left {_PERIOD[self.tightest.period]}")
        return parts


async def purse_of(store: Store, before: Conversation, result: CallResult, *, left: bool) -> Purse:
    """The purse after an answer whose settlement is not written yet. ``before`` is the conversation as it was."""
    costs = [failed.cost for failed in result.attempts_failed] + [result.cost]
    answered_before = bool(before.cost or before.unpriced)
    purse = Purse(
        before.cost + sum(cost or 0 for cost in costs) if answered_before else None,
        before.unpriced + sum(cost is None for cost in costs),
    )
    owed = result.settlement
    if not left or owed is None:
        return purse
    held = await store.ledger.held(owed.reservation_id)
    rooms = await store.ledger.rooms(_charge(owed.entry))
    tightest = min(rooms, key=lambda line: line.left, default=None)
    rest = 0 if tightest is None else tightest.left + held - (result.cost or 0)
    return Purse(purse.conversation, purse.unpriced, tightest, rest)


def _charge(entry: NewEntry) -> Charge:
    return Charge(
        entry.workspace_id, entry.place, entry.person_id, entry.provider, entry.credential or "", entry.at
    )
