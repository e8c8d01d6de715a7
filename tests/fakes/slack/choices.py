"""A person's choice in an element: as the action tells it, and as a view's state holds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tests.fakes.refused import Misuse
from tests.fakes.slack.refusals import JSON

_LISTS = {"multi_static_select", "multi_external_select", "checkboxes"}
_IDS = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
_TYPED = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}


def chosen(element: JSON, choice: Any, offered: Iterable[JSON]) -> JSON:
    """The action of using an element. Raises Misuse where it cannot be used so."""
    kind = element["type"]
    action = {"type": kind, "action_id": element["action_id"], "block_id": element["block_id"]}
    if kind == "feedback_buttons":
        button = element.get(f"{choice}_button")
        if button is None:
            raise Misuse("feedback is positive or negative")
        return {**action, "text": button["text"], "value": button["value"]}
    if kind in ("button", "icon_button", "workflow_button"):
        return action | {name: element[name] for name in ("text", "value", "style") if name in element}
    if kind in _IDS:
        return {**action, _IDS[kind]: choice}
    if kind in _TYPED:
        return {**action, "value": _bounded(element, str(choice))}
    options = [*_options(element), *offered]
    if kind in _LISTS:
        return {**action, "selected_options": [option_of(options, one) for one in choice]}
    return {**action, "selected_option": option_of(options, choice)}


def option_of(options: Iterable[JSON], value: str) -> JSON:
    """The option of this value; what is not on offer cannot be chosen."""
    for option in options:
        if option["value"] == value:
            return option
    raise Misuse(f"{value!r} is not on offer")


def state_value(action: JSON) -> JSON:
    """The same in a view's state."""
    return {
        name: value for name, value in action.items() if name not in ("action_id", "block_id", "action_ts")
    }


def _options(element: JSON) -> Iterator[JSON]:
    yield from element.get("options", [])
    for group in element.get("option_groups", []):
        yield from group["options"]
    if "initial_option" in element:
        yield element["initial_option"]


def _bounded(element: JSON, typed: str) -> str:
    if not element.get("min_length", 0) <= len(typed) <= element.get("max_length", 3000):
        raise Misuse(f"{len(typed)} characters do not fit {element['action_id']}")
    return typed
