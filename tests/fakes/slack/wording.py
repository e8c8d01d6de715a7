"""Slack's own writing: what becomes of typed text on its way to an app, and of an app's text on a screen."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

from tests.fakes.slack.refusals import JSON

_TOKEN = re.compile(r"(<(?:[@#!][^<>\s]+|https?://[^<>\s|]+)>)")
_URL = re.compile(r"https?://[^\s<>]*[^\s<>.,;:!?)\]'\"]")
_LINK = re.compile(r"<(https?://[^<>|]+)(?:\|([^<>]*))?>")
_PING = re.compile(r"<(?:@([UW][A-Z0-9]+)|!(channel|here|everyone)|!subteam\^([A-Z0-9]+))(?:\|[^<>]*)?>")
_PINGING = {"user": "user_id", "broadcast": "range", "usergroup": "usergroup_id"}
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def typed(text: str) -> str:
    """What an app gets of what a person wrote: three characters escaped, addresses in brackets.

    Mentions are given as they arrive, ``<@U1>`` or ``<#C1>``, and stay.
    """
    parts = _TOKEN.split(text)
    for place in range(0, len(parts), 2):
        escaped = parts[place].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts[place] = _URL.sub(lambda found: f"<{found[0]}>", escaped)
    return "".join(parts)


def readable(text: str) -> str:
    """What people read of mrkdwn: links as their label, the escaped characters themselves."""
    text = _LINK.sub(lambda found: found[2] or found[1], text)
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def rich_text(text: str) -> list[JSON]:
    """The block that comes with every message a person wrote."""
    parts: list[JSON] = []
    for part in _TOKEN.split(text):
        if part.startswith("<@"):
            parts.append({"type": "user", "user_id": part[2:-1]})
        elif part.startswith("<http"):
            parts.append({"type": "link", "url": part[1:-1]})
        elif part:
            parts.append({"type": "text", "text": readable(part)})
    section = {"type": "rich_text_section", "elements": parts}
    return [{"type": "rich_text", "block_id": "typed", "elements": [section]}]


def pings_of(value: Any) -> Iterator[str]:
    """Everybody whom a text or a block notifies: users' ids, groups' ids, channel, here, everyone."""
    match value:
        case str():
            yield from (found[1] or found[2] or found[3] for found in _PING.finditer(value))
        case list():
            yield from itertools.chain.from_iterable(map(pings_of, value))
        case {"type": kind, **rest} if kind in _PINGING:
            yield str(rest[_PINGING[kind]])
        case {"type": "plain_text" | "text" | "raw_text"}:
            return
        case {"type": "mrkdwn" | "markdown", "text": str(text)}:
            yield from pings_of(text)
        case dict():
            yield from pings_of([one for one in value.values() if isinstance(one, dict | list)])
