"""Embeds: what each may hold, and how much all of a message together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.fakes.discord.refusals import JSON
from tests.fakes.discord.shapes import Invalid, Shape, anything, flag, many, maybe, number, text

TOTAL = 6_000

_url = text(2048)
_picture = Shape({"url": _url}, {"proxy_url": anything, "height": anything, "width": anything})
_embed = Shape(
    {},
    {
        "title": text(256, 0),
        "type": anything,
        "description": text(4096, 0),
        "url": _url,
        "timestamp": text(64),
        "color": maybe(number(0, 0xFFFFFF)),
        "footer": Shape({"text": text(2048)}, {"icon_url": _url, "proxy_icon_url": anything}),
        "image": _picture,
        "thumbnail": _picture,
        "author": Shape({"name": text(256)}, {"url": _url, "icon_url": _url, "proxy_icon_url": anything}),
        "fields": many(Shape({"name": text(256), "value": text(1024)}, {"inline": flag}), 25),
        "flags": anything,
    },
)
check_list = maybe(many(_embed, 10))


def check_embeds(value: Any) -> list[JSON]:
    """The embeds of a message. Raises Invalid."""
    check_list(value, ("embeds",))
    embeds: list[JSON] = value or []
    if sum(len(words) for embed in embeds for words in words_of(embed)) > TOTAL:
        raise Invalid(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {TOTAL}")
    for place, embed in enumerate(embeds):
        if not set(embed) - {"type", "flags", "color"}:
            raise Invalid(
                ("embeds", str(place), "description"), "BASE_TYPE_REQUIRED", "This field is required"
            )
    return embeds


def words_of(embed: JSON) -> Iterator[str]:
    """The words people read in an embed, in their order."""
    yield from filter(
        None, [embed.get("author", {}).get("name"), embed.get("title"), embed.get("description")]
    )
    for one in embed.get("fields", []):
        yield from (one["name"], one["value"])
    yield from filter(None, [embed.get("footer", {}).get("text")])
