"""Who waits for a call: the urgent in the order they came, the others by the moment to think them over."""

from __future__ import annotations

from heapq import heappop, heappush

from bot.conversation.delivery.slots import Rank, Slot


class Waiting:
    """The queues of delivery. A slot stands in one of them at most."""

    def __init__(self) -> None:
        self._urgent: dict[Rank, dict[Slot, None]] = {Rank.LAST: {}, Rank.FIRST: {}}
        self._others: list[tuple[float, int, Slot]] = []
        self._tickets = 0

    def urge(self, slot: Slot) -> None:
        """A last or first text is owed now, and counts as such on the budgets it will spend."""
        self._urgent[slot.rank][slot] = None
        slot.owed = slot.budgets[slot.verb]
        for budget in slot.owed:
            budget.demand.pending += 1

    def wait(self, slot: Slot, moment: float) -> None:
        """Think it over at the moment."""
        self._tickets += 1
        slot.ticket = self._tickets
        heappush(self._others, (moment, slot.ticket, slot))

    def withdraw(self, slot: Slot) -> None:
        """It waits for nothing any more."""
        slot.ticket = 0  # its entry in the heap is now void
        for rank in self._urgent.values():
            rank.pop(slot, None)
        for budget in slot.owed:
            budget.demand.pending -= 1
        slot.owed = ()

    def urgent(self) -> list[Slot]:
        """Last texts, then first texts, each in the order they came."""
        return [slot for rank in self._urgent.values() for slot in rank]

    def due(self, now: float) -> list[Slot]:
        """Take out the others whose moment has come, the stalest first."""
        due: list[Slot] = []
        while self._others and self._others[0][0] <= now:
            _, ticket, slot = heappop(self._others)
            if ticket == slot.ticket:
                due.append(slot)
        return sorted(due, key=lambda slot: (slot.rank, slot.since))

    def next(self) -> float | None:
        """The next moment to think one over."""
        return self._others[0][0] if self._others else None
