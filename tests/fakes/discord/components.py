"""Components of messages and modals: what a row of the tables cannot say alone, and what is in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.fakes.discord import tables
from tests.fakes.discord.refusals import JSON, Plain
from tests.fakes.discord.shapes import Invalid, Shape, Where, many, text, typed

MOST, CHARACTERS = 40, 4_000
# Sum of the UTF-8 bytes and 12 for every text; one more and Discord answers 500 (discord-api-docs#8554).
BYTES, BYTES_EACH = 10_170, 12

_modal = Shape(
    {
        "custom_id": tables.custom_id,
        "title": text(45),
        "components": many(typed(tables.IN_MODALS), 5, 1),
    }
)


def check_components(value: Any, *, new: bool) -> list[JSON]:
    """The components of a message, with ``id`` filled in; ``new`` is Components V2. Raises Invalid."""
    given = value or []
    if new:
        many(typed(tables.NEW), MOST)(given, ("components",))
        if sum(1 for _ in walk(given)) > MOST:
            raise Invalid(
                ("components",),
                "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
                f"The maximum number of total components ({MOST}) has been exceeded",
            )
        _check_texts(given)
    else:
        many(typed(tables.LEGACY), 5)(given, ("components",))
    _check_all(given, ("components",))
    return _numbered(given)


def check_modal(value: Any) -> JSON:
    """The data of a modal, its components numbered. Raises Invalid."""
    _modal(value, ("data",))
    _check_all(value["components"], ("data", "components"))
    for component in walk(value["components"]):
        if component.get("disabled"):
            raise Invalid(("data", "components"), "COMPONENT_DISABLED", "A modal holds nothing disabled")
    return {**value, "components": _numbered(value["components"])}


def walk(components: list[JSON]) -> Iterator[JSON]:
    """Every component, those inside of others too."""
    for component in components:
        yield component
        nested = [component.get("accessory"), component.get("component")]
        yield from walk([*component.get("components", []), *(one for one in nested if one)])


def texts_of(components: list[JSON]) -> list[str]:
    """What is written in the texts."""
    return [one["content"] for one in walk(components) if one["type"] == tables.TEXT]


def actions_of(components: list[JSON]) -> dict[str, JSON]:
    """Every component a person can use, by its custom_id."""
    return {one["custom_id"]: one for one in walk(components) if "custom_id" in one}


def _check_texts(components: list[JSON]) -> None:
    texts = texts_of(components)
    if sum(map(len, texts)) > CHARACTERS:
        raise Invalid(
            ("components",),
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            f"The total displayable text size exceeds the maximum of {CHARACTERS}",
        )
    if sum(len(one.encode()) + BYTES_EACH for one in texts) > BYTES:
        raise Plain(500)


def _check_all(components: list[JSON], where: Where) -> None:
    """What holds between components: rows are of one kind, ids are not given twice, choices fit."""
    ids: set[Any] = set()
    for component in walk(components):
        if component["type"] == tables.ROW:
            kinds = [one["type"] for one in component["components"]]
            if len(kinds) > 1 and set(kinds) != {tables.BUTTON}:
                message = "The specified component exceeds the maximum width"
                raise Invalid(where, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
        for name in ("custom_id", "id"):
            given = component.get(name)
            if given and (name, given) in ids:
                raise Invalid(
                    where, f"COMPONENT_{name.upper()}_DUPLICATED", f"Component {name} cannot be duplicated"
                )
            ids.add((name, given))
        _check_options(component, where)


def _check_options(component: JSON, where: Where) -> None:
    options = component.get("options")
    if options is None:
        return
    values = [one["value"] for one in options]
    if len(set(values)) < len(values):
        raise Invalid(where, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The value must be unique")
    most, least = component.get("max_values"), component.get("min_values")
    if (most or 1) > len(options) or (least or 0) > (most or len(options)):
        raise Invalid(where, "BASE_TYPE_MAX_LENGTH", "max_values must fit the options and min_values")


def _numbered(components: list[JSON]) -> list[JSON]:
    """The components with an ``id`` each, in their order, beside those that were given."""
    taken = {one.get("id") for one in walk(components)}
    fresh = (number for number in range(1, 1000) if number not in taken)

    def number(component: JSON) -> JSON:
        result = {**component, "id": component.get("id") or next(fresh)}
        for name in ("accessory", "component"):
            if name in component:
                result[name] = number(component[name])
        if "components" in component:
            result["components"] = [number(one) for one in component["components"]]
        return result

    return [number(one) for one in components]
