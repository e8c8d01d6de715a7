"""Money as people read and type it. Everywhere else an amount is a whole number of nano-dollars; None is unpriced."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.core.errors import BadInput

NANO = 1_000_000_000  # nano-dollars in a dollar
UNPRICED = "unpriced"

_MOST = 1_000_000_000  # dollars; a thousand million is a slip of the finger
_DOLLAR = r"(?:us\$|\$|usd|us dollars?|dollars?)"
_AMOUNT = re.compile(rf"(?:{_DOLLAR}\s*)?(?P<figure>[0-9.,' \u00a0\u202f]*[0-9])\s*{_DOLLAR}?", re.IGNORECASE)
_FORM = "Write an amount in US dollars, like 5, $0.50 or 1,000."
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?P<mark>[,.' ])[0-9]{3}(?:(?P=mark)[0-9]{3})*")

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


def parse_dollars(text: str) -> int:
    """An amount that a person typed, in nano-dollars: "$5", "0.5 USD", "5,00", "1,000.50", "1.000,50".

    A single comma or point is a decimal one, but "1,000" is a thousand, as we write it ourselves. Raises BadInput.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise _no_amount(text, "is no amount")
    amount = _decimal(found["figure"], text)
    if amount >= _MOST:
        raise _no_amount(text, "is more than can be meant")
    nano = amount * NANO
    if nano != nano.to_integral_value():
        raise _no_amount(text, "has more than nine decimals")
    return int(nano)


def _decimal(figure: str, text: str) -> Decimal:
    """A figure without its marks: of two kinds the last is the decimal one."""
    figure = re.sub("[\u00a0\u202f]", " ", figure)
    whole, decimals = figure, ""
    last = max(figure.rfind(","), figure.rfind("."))
    if last >= 0 and figure.count(figure[last]) == 1 and not _is_thousands(figure):
        whole, decimals = figure[:last], figure[last + 1 :]
    if not (re.fullmatch("[0-9]*", whole) or _GROUPED.fullmatch(whole)):
        raise _no_amount(text, "can be read in two ways")
    return Decimal(f"{re.sub('[^0-9]', '', whole) or '0'}.{decimals or '0'}")


def _is_thousands(figure: str) -> bool:
    """Whether the only mark of a figure is one of thousands: "1,000", but not "1.000"."""
    return "." not in figure and _GROUPED.fullmatch(figure) is not None


def _no_amount(text: str, what: str) -> BadInput:
    shown = f"“{text.strip()}”" if text.isprintable() and 0 < len(text.strip()) <= 30 else "That"
    return BadInput(f"not an amount: {len(text)} characters", say=f"{shown} {what}. {_FORM}")
