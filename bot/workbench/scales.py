"""Scales: figures as people read them on an axis, and the round steps between them. Whole numbers only."""

from __future__ import annotations

from enum import StrEnum

from bot.core.money import NANO, dollars

_STEPS = (10, 20, 25, 50, 100)  # tenths of a power of ten
_MOST = 4  # steps of an axis


class Unit(StrEnum):
    """What is counted. Money is in nano-dollars."""

    MONEY = "money"
    TOKENS = "tokens"
    COUNT = "count"


def step(top: int, unit: Unit) -> int:
    """The distance of the lines of an axis that reaches ``top``: at most four, at round values."""
    least = NANO // 10_000 if unit is Unit.MONEY else 1
    wanted = max(least, -(-max(top, 0) // _MOST))
    power = 1
    while power * 10 <= wanted:
        power *= 10
    fitting = (power * one // 10 for one in _STEPS if power * one % 10 == 0)
    return next(one for one in fitting if one >= wanted)


def ticks(top: int, unit: Unit) -> list[int]:
    """The values of an axis from 0 up to the first round one that is not below ``top``."""
    if top <= 0:
        return [0, NANO if unit is Unit.MONEY else 1]
    distance = step(top, unit)
    count = max(1, -(-max(top, 0) // distance))
    return [number * distance for number in range(count + 1)]


def figure(value: int, unit: Unit) -> str:
    """A value for people: "$12.34", "1.2M tokens", "1,240"."""
    match unit:
        case Unit.MONEY:
            return dollars(value)
        case Unit.TOKENS:
            return f"{short(value)} token{'' if value == 1 else 's'}"
        case Unit.COUNT:
            return f"{value:,}"


def mark(value: int, distance: int, unit: Unit) -> str:
    """A value beside a line of an axis; all have as many decimals as their distance needs."""
    if unit is not Unit.MONEY:
        return short(value)
    if value == 0:
        return "$0"
    if value >= 10_000 * NANO:
        return f"${short(value // NANO)}"
    decimals = next((places for places in range(5) if distance % (NANO // 10**places) == 0), 4)
    decimals = 2 if decimals == 1 else decimals
    return f"${value // NANO:,}" if not decimals else f"${value / NANO:,.{decimals}f}"


def short(value: int) -> str:
    """A large number in three digits: 940, 1.2k, 38k, 1.2M."""
    for size, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            tenths = value * 10 // size
            return (
                f"{tenths // 10}{letter}"
                if tenths >= 100 or tenths % 10 == 0
                else f"{tenths / 10:.1f}{letter}"
            )
    return str(value)
