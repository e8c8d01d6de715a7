"""Figures as providers report them: tokens, and a cost in dollars as whole nano-dollars. What is no figure is none."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

_NANO = Decimal(1_000_000_000)


def inner(value: object, *names: str) -> Any:
    """What stands at a path of keys, None where there is no such path."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def count(value: object, *names: str) -> int:
    """A number of tokens at a path, 0 where it is absent or none."""
    number = inner(value, *names)
    if isinstance(number, bool) or not isinstance(number, int | float):
        return 0
    return int(number) if 0 < number < 1e12 else 0


def nano(dollars: object, per: int = 1) -> int | None:
    """A cost in nano-dollars, None where it is none. ``per`` is how many of its units are a dollar."""
    if isinstance(dollars, bool) or not isinstance(dollars, int | float | str):
        return None
    try:
        amount = Decimal(str(dollars)) / per
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount < 1_000_000:
        return None
    return int((amount * _NANO).to_integral_value(ROUND_HALF_UP))
