"""The components of the reference: which fields each takes, and how much."""

from __future__ import annotations

from collections.abc import Mapping

from tests.fakes.discord.shapes import (
    Check,
    Invalid,
    Shape,
    Where,
    anything,
    flag,
    many,
    maybe,
    number,
    one,
    snowflake,
    text,
    typed,
)

ROW, BUTTON, STRINGS, INPUT, USERS, ROLES, MENTIONABLES, CHANNELS = range(1, 9)
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER, LABEL = 9, 10, 11, 12, 13, 14, 17, 18
UPLOAD, RADIO, BOXES, BOX = 19, 21, 22, 23
SELECTS = (STRINGS, USERS, ROLES, MENTIONABLES, CHANNELS)
LINK = 5

custom_id = text(100)
_any: Mapping[str, Check] = {"type": anything, "id": number(0, 2**31 - 1)}
_emoji = maybe(Shape({}, {"name": maybe(text(64)), "id": maybe(snowflake), "animated": flag}))
_option = Shape(
    {"label": text(100), "value": text(100)},
    {"description": maybe(text(100)), "emoji": _emoji, "default": flag},
)
_select: Mapping[str, Check] = {
    **_any,
    "placeholder": maybe(text(150, 0)),
    "min_values": number(0, 25),
    "max_values": number(1, 25),
    "disabled": flag,
    "required": flag,
}
_defaults = many(Shape({"id": snowflake, "type": one("user", "role", "channel")}), 25)


def _button(value: dict[str, object], where: Where) -> None:
    """Which fields a button has hangs on its style."""
    _any_button(value, where)
    link = value["style"] == LINK
    if ("url" in value) != link or ("custom_id" in value) == link:
        code = "BUTTON_COMPONENT_INVALID_URL" if link else "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED"
        wanted = "url" if link else "custom_id"
        raise Invalid((*where, wanted), code, f"A {wanted} and nothing else is required")
    if not value.get("label") and not value.get("emoji"):
        raise Invalid((*where, "label"), "BASE_TYPE_REQUIRED", "A label or an emoji is required")


_any_button = Shape(
    {"style": one(1, 2, 3, 4, 5)},
    {
        **_any,
        "label": maybe(text(80, 0)),
        "emoji": _emoji,
        "custom_id": custom_id,
        "url": text(512),
        "disabled": flag,
    },
)

CHOOSERS: Mapping[int, Check] = {
    STRINGS: Shape({"custom_id": custom_id, "options": many(_option, 25, 1)}, _select),
    USERS: Shape({"custom_id": custom_id}, {**_select, "default_values": _defaults}),
    ROLES: Shape({"custom_id": custom_id}, {**_select, "default_values": _defaults}),
    MENTIONABLES: Shape({"custom_id": custom_id}, {**_select, "default_values": _defaults}),
    CHANNELS: Shape(
        {"custom_id": custom_id}, {**_select, "default_values": _defaults, "channel_types": anything}
    ),
}
row = Shape({"components": many(typed({BUTTON: _button, **CHOOSERS}), 5, 1)}, _any)
display = Shape({"content": text(4000)}, _any)
_media = Shape({"url": text(2048)}, {"proxy_url": anything, "attachment_id": anything})
_thumbnail = Shape({"media": _media}, {**_any, "description": maybe(text(1024)), "spoiler": flag})
_inside: Mapping[int, Check] = {
    ROW: row,
    SECTION: Shape(
        {
            "components": many(typed({TEXT: display}), 3, 1),
            "accessory": typed({BUTTON: _button, THUMBNAIL: _thumbnail}),
        },
        _any,
    ),
    TEXT: display,
    GALLERY: Shape(
        {"items": many(Shape({"media": _media}, {"description": maybe(text(1024)), "spoiler": flag}), 10, 1)},
        _any,
    ),
    FILE: Shape({"file": _media}, {**_any, "spoiler": flag}),
    SEPARATOR: Shape({}, {**_any, "divider": flag, "spacing": one(1, 2)}),
}
_container = Shape(
    {"components": many(typed(_inside), 40, 1)},
    {**_any, "accent_color": maybe(number(0, 0xFFFFFF)), "spoiler": flag},
)

LEGACY: Mapping[int, Check] = {ROW: row}
NEW: Mapping[int, Check] = {**_inside, CONTAINER: _container}

_choice = Shape({"value": text(100), "label": text(100)}, {"description": maybe(text(100)), "default": flag})
_input = Shape(
    {"custom_id": custom_id, "style": one(1, 2)},
    {
        **_any,
        "label": maybe(text(45)),
        "min_length": number(0, 4000),
        "max_length": number(1, 4000),
        "required": flag,
        "value": maybe(text(4000, 0)),
        "placeholder": maybe(text(100, 0)),
    },
)
_asked: Mapping[str, Check] = {**_any, "required": flag}
_ASKING: Mapping[int, Check] = {
    **CHOOSERS,
    INPUT: _input,
    UPLOAD: Shape(
        {"custom_id": custom_id},
        {**_asked, "min_values": maybe(number(0, 10)), "max_values": maybe(number(1, 10))},
    ),
    RADIO: Shape({"custom_id": custom_id, "options": many(_choice, 10, 2)}, _asked),
    BOXES: Shape(
        {"custom_id": custom_id, "options": many(_choice, 10, 1)},
        {**_asked, "min_values": maybe(number(0, 10)), "max_values": maybe(number(1, 10))},
    ),
    BOX: Shape({"custom_id": custom_id}, {**_any, "default": flag}),
}
_label = Shape({"label": text(45), "component": typed(_ASKING)}, {**_any, "description": maybe(text(100))})
IN_MODALS: Mapping[int, Check] = {
    ROW: Shape({"components": many(typed({INPUT: _input}), 1, 1)}, _any),
    LABEL: _label,
    TEXT: display,
}
