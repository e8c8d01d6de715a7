"""How much a request may use: its output is clamped to the room that budgets and limits leave, or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bot.calls import refusals
from bot.calls.access import levels
from bot.core.errors import BudgetRefused
from bot.core.place import Place
from bot.core.provider import ModelId
from bot.providers.prices import worst_case
from bot.providers.registry import Model
from storage.ledger import BudgetLine
from storage.store import Store

REQUEST_LIMIT = "request_limit"  # nano-dollars that one request may cost
UNPRICED_TOKENS = "unpriced_tokens"  # output tokens of a model whose price nobody knows
UNPRICED_DEFAULT = 32_000
LEAST_OUTPUT = 256  # tokens; an answer that must be shorter than this is better refused


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits beside the budgets: nano-dollars per request (None: no limit), output tokens where unpriced."""

    request: int | None
    unpriced_tokens: int


@dataclass(frozen=True, slots=True)
class Need:
    """What an attempt asks for, in tokens. ``wanted`` is the maximum output; None is the model's own."""

    model: Model
    input_tokens: int
    wanted: int | None
    at: datetime

    @property
    def ceiling(self) -> int:
        """The most the model could write, in tokens."""
        left = max(self.model.window - self.input_tokens, LEAST_OUTPUT)
        return min(n for n in (self.wanted, self.model.max_output, left) if n is not None)

    @property
    def least(self) -> int:
        """The shortest maximum output that is worth asking for."""
        return min(self.ceiling, LEAST_OUTPUT)

    def worst(self, output: int) -> int | None:
        """The most it can cost with so much output, in nano-dollars; None where unpriced."""
        return worst_case(self.model.id, self.input_tokens, output, self.at)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an attempt may use: ``max_output`` to send (None: the model's own), nano-dollars to reserve."""

    max_output: int | None
    amount: int


async def caps(store: Store, place: Place, person_id: int | None) -> Caps:
    """The limits in force: the smallest of those set at any level. Two queries."""
    scopes = [level.scope for level in levels(place, person_id)]
    request = await _smallest(store, scopes, REQUEST_LIMIT)
    tokens = await _smallest(store, scopes, UNPRICED_TOKENS)
    return Caps(request, UNPRICED_DEFAULT if tokens is None else tokens)


async def _smallest(store: Store, scopes: Sequence[str], key: str) -> int | None:
    found = await store.settings.get_many(scopes, key)
    return min((int(setting.value) for setting in found.values()), default=None)


@dataclass(frozen=True, slots=True)
class Bound:
    """Something that bounds the cost: the room it leaves in nano-dollars, and words for a cost beyond it."""

    room: int
    said: Callable[[int], str]


def allow(need: Need, bounds: Sequence[Bound], caps: Caps, instead: Iterable[Model]) -> Allowance:
    """Fit the need into the tightest bound. Raises BudgetRefused, naming one of ``instead`` that works."""
    worst = need.worst(need.ceiling)
    if worst is None:
        return Allowance(min(need.ceiling, caps.unpriced_tokens), 0)
    if worst == 0:
        return Allowance(need.wanted, 0)
    bound = min(bounds, key=lambda bound: bound.room, default=None)
    if bound is None or worst <= bound.room:
        unbound = need.wanted is None and need.ceiling == need.model.max_output
        return Allowance(None if unbound else need.ceiling, worst)
    output = _affordable(need, worst, bound.room)
    if output < need.least:
        raise refusal(need, bound, instead)
    return Allowance(output, need.worst(output) or 0)


def bounds(rooms: Iterable[BudgetLine], caps: Caps, spent: int) -> list[Bound]:
    """All that bounds a request's cost. ``spent`` is what its earlier attempts cost, in nano-dollars."""
    found = [Bound(line.left, partial(refusals.no_room, line)) for line in rooms]
    if caps.request is not None:
        found.append(Bound(caps.request - spent, partial(refusals.over_limit, caps.request)))
    return found


def refusal(need: Need, bound: Bound, instead: Iterable[Model]) -> BudgetRefused:
    """The error that says why there is no room, and what still works."""
    cost = need.worst(need.least) or 0
    way_on = refusals.way_on(*_works([replace(need, model=model) for model in instead], bound.room))
    return BudgetRefused(
        f"{need.model.id}: {cost} nano-dollars do not fit {bound.room}",
        say=f"{need.model.id} was not asked. {bound.said(cost)} {way_on}",
    )


def _affordable(need: Need, worst: int, room: int) -> int:
    """The longest output whose worst case fits the room, in tokens; below 0 where not even the input does."""
    base = need.worst(0) or 0
    # Cost grows evenly with the output; a token less makes up for the rounding.
    return (room - base) * need.ceiling // max(1, worst - base) - 1


def _works(needs: Iterable[Need], room: int) -> tuple[ModelId | None, int]:
    """The cheapest model that the room has place for, a local one before all, and its cost."""
    costs = [(need.worst(need.least), need.model.id) for need in needs]
    fitting = [(cost, model) for cost, model in costs if cost is not None and cost <= max(room, 0)]
    cost, model = min(fitting, key=lambda pair: pair[0], default=(0, None))
    return model, cost
