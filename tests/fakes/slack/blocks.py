"""Block Kit's blocks, and what a message or a view may hold of them. From the Block Kit reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.slack.elements import BUTTONS, FOOT, IMAGE, PICKERS, SELECTS, TYPED
from tests.fakes.slack.messages import words_of
from tests.fakes.slack.refusals import JSON
from tests.fakes.slack.shapes import (
    Check,
    Invalid,
    Shape,
    anything,
    flag,
    many,
    number,
    one,
    plain,
    text,
    typed,
    words,
)

_id: Mapping[str, Check] = {"block_id": text(255)}
_accessory = typed({**BUTTONS, **SELECTS, **PICKERS, **IMAGE})
_interactive = typed({**BUTTONS, **SELECTS, **PICKERS, "datetimepicker": TYPED["datetimepicker"]})
_context_text = {kind: words(3000) for kind in ("plain_text", "mrkdwn")}
_cell = typed(
    {
        "raw_text": Shape({"text": text(3000, 0)}),
        "raw_number": Shape({"value": anything}, {"text": text(3000)}),
        "rich_text": Shape({"elements": anything}),
    }
)
_task_status = one("pending", "in_progress", "complete", "error")

ANYWHERE: Mapping[str, Check] = {
    "section": Shape(
        {},
        {
            **_id,
            "text": words(3000),
            "fields": many(words(2000), 10),
            "accessory": _accessory,
            "expand": flag,
        },
        one_of=("text", "fields"),
    ),
    "divider": Shape({}, _id),
    "image": Shape(
        {"alt_text": text(2000)},
        {**_id, "image_url": text(3000), "slack_file": anything, "title": plain(2000)},
        one_of=("image_url", "slack_file"),
    ),
    "actions": Shape({"elements": many(_interactive, 25)}, _id),
    "context": Shape({"elements": many(typed({**_context_text, **IMAGE}), 10)}, _id),
    "header": Shape({"text": plain(150)}, {**_id, "level": number(1, 4)}),
    "rich_text": Shape({"elements": anything}, _id),
    "input": Shape(
        {"label": plain(2000), "element": typed({**SELECTS, **PICKERS, **TYPED})},
        {**_id, "hint": plain(2000), "optional": flag, "dispatch_action": flag},
    ),
    "video": Shape(
        {"alt_text": text(2000), "title": plain(200), "thumbnail_url": text(3000), "video_url": text(3000)},
        {**_id, "author_name": text(50), "description": plain(200), "provider_name": text(50)},
    ),
}
_card: Mapping[str, Check] = {
    **_id,
    "title": words(150),
    "subtitle": words(150),
    "body": words(200),
    "icon": anything,
    "hero_image": anything,
    "actions": anything,
}
_CARD = Shape({}, _card, one_of=("hero_image", "title", "actions", "body"))
IN_MESSAGES: Mapping[str, Check] = {
    **ANYWHERE,
    "markdown": Shape({"text": text(12_000)}, _id),
    "context_actions": Shape({"elements": many(typed(FOOT), 5)}, _id),
    "table": Shape({"rows": many(many(_cell, 20), 100)}, {**_id, "column_settings": anything}),
    "data_table": Shape(
        {"rows": many(many(_cell, 20), 101, 2), "caption": text(1000)}, {**_id, "page_size": number(1, 100)}
    ),
    "data_visualization": Shape({"title": text(50), "chart": anything}, _id),
    "file": Shape({"external_id": text(255), "source": one("remote")}, _id),
    "task_card": Shape(
        {"task_id": text(255), "title": text(256)},
        {**_id, "status": _task_status, "details": anything, "output": anything, "sources": anything},
    ),
    "plan": Shape({"title": text(256)}, {**_id, "tasks": anything}),
    "card": _CARD,
    "carousel": Shape({"elements": many(_CARD, 10)}, _id),
    "container": Shape(
        {"child_blocks": many(anything, 10)},
        {
            **_id,
            "title": words(150),
            "subtitle": words(150),
            "icon": anything,
            "width": one("narrow", "standard", "wide", "full"),
            "is_collapsible": flag,
            "default_collapsed": flag,
            "has_header_divider": flag,
        },
    ),
}
IN_MODALS: Mapping[str, Check] = {
    **ANYWHERE,
    "alert": Shape(
        {"text": words(3000)}, {**_id, "level": one("default", "info", "warning", "error", "success")}
    ),
}


def check_blocks(blocks: Any, table: Mapping[str, Check], most: int) -> list[JSON]:
    """The blocks with their ids filled in, as Slack stores them. Raises Invalid."""
    many(typed(table), most, 0)(blocks, "/blocks")
    ids: set[str] = set()
    filled: list[JSON] = []
    for place, block in enumerate(blocks):
        _check_action_ids(block, f"/blocks/{place}")
        block_id = block.get("block_id") or f"b{place}"
        if block_id in ids:
            raise Invalid(f"block_id {block_id} already exists [/blocks/{place}]")
        ids.add(block_id)
        filled.append(_filled({**block, "block_id": block_id}))
    return filled


def chars_of(blocks: list[JSON]) -> int:
    """The characters of text that count against a message's cumulative limit."""
    return sum(len(word) for block in blocks for word in words_of(block))


def markdown_chars(blocks: list[JSON]) -> int:
    return sum(len(block["text"]) for block in blocks if block["type"] == "markdown")


def _check_action_ids(block: JSON, where: str) -> None:
    elements = block.get("elements", [])
    given = [one["action_id"] for one in elements if isinstance(one, dict) and "action_id" in one]
    if doubled := {name for name in given if given.count(name) > 1}:
        raise Invalid(f"action_id {', '.join(sorted(doubled))} already exists [{where}]")


def _filled(block: JSON) -> JSON:
    """Slack gives an action_id to every element that has none."""
    if block["type"] not in ("actions", "context_actions"):
        return block
    elements = [
        element if "action_id" in element else {**element, "action_id": f"{block['block_id']}.{place}"}
        for place, element in enumerate(block["elements"])
    ]
    return {**block, "elements": elements}
