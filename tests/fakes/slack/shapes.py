"""A small language for what an object may hold; Block Kit's tables are written in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Check = Callable[[Any, str], None]


class Invalid(ValueError):
    """Something is not as the reference allows it; the message says what and where."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: fields it must hold, fields it may hold, and groups of which one must be there."""

    must: Mapping[str, Check]
    may: Mapping[str, Check] = field(default_factory=dict)
    one_of: tuple[str, ...] = ()

    def __call__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise Invalid(f"must be an object [{where}]")
        for name in self.must:
            if name not in value:
                raise Invalid(f"missing required field: {name} [{where}]")
        if self.one_of and not any(name in value for name in self.one_of):
            raise Invalid(f"one of {', '.join(self.one_of)} is required [{where}]")
        for name, held in value.items():
            check = self.must.get(name) or self.may.get(name)
            if check is None:
                if name != "type":
                    raise Invalid(f"additional property: {name} [{where}]")
            else:
                check(held, f"{where}/{name}")


def text(most: int, least: int = 1) -> Check:
    """A string of so many characters."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, str):
            raise Invalid(f"must be a string [{where}]")
        if not least <= len(value) <= most:
            raise Invalid(f"must be {least} to {most} characters, is {len(value)} [{where}]")

    return check


def number(low: float, high: float) -> Check:
    def check(value: Any, where: str) -> None:
        if type(value) not in (int, float) or not low <= value <= high:
            raise Invalid(f"must be a number from {low} to {high} [{where}]")

    return check


def flag(value: Any, where: str) -> None:
    if not isinstance(value, bool):
        raise Invalid(f"must be a boolean [{where}]")


def anything(value: Any, where: str) -> None:
    """What this product does not use: only that it is there."""
    if value is None:
        raise Invalid(f"must not be null [{where}]")


def one(*allowed: str) -> Check:
    def check(value: Any, where: str) -> None:
        if value not in allowed:
            raise Invalid(f"must be one of {', '.join(allowed)} [{where}]")

    return check


def many(check: Check, most: int, least: int = 1) -> Check:
    """An array of so many items."""

    def check_all(value: Any, where: str) -> None:
        if not isinstance(value, list):
            raise Invalid(f"must be an array [{where}]")
        if not least <= len(value) <= most:
            raise Invalid(f"must hold {least} to {most} items, holds {len(value)} [{where}]")
        for place, item in enumerate(value):
            check(item, f"{where}/{place}")

    return check_all


def typed(table: Mapping[str, Check]) -> Check:
    """An object whose ``type`` says by which row of the table it is checked."""

    def check(value: Any, where: str) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in table:
            raise Invalid(f"unsupported type: {kind} [{where}]")
        table[kind](value, where)

    return check


def words(most: int, *kinds: str) -> Check:
    """A text object of one of these kinds (plain_text, mrkdwn)."""
    kinds = kinds or ("plain_text", "mrkdwn")
    shape = Shape({"type": one(*kinds), "text": text(most)}, {"emoji": flag, "verbatim": flag})

    def check(value: Any, where: str) -> None:
        shape(value, where)
        if "emoji" in value and value["type"] != "plain_text":
            raise Invalid(f"emoji is for plain_text only [{where}]")

    return check


def plain(most: int) -> Check:
    return words(most, "plain_text")
