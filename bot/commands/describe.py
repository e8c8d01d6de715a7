"""A model in words: its window, what it costs, where the text goes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from bot.core.money import NANO, UNPRICED, dollars
from bot.core.provider import Usage
from bot.providers.models import Model
from bot.providers.retiring import retirement

_MILLION = 1_000_000


def window(model: Model) -> str:
    """How much it reads, as people say it: "32k tokens"."""
    tokens = model.window
    if tokens >= _MILLION:
        return f"{tokens / _MILLION:.1f}M tokens".replace(".0M", "M")
    return f"{round(tokens / 1000)}k tokens" if tokens >= 1000 else f"{tokens} tokens"


def price(model: Model) -> str:
    """What a million tokens cost now: "$2 in, $10 out per million", "free", "unpriced"."""
    rates = model.rates
    if rates is None or not model.priced:
        return UNPRICED
    if not (rates.input or rates.output or rates.per_request):
        return "free"
    fee = f", {_dollars(rates.per_request)} per request" if rates.per_request else ""
    return f"{_dollars(rates.input)} in, {_dollars(rates.output)} out per million{fee}"


def reading(model: Model, tokens: int) -> str:
    """What it costs that the model reads so many tokens: "$0.0123", "free", "unpriced"."""
    if model.local:
        return "free"
    return dollars(model.prices.price_of(model.id, Usage(tokens, 0), datetime.now(UTC)).cost)


def in_short(model: Model) -> str:
    """One line for lists."""
    seen = ", sees images" if model.vision else ""
    return f"{window(model)}{seen}, {price(model)}{f', {ends(model)}' if ends(model) else ''}"


def ends(model: Model) -> str:
    """That it ends soon or has, and what takes its place; "" where no end is near."""
    end = retirement(model, datetime.now(UTC).date())
    return end.say if end else ""


def as_option(model: Model) -> str:
    """What an entry of a choice says beside the name: window, price, and whether the text leaves this machine."""
    return f"{in_short(model)} · {'stays here' if model.local else 'cloud'}"


def in_full(model: Model) -> str:
    """What matters before choosing it, as one sentence without its full stop."""
    where = "" if model.local else f". The text goes to {model.privacy}"
    return f"{in_short(model)}{where}".rstrip(". ")


def _dollars(amount: Decimal) -> str:
    return dollars(int(amount * NANO))
