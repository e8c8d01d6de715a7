"""A model in words: its window, what it costs, where the text goes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from bot.core.money import NANO, UNPRICED, dollars
from bot.core.provider import Usage
from bot.providers.prices import price_of
from bot.providers.registry import Model

_MILLION = 1_000_000


def window(model: Model) -> str:
    """How much it reads, as people say it: "32k tokens"."""
    tokens = model.window
    if tokens >= _MILLION:
        return f"{tokens / _MILLION:.1f}M tokens".replace(".0M", "M")
    return f"{round(tokens / 1000)}k tokens" if tokens >= 1000 else f"{tokens} tokens"


def price(model: Model) -> str:
    """What a million tokens cost: "$2 in, $10 out", "free", "unpriced"."""
    if model.local:
        return "free"
    prices = price_of(model.id, Usage(1, 1), datetime.now(UTC)).prices
    if "input" not in prices or "output" not in prices:
        return UNPRICED
    read, written = (dollars(int(Decimal(prices[kind]) * NANO)) for kind in ("input", "output"))
    return f"{read} in, {written} out per million"


def in_short(model: Model) -> str:
    """One line for lists."""
    seen = ", sees images" if model.vision else ""
    return f"{window(model)}{seen}, {price(model)}"


def in_full(model: Model) -> str:
    """What matters before choosing it, as one sentence without its full stop."""
    where = "" if model.local else f". The text goes to {model.privacy}"
    return f"{in_short(model)}{where}".rstrip(". ")
