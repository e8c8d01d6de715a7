"""How much a request may use: its output is clamped to the room that budgets and limits leave, or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bot.calls import refusals
from bot.calls.access import levels
from bot.calls.refusals import BudgetSpent, Expensive, Offer, Shortage, Viewer
from bot.core.place import Place
from bot.providers.registry import Model
from storage.ledger import BudgetLine
from storage.store import Store

REQUEST_LIMIT = "request_limit"  # nano-dollars that one request may cost
ASK_ABOVE = (
    "ask_above"  # nano-dollars that an answer may be likely to cost before the person is asked; 0: never ask
)
ASK_ABOVE_DEFAULT = 500_000_000
UNPRICED_TOKENS = "unpriced_tokens"  # output tokens of a model whose price nobody knows
UNPRICED_DEFAULT = 32_000
LEAST_OUTPUT = 256  # tokens; an answer that must be shorter than this is better refused
_USUAL_OUTPUT = 2_000  # tokens of an answer as it is likely to be
_CENT = 10_000_000  # nano-dollars


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits beside the budgets: nano-dollars per request (None: no limit), output tokens where unpriced.

    Above ``ask_above`` nano-dollars (0: never) the person is asked before the model is.
    """

    request: int | None
    unpriced_tokens: int
    ask_above: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """What an attempt asks for, in tokens. ``wanted`` is the maximum output; None is the model's own.

    ``images``: the model must be able to look at some.
    """

    model: Model
    input_tokens: int
    wanted: int | None
    at: datetime
    images: bool = False

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
        return self.model.prices.worst_case(self.model.id, self.input_tokens, output, self.at)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an attempt may use: ``max_output`` to send (None: the model's own), nano-dollars to reserve."""

    max_output: int | None
    amount: int


async def caps(store: Store, place: Place, person_id: int | None) -> Caps:
    """The limits in force: the smallest of those set at any level. Three queries."""
    scopes = [level.scope for level in levels(place, person_id)]
    request = await _smallest(store, scopes, REQUEST_LIMIT)
    tokens = await _smallest(store, scopes, UNPRICED_TOKENS)
    ask_above = await _smallest(store, scopes, ASK_ABOVE)
    return Caps(
        request,
        UNPRICED_DEFAULT if tokens is None else tokens,
        ASK_ABOVE_DEFAULT if ask_above is None else ask_above,
    )


async def _smallest(store: Store, scopes: Sequence[str], key: str) -> int | None:
    found = await store.settings.get_many(scopes, key)
    return min((int(setting.value) for setting in found.values()), default=None)


@dataclass(frozen=True, slots=True)
class Bound:
    """Something that bounds the cost: the room it leaves in nano-dollars, and words for a cost beyond it.

    ``line`` is the budget that does, None where it is the limit of one request.
    """

    room: int
    said: Callable[[int, Viewer], str]
    line: BudgetLine | None = None


class NoAllowance(Exception):
    """Not even a short answer fits ``bound``."""

    def __init__(self, need: Need, bound: Bound) -> None:
        super().__init__(
            f"{need.model.id}: {need.worst(need.least) or 0} nano-dollars do not fit {bound.room}"
        )
        self.need, self.bound = need, bound


def allow(need: Need, bounds: Sequence[Bound], caps: Caps) -> Allowance:
    """Fit the need into the tightest bound. Raises NoAllowance."""
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
        raise NoAllowance(need, bound)
    return Allowance(output, need.worst(output) or 0)


def bounds(rooms: Iterable[BudgetLine], caps: Caps, spent: int) -> list[Bound]:
    """All that bounds a request's cost. ``spent`` is what its earlier attempts cost, in nano-dollars."""
    found = [Bound(line.left, partial(refusals.no_room, line), line) for line in rooms]
    if caps.request is not None:
        limit = caps.request
        found.append(Bound(limit - spent, lambda cost, viewer: refusals.over_limit(limit, cost)))
    return found


def warning(need: Need, caps: Caps, instead: Iterable[Model]) -> Expensive | None:
    """What to ask the person first, None where the answer is not likely to be expensive."""
    likely = need.worst(min(need.ceiling, _USUAL_OUTPUT))
    if not caps.ask_above or likely is None or likely <= caps.ask_above:
        return None
    cheap = Bound(caps.ask_above, refusals.no_reason)
    offers = works(NoAllowance(need, cheap), instead)
    return Expensive(
        f"{need.model.id}: {likely} nano-dollars are likely",
        say=refusals.expensive(need.model.id, likely, need.input_tokens, offers),
        offers=offers,
        likely=likely,
    )


def refusal(short: NoAllowance, instead: Iterable[Model], caps: Caps, viewer: Viewer) -> BudgetSpent:
    """The error that says why there is no room, and what still works."""
    need, bound = short.need, short.bound
    offers = works(short, instead)
    said = bound.said(need.worst(need.least) or 0, viewer)
    return BudgetSpent(
        str(short),
        say=f"{need.model.id} was not asked. {said} {refusals.ways_on(offers)}",
        offers=offers,
        shortage=None if bound.line is None else Shortage(need.model.id, bound.line, _missing(short, caps)),
    )


def works(short: NoAllowance, instead: Iterable[Model]) -> tuple[Offer, ...]:
    """What has room where another model has not: the cheapest that costs something, and one that is free.

    The text must fit its window, and it must see images where there are some.
    """
    need, room = short.need, max(short.bound.room, 0)
    able = [model for model in instead if _is_able(need, model)]
    needs = [replace(need, model=model) for model in able]
    priced = [(other.worst(other.least), other.model) for other in needs]
    fitting = [Offer(model.id, cost) for cost, model in priced if cost is not None and cost <= room]
    paid = min((one for one in fitting if one.cost), key=lambda one: one.cost, default=None)
    free = next((one for one in fitting if not one.cost), None)
    return tuple(one for one in (free, paid) if one is not None)


def _is_able(need: Need, model: Model) -> bool:
    return model.window - need.input_tokens >= need.least and (model.vision or not need.images)


def _missing(short: NoAllowance, caps: Caps) -> int:
    """The nano-dollars that a whole answer lacks, in full cents: as much as one request may cost at most."""
    worst = short.need.worst(short.need.ceiling) or 0
    most = worst if caps.request is None else min(worst, caps.request)
    return -(-(most - short.bound.room) // _CENT) * _CENT


def _affordable(need: Need, worst: int, room: int) -> int:
    """The longest output whose worst case fits the room, in tokens; below 0 where not even the input does."""
    base = need.worst(0) or 0
    # Cost grows evenly with the output; a token less makes up for the rounding.
    return (room - base) * need.ceiling // max(1, worst - base) - 1
