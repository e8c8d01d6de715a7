"""Block Kit's elements: which fields each takes, and how much. From the Block Kit reference."""

from __future__ import annotations

from collections.abc import Mapping

from tests.fakes.slack.shapes import Check, Shape, anything, flag, many, number, one, plain, text, words

action_id = text(255)
confirm = Shape(
    {"title": plain(100), "text": words(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one("primary", "danger")},
)
option = Shape({"text": words(75), "value": text(150)}, {"description": words(75), "url": text(3000)})
option_group = Shape({"label": plain(75), "options": many(option, 100)})
options: Mapping[str, Check] = {"options": many(option, 100), "option_groups": many(option_group, 100)}
_common: Mapping[str, Check] = {"action_id": action_id, "confirm": confirm, "focus_on_load": flag}
_input: Mapping[str, Check] = {**_common, "placeholder": plain(150)}
_several: Mapping[str, Check] = {"max_selected_items": number(1, 1000)}
_feedback = Shape({"text": plain(75), "value": text(2000)}, {"accessibility_label": text(75)})
_typing: Mapping[str, Check] = {
    "initial_value": text(3000),
    "dispatch_action_config": anything,
    "min_length": number(0, 3000),
    "max_length": number(1, 3000),
}

BUTTONS: Mapping[str, Check] = {
    "button": Shape(
        {"text": plain(75)},
        {
            "action_id": action_id,
            "url": text(3000),
            "value": text(2000),
            "style": one("primary", "danger"),
            "confirm": confirm,
            "accessibility_label": text(75),
            "visible_to_user_ids": anything,
            "agent_prompt": text(4000),
        },
    ),
    "workflow_button": Shape({"text": plain(75), "workflow": anything, "action_id": action_id}),
}
SELECTS: Mapping[str, Check] = {
    "static_select": Shape(
        {}, {**_input, **options, "initial_option": option}, one_of=("options", "option_groups")
    ),
    "external_select": Shape({}, {**_input, "min_query_length": number(0, 255), "initial_option": option}),
    "users_select": Shape({}, {**_input, "initial_user": text(32)}),
    "conversations_select": Shape(
        {},
        {
            **_input,
            "initial_conversation": text(32),
            "default_to_current_conversation": flag,
            "response_url_enabled": flag,
            "filter": anything,
        },
    ),
    "channels_select": Shape({}, {**_input, "initial_channel": text(32), "response_url_enabled": flag}),
    "multi_static_select": Shape(
        {},
        {**_input, **options, **_several, "initial_options": many(option, 100)},
        one_of=("options", "option_groups"),
    ),
    "multi_external_select": Shape(
        {},
        {**_input, **_several, "min_query_length": number(0, 255), "initial_options": many(option, 100)},
    ),
    "multi_users_select": Shape({}, {**_input, **_several, "initial_users": anything}),
    "multi_conversations_select": Shape(
        {},
        {
            **_input,
            **_several,
            "initial_conversations": anything,
            "default_to_current_conversation": flag,
            "filter": anything,
        },
    ),
    "multi_channels_select": Shape({}, {**_input, **_several, "initial_channels": anything}),
}
PICKERS: Mapping[str, Check] = {
    "overflow": Shape({"options": many(option, 5)}, {"action_id": action_id, "confirm": confirm}),
    "checkboxes": Shape({"options": many(option, 10)}, {**_common, "initial_options": many(option, 10)}),
    "radio_buttons": Shape({"options": many(option, 10)}, {**_common, "initial_option": option}),
    "datepicker": Shape({}, {**_input, "initial_date": text(10)}),
    "timepicker": Shape({}, {**_input, "initial_time": text(5), "timezone": text(64)}),
}
TYPED: Mapping[str, Check] = {
    "plain_text_input": Shape({}, {**_input, **_typing, "multiline": flag}),
    "number_input": Shape(
        {"is_decimal_allowed": flag},
        {
            **_input,
            "initial_value": text(64),
            "min_value": text(64),
            "max_value": text(64),
            "dispatch_action_config": anything,
        },
    ),
    "email_text_input": Shape({}, {**_input, **_typing}),
    "url_text_input": Shape({}, {**_input, **_typing}),
    "rich_text_input": Shape({}, {**_input, "initial_value": anything}),
    "datetimepicker": Shape({}, {**_common, "initial_date_time": number(1_000_000_000, 9_999_999_999)}),
    "file_input": Shape({}, {"action_id": action_id, "filetypes": anything, "max_files": number(1, 10)}),
}
FOOT: Mapping[str, Check] = {
    "feedback_buttons": Shape(
        {"positive_button": _feedback, "negative_button": _feedback}, {"action_id": action_id}
    ),
    "icon_button": Shape(
        {"icon": one("trash"), "text": plain(75)},
        {
            "action_id": action_id,
            "value": text(2000),
            "confirm": confirm,
            "accessibility_label": text(75),
            "visible_to_user_ids": anything,
        },
    ),
}
IMAGE: Mapping[str, Check] = {
    "image": Shape(
        {"alt_text": text(2000)},
        {"image_url": text(3000), "slack_file": anything},
        one_of=("image_url", "slack_file"),
    )
}
