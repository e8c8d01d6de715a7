"""A small language for what a form may hold; the tables of the API are written in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord.refusals import JSON, Refusal

Where = tuple[str, ...]
Check = Callable[[Any, Where], None]


class Invalid(Refusal):
    """A wrong form: what is wrong, by Discord's name for it, and where."""

    def __init__(self, where: Where, code: str, message: str) -> None:
        tree: JSON = {"_errors": [{"code": code, "message": message}]}
        for step in reversed(where):
            tree = {step: tree}
        super().__init__(50035, tree)
        self.where, self.kind = where, code

    def __str__(self) -> str:
        return f"{'.'.join(self.where)}: {self.errors}"


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: fields it must hold and fields it may hold. A field it does not know is wrong.

    Discord itself passes over unknown fields; no correct client sends any.
    """

    must: Mapping[str, Check]
    may: Mapping[str, Check] = field(default_factory=dict)

    def __call__(self, value: Any, where: Where) -> None:
        if not isinstance(value, dict):
            raise Invalid(where, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        for name in self.must:
            if name not in value:
                raise Invalid((*where, name), "BASE_TYPE_REQUIRED", "This field is required")
        for name, held in value.items():
            check = self.must.get(name) or self.may.get(name)
            if check is None:
                raise Invalid((*where, name), "UNKNOWN_FIELD", "The reference has no such field")
            check(held, (*where, name))


def text(most: int, least: int = 1) -> Check:
    """A string of so many characters."""

    def check(value: Any, where: Where) -> None:
        if not isinstance(value, str):
            raise Invalid(where, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        if least == 0 and len(value) > most:
            raise Invalid(where, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        if not least <= len(value) <= most:
            kind = "BASE_TYPE_REQUIRED" if not value else "BASE_TYPE_BAD_LENGTH"
            raise Invalid(where, kind, f"Must be between {least} and {most} in length.")

    return check


def number(low: float, high: float) -> Check:
    def check(value: Any, where: Where) -> None:
        if type(value) not in (int, float):
            raise Invalid(where, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        if value > high:
            raise Invalid(where, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")
        if value < low:
            raise Invalid(where, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}.")

    return check


def snowflake(value: Any, where: Where) -> None:
    if type(value) not in (int, str) or not str(value).isdigit():
        raise Invalid(where, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')


def flag(value: Any, where: Where) -> None:
    if not isinstance(value, bool):
        raise Invalid(where, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")


def anything(value: Any, where: Where) -> None:
    """What this product does not use."""


def never(code: str, message: str) -> Check:
    """A field that stands in the reference, but not here."""

    def check(value: Any, where: Where) -> None:
        raise Invalid(where, code, message)

    return check


def one(*allowed: Any) -> Check:
    def check(value: Any, where: Where) -> None:
        if value not in allowed or isinstance(value, bool) != isinstance(allowed[0], bool):
            raise Invalid(where, "BASE_TYPE_CHOICES", f"Value must be one of {set(allowed)}.")

    return check


def maybe(check: Check) -> Check:
    """Or null."""

    def check_unless_null(value: Any, where: Where) -> None:
        if value is not None:
            check(value, where)

    return check_unless_null


def many(check: Check, most: int, least: int = 0) -> Check:
    """An array of so many items."""

    def check_all(value: Any, where: Where) -> None:
        if not isinstance(value, list):
            raise Invalid(where, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        if least == 0 and len(value) > most:
            raise Invalid(where, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        if not least <= len(value) <= most:
            raise Invalid(where, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        for place, item in enumerate(value):
            check(item, (*where, str(place)))

    return check_all


def typed(table: Mapping[int, Check]) -> Check:
    """An object whose ``type`` says by which row of the table it is checked."""

    def check(value: Any, where: Where) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if type(kind) is not int or kind not in table:
            allowed = f'Value of field "type" must be one of ({", ".join(map(str, table))}).'
            raise Invalid((*where, "type"), "UNION_TYPE_CHOICES", allowed)
        table[kind](value, where)

    return check
