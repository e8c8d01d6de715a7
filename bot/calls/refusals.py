"""Refusals in words: what is spent, what is left, when it renews, who pays, and what still works."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.core.errors import BudgetRefused
from bot.core.money import dollars
from bot.core.provider import ModelId
from storage.budgets import BudgetLine
from storage.periods import zone

_PERIOD = {"day": "today", "week": "this week", "month": "this month"}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who reads a refusal: their time zone, and the name of the key that would have paid, "" where there is none."""

    zone: str = "UTC"
    payer: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that still works, and the nano-dollars that a short answer of it costs at most; 0 is free."""

    model: ModelId
    cost: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """What was missing: ``needed`` nano-dollars more in a budget for the answer that was asked for."""

    model: ModelId
    line: BudgetLine
    needed: int


class BudgetSpent(BudgetRefused):
    """No room for a model. ``shortage`` is None where no budget, but the limit of one request stood in the way.

    ``offers`` still work.
    """

    def __init__(
        self, detail: str, *, say: str, offers: Sequence[Offer] = (), shortage: Shortage | None = None
    ) -> None:
        super().__init__(detail, say=say)
        self.offers, self.shortage = tuple(offers), shortage


class Expensive(BudgetSpent):
    """The answer is likely to cost so many nano-dollars, and the person is to say so first."""

    def __init__(self, detail: str, *, say: str, offers: Sequence[Offer], likely: int) -> None:
        super().__init__(detail, say=say, offers=offers)
        self.likely = likely


def expensive(model: ModelId, likely: int, tokens: int, offers: Sequence[Offer]) -> str:
    """What a person reads before an expensive answer."""
    instead = f" {ways_on(offers)}" if offers else ""
    return (
        f"{model} was not asked yet: it would read about {tokens:,} tokens, and the answer is likely to cost about"
        f" {dollars(likely)}. **Ask anyway** does it; `/new` makes it shorter.{instead}"
    )


def no_reason(cost: int, viewer: Viewer) -> str:
    """For a bound that is never spoken of."""
    return ""


def no_room(line: BudgetLine, cost: int, viewer: Viewer | None = None) -> str:
    """Why a cost (nano-dollars) does not fit a budget."""
    viewer = viewer or Viewer()
    payer = f" The key “{viewer.payer}” pays." if viewer.payer else ""
    return f"Even a short answer could cost {dollars(cost)}, and {standing(line, viewer.zone)}{payer}"


def standing(line: BudgetLine, zone_name: str = "UTC") -> str:
    """What is left of a budget, what is spent, when it renews: one or two sentences."""
    held = f" ({dollars(line.reserved)} is held for answers being written)" if line.reserved else ""
    extra = f", with {dollars(line.extra)} that an admin added" if line.extra else ""
    budget = f"{whose(line)} {dollars(line.amount)} for {_PERIOD[line.period]}{extra}"
    return (
        f"{_left(line.left)} of {budget} is left: {dollars(line.spent)} is spent{held}."
        f" It renews {renews(line, zone_name)}."
    )


def over_limit(limit: int, cost: int) -> str:
    """Why a cost (nano-dollars) is over the limit of one request."""
    most = f"one request may cost at most {dollars(limit)}"
    return f"Even a short answer could cost {dollars(cost)}, and {most}; `/new` makes it shorter."


def ways_on(offers: Sequence[Offer]) -> str:
    """What still works: models that fit the room, or somebody who can make room."""
    if not offers:
        return "An admin can raise the limit."
    return " ".join(f"{offer.model} {_price(offer)}: `/model {offer.model}`." for offer in offers)


def whose(line: BudgetLine, own: str = "your") -> str:
    """Whose budget it is, as it stands before the amount: "the", "your" (or ``own``), "this channel's"."""
    match line.scope:
        case "installation":
            return "the"
        case "person":
            return own
        case "provider" | "credential":
            return f"{line.subject}'s"
        case _:
            return f"this {line.scope}'s"


def renews(line: BudgetLine, zone_name: str = "UTC") -> str:
    """When a budget renews, by the clock of a time zone."""
    at = line.renews_at.astimezone(UTC if zone_name == "UTC" else zone(zone_name))
    moment = f"{at:%H:%M} {_zone_words(at, zone_name)}"
    if line.period == "day" and at.hour < 1:
        return f"at {moment}"
    return f"on {at:%A}, {at.day} {at:%B}, at {moment}"


def _zone_words(at: datetime, zone_name: str) -> str:
    """What people of a zone call it: "CET" where it has letters of its own, else "Asia/Tashkent"."""
    letters = at.tzname() or zone_name
    return letters if letters.isalpha() else zone_name


def _price(offer: Offer) -> str:
    return "is free and still works" if offer.cost == 0 else f"still fits, at {dollars(offer.cost)} or less"


def _left(left: int) -> str:
    return dollars(left) if left > 0 else "nothing"
