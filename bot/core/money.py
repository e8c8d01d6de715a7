"""Money for people to read. Everywhere else an amount is a whole number of nano-dollars; None is unpriced."""

from __future__ import annotations

NANO = 1_000_000_000  # nano-dollars in a dollar
UNPRICED = "unpriced"

_SMALLEST = 100_000  # nano-dollars: a hundredth of a cent, the last digit shown


def dollars(nano: int | None) -> str:
    """An amount for people: "$0.0123", "$12.34", "$100", "<$0.0001", "unpriced". Halves go up; no floats."""
    if nano is None:
        return UNPRICED
    if nano < 0:
        return f"-{dollars(-nano)}"
    if 0 < nano < _SMALLEST:
        return "<$0.0001"
    ten_thousandths = (nano + _SMALLEST // 2) // _SMALLEST
    if ten_thousandths < 10_000:
        return f"$0.{_trim(f'{ten_thousandths:04}')}"
    whole, cents = divmod((nano + NANO // 200) // (NANO // 100), 100)
    return f"${whole:,}.{cents:02}" if cents else f"${whole:,}"


def _trim(decimals: str) -> str:
    """Drop zeros at the end, but never a cent's place."""
    return decimals[:2] + decimals[2:].rstrip("0")
