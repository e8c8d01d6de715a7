"""What a platform allows: tokens that come back a window after the call they were spent on was answered."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Sequence

from bot.conversation.delivery.demand import Demand
from bot.core.surface import Observed, Spend

_LEAST_TRUST = 0.25
_LOSS, _GAIN = 0.75, 0.05  # of the believed limit: per refusal, and per window without one


class Budget:
    """One limit of a platform.

    Whether the platform counts in fixed or in sliding windows, a call is out of its count a window after the
    answer at the latest; so calls paced by this are not refused as long as nobody else spends the same limit.
    """

    def __init__(self, spend: Spend, share: Callable[[str], float]) -> None:
        self.name, self.shared, self._share = spend.name, spend.shared, share
        self.calls, self.seconds = spend.rate.calls, spend.rate.seconds
        self.demand = Demand()
        self.frozen_until = 0.0
        self._in_flight = 0
        self._returns: list[float] = []  # sorted moments at which tokens come back
        self._trust, self._trusted_again = 1.0, 0.0

    @property
    def limit(self) -> int:
        """Calls per window that this process may make."""
        share = self._share(self.shared) if self.shared else 1.0
        return max(1, int(self.calls * share * self._trust + 1e-9))

    def free(self, now: float) -> int:
        """Tokens that may be spent at once."""
        if now < self.frozen_until:
            return 0
        if self._returns and self._returns[0] <= now:
            del self._returns[: bisect_right(self._returns, now)]
        return self.limit - len(self._returns) - self._in_flight

    def by(self, moment: float) -> int:
        """Tokens on their way back that will be here at the moment."""
        return bisect_right(self._returns, moment)

    def next_free(self, now: float) -> float | None:
        """When a token can be spent; None where all are in flight, so that an answer must come first."""
        if self.free(now) > 0:
            return now
        if now < self.frozen_until:
            return self.frozen_until
        missing = 1 - self.limit + len(self._returns) + self._in_flight
        return self._returns[missing - 1] if missing <= len(self._returns) else None

    def next_return(self, now: float) -> float | None:
        """When the next token comes back."""
        at = bisect_right(self._returns, now)
        return self._returns[at] if at < len(self._returns) else None

    def take(self) -> None:
        """Spend a token on a call that is now made."""
        self._in_flight += 1

    def give_back(self) -> None:
        """The call was not made after all."""
        self._in_flight -= 1

    def answered(self, now: float) -> None:
        """The call was answered, or got lost and may have counted."""
        self._in_flight -= 1
        insort(self._returns, now + self.seconds)
        if self._trust < 1 and now >= self._trusted_again:
            self._trust, self._trusted_again = min(1.0, self._trust + _GAIN), now + self.seconds

    def refused(self, now: float, wait: float) -> None:
        """The platform refused the call on account of this budget: nothing more for ``wait`` seconds.

        It may allow less than was believed, or somebody else spends it too: for a while less is taken.
        """
        self._in_flight -= 1
        insort(self._returns, now + wait)
        if now >= self.frozen_until:
            self._trust = max(_LEAST_TRUST, self._trust * _LOSS)
        self._trusted_again = now + wait + self.seconds
        self.frozen_until = max(self.frozen_until, now + wait)

    def is_idle(self, now: float) -> bool:
        """Whether nothing would be lost by forgetting it."""
        return not self.demand.slots and not self._in_flight and self.free(now) >= self.limit

    def observe(self, seen: Observed, now: float) -> None:
        """Learn what the platform's headers said: they know better than we do."""
        self.calls, self._trust = max(1, seen.limit), 1.0
        self.seconds = max(self.seconds, seen.reset_after)
        for _ in range(self.free(now) - seen.remaining):
            insort(self._returns, now + seen.reset_after)


class Budgets:
    """All budgets of the process, made when a call first names them."""

    def __init__(self, share: Callable[[str], float]) -> None:
        self._share = share
        self._all: dict[str, Budget] = {}

    def of(self, spends: Sequence[Spend]) -> tuple[Budget, ...]:
        """The budgets a call spends."""
        return tuple(self._all.get(spend.name) or self._new(spend) for spend in spends)

    def _new(self, spend: Spend) -> Budget:
        budget = self._all[spend.name] = Budget(spend, self._share)
        return budget

    def refuse(self, name: str, spent: Sequence[Budget], now: float, wait: float) -> tuple[str, ...]:
        """A call that spent these was refused with a 429 that named one of them, another, or none.

        The names of the budgets that were not frozen before and are now.
        """
        other = self._all.get(name)
        meant = spent if other is None else (other,)
        frozen = tuple(budget.name for budget in meant if now >= budget.frozen_until)
        for budget in spent:
            if other is None or other is budget:
                budget.refused(now, wait)
            else:
                budget.answered(now)
        if other is not None and other not in spent:
            other.take()
            other.refused(now, wait)
        return frozen

    def forget_idle(self, now: float) -> None:
        """Drop the budgets that are full and wanted by nobody, so that old channels take no memory."""
        idle = [name for name, budget in self._all.items() if budget.is_idle(now)]
        for name in idle:
            del self._all[name]
