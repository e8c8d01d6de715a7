"""What a model costs: dollars per million tokens by kind, with tiers, and what one request costs beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from bot.core.provider import Usage

_NANO = Decimal(1_000_000_000)
_MILLION = Decimal(1_000_000)
_KINDS = ("input", "cached", "cache_write", "output", "reasoning")


@dataclass(frozen=True, slots=True)
class Tier:
    """The prices of a request whose input is longer than ``above`` tokens: all its tokens move to them."""

    above: int
    input: Decimal | None = None
    output: Decimal | None = None
    cached: Decimal | None = None
    cache_write: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """A price list's entry for one model at one moment, in dollars per million tokens.

    ``input`` and ``output`` are None where nobody says; the others where there is no price of its own, so that
    cached and cache-written tokens cost what input costs, and reasoning what output costs. ``per_request`` is dollars
    for one request; ``per_search`` is what it is in its place by how much of the web was read, where the provider
    tells that. ``source`` and ``as_of`` say whose word it is, and of when.
    """

    input: Decimal | None
    output: Decimal | None
    cached: Decimal | None = None
    cache_write: Decimal | None = None
    reasoning: Decimal | None = None
    per_request: Decimal = Decimal(0)
    per_search: tuple[tuple[str, Decimal], ...] = ()
    tiers: tuple[Tier, ...] = ()
    source: str = ""
    as_of: date | None = None

    @property
    def complete(self) -> bool:
        """Whether a chat can be priced with it."""
        return self.input is not None and self.output is not None

    @property
    def is_override(self) -> bool:
        """Whether an admin set it over what others say."""
        return self.source.startswith("override")

    def reached(self, input_tokens: int) -> Rates:
        """The prices at that length of input, without tiers."""
        reached = [tier for tier in self.tiers if input_tokens > tier.above]
        if not reached:
            return replace(self, tiers=()) if self.tiers else self
        tier = max(reached, key=lambda each: each.above)
        return replace(
            self,
            input=tier.input,
            output=tier.output,
            cached=tier.cached,
            cache_write=tier.cache_write,
            tiers=(),
        )

    def cost(self, usage: Usage) -> int | None:
        """What the usage costs in nano-dollars, rounded once, half up; None where a kind that was used has no price."""
        here = self.reached(usage.input)
        if (usage.input and here.input is None) or (usage.output and here.output is None):
            return None
        given, written = here.input or Decimal(0), here.output or Decimal(0)
        cached = min(usage.cached, usage.input)
        stored = min(usage.cache_write, usage.input - cached)
        thought = min(usage.reasoning, usage.output)
        total = (
            (usage.input - cached - stored) * given
            + cached * _or(here.cached, given)
            + stored * _or(here.cache_write, given)
            + (usage.output - thought) * written
            + thought * _or(here.reasoning, written)
        )
        return _nano(total / _MILLION + here.fee(usage.search))

    def worst(self, input_tokens: int, max_output: int) -> int | None:
        """The most such a request can cost in nano-dollars, None where no price is known.

        The provider may write all of the prompt to its cache, which can be dearer than reading it, or think all the
        while, and read as much of the web as it likes.
        """
        fees = ("", *(size for size, _ in self.per_search))
        usages = [
            Usage(input_tokens, max_output, cache_write=stored, reasoning=thought, search=size)
            for stored in (0, input_tokens)
            for thought in (0, max_output)
            for size in fees
        ]
        costs = [cost for usage in usages if (cost := self.cost(usage)) is not None]
        return max(costs, default=None)

    def applied(self, usage: Usage) -> dict[str, str]:
        """The prices that the usage was counted with, as decimal strings, for the ledger."""
        here = self.reached(usage.input)
        told = {kind: getattr(here, kind) for kind in _KINDS}
        told["per_request"] = here.fee(usage.search) or None
        return {kind: plain(rate) for kind, rate in told.items() if rate is not None}

    def fee(self, search: str = "") -> Decimal:
        """Dollars for a request, whatever its tokens, that read so much of the web."""
        return dict(self.per_search).get(search, self.per_request)


def plain(amount: Decimal) -> str:
    """A decimal without an exponent or zeros at its end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _or(rate: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if rate is None else rate


def _nano(dollars: Decimal) -> int:
    return int((dollars * _NANO).to_integral_value(ROUND_HALF_UP))
