"""Slack's own writing, read: escapes undone, mentions and links as a person would write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# A fence, or code in one line: there nothing is a mention, though Slack escapes there too.
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_TOKEN = re.compile(r"<([^<>\s][^<>\n]*)>")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_ENTITY = re.compile(r"&(lt|gt|amp);")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&"}
_NAMED = {
    "user": ("<@{}>", "user_id"),
    "channel": ("<#{}>", "channel_id"),
    "broadcast": ("<!{}>", "range"),
    "link": ("<{}>", "url"),
    "emoji": (":{}:", "name"),
}
_RUNS = ("rich_text_section", "rich_text_quote")
_BROADCASTS = ("here", "channel", "everyone")


def readable(text: str, names: Mapping[str, str] | None = None) -> str:
    """What a person reads of a message's text, as Markdown. ``names`` are of people, by id."""
    parts = _CODE.split(text)
    known = names or {}
    return "".join(_literal(part) if _is_code(n) else _prose(part, known) for n, part in enumerate(parts))


def mentioned(text: str) -> Iterator[str]:
    """The ids of the people and bots that a text mentions, in turn; what stands in code mentions nobody."""
    for place, part in enumerate(_CODE.split(text)):
        if not _is_code(place):
            yield from (found[1] for found in _MENTION.finditer(part))


def first_mentioned(text: str) -> str:
    """The id of whom a text begins with, "" where it begins with nobody."""
    found = _MENTION.match(text.lstrip())
    return found[1] if found else ""


def without_mention(text: str, user: str) -> tuple[str, bool]:
    """The text without the mention of ``user`` at its beginning or end, and whether it began with one.

    A mention within a sentence stays: the sentence needs it.
    """
    mention = rf"<@{re.escape(user)}(?:\|[^<>]*)?>"
    began = re.match(rf"\s*{mention}[\s,:]*", text)
    if began:
        text = text[began.end() :]
    ended = re.search(rf"(?:\s|^){mention}\s*$", text)
    if ended and not _in_code(text, ended.end()):
        text = text[: ended.start()]
    return text.strip(), began is not None


def text_of(blocks: Iterable[Any]) -> str:
    """The words of a message's blocks in Slack's own writing, for a message that has no text."""
    return "\n".join(filter(None, (_words(block) for block in blocks))).strip()


def _is_code(place: int) -> bool:
    return place % 2 == 1


def _in_code(text: str, end: int) -> bool:
    return any(found.start() < end <= found.end() for found in _CODE.finditer(text))


def _literal(code: str) -> str:
    """Code: Slack puts addresses in brackets there too, and people mean the address."""
    return _unescaped(re.sub(r"<((?:https?|mailto):[^<>|\n]+)(?:\|([^<>\n]*))?>", _plain, code))


def _plain(found: re.Match[str]) -> str:
    return found[2] or found[1]


def _prose(text: str, names: Mapping[str, str]) -> str:
    parts, end = [], 0
    for found in _TOKEN.finditer(text):
        parts += [_unescaped(text[end : found.start()]), _token(found[1], names)]
        end = found.end()
    return "".join([*parts, _unescaped(text[end:])])


def _token(inside: str, names: Mapping[str, str]) -> str:
    """What stands between < and >: the first letter says what kind it is, a label may follow after |."""
    target, _, label = inside.partition("|")
    target, label = _unescaped(target), _unescaped(label)
    match target[:1]:
        case "@":
            return f"@{label.removeprefix('@') or names.get(target[1:]) or target[1:]}"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return _special(target[1:], label)
        case _:
            return _link(target, label)


def _special(what: str, label: str) -> str:
    """``<!here>``, ``<!subteam^S1|@ops>``, ``<!date^1700^{date}|in November>``."""
    kind, _, rest = what.partition("^")
    if kind in _BROADCASTS:
        return f"@{kind}"
    if kind == "subteam":
        return f"@{(label or rest).removeprefix('@')}"
    return label or kind


def _link(url: str, label: str) -> str:
    address = url.removeprefix("mailto:").removeprefix("tel:")
    if not label or label in (url, address) or url.endswith(f"://{label}"):
        return address
    return f"[{label}]({url})"


def _words(block: Any) -> str:
    """One block, element or text object, as Slack would write it."""
    if not isinstance(block, Mapping):
        return ""
    kind, text = block.get("type"), block.get("text")
    if kind in _NAMED:
        form, name = _NAMED[kind]
        label = f"|{text}" if kind == "link" and text else ""
        return form.format(f"{block.get(name)}{label}")
    if isinstance(text, str):
        return _text(kind, text, block)
    inside = [_words(part) for part in _parts(block)]
    if kind == "rich_text_preformatted":
        return f"```{''.join(inside)}```"
    return ("" if kind in _RUNS else "\n").join(filter(None, inside))


def _text(kind: Any, text: str, block: Mapping[str, Any]) -> str:
    if kind not in ("text", "plain_text"):
        return text
    style = block.get("style")
    is_code = isinstance(style, Mapping) and style.get("code")
    return f"`{_escaped(text)}`" if is_code else _escaped(text)


def _parts(block: Mapping[str, Any]) -> Iterator[Any]:
    for name in ("text", "elements", "fields"):
        inside = block.get(name, [])
        yield from inside if isinstance(inside, list) else [inside]


def _unescaped(text: str) -> str:
    """The three characters that Slack escapes, once: what reads &lt; was typed so."""
    return _ENTITY.sub(lambda found: _CHARACTERS[found[1]], text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
