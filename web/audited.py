"""The audit in words: what a change was about, and what stood there before and after, as people say it."""

from __future__ import annotations

import json
import re
from calendar import day_name
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bot.core.money import dollars
from storage.audit import AuditRow
from storage.store import Store
from web.places import scope_words, whom

_LONGEST = 300  # characters of a value that is shown
_PLACE = re.compile(r"(?:slack|discord|web):[^\s,']+")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\S*")
_SETTINGS = ("set", "clear", "use up")  # their subject is a scope and a key
_ACTIONS = MappingProxyType({"grant": "give a role", "revoke": "take a role back"})
_KEYS = MappingProxyType(
    {"start.skipped": "what the start leaves out", "hosts.allowed": "hosts of your own network"}
)
_MONEY = frozenset({"amount", "cost"})  # nano-dollars
_DAYS = frozenset({"weekday", "first_weekday"})  # 0 is Monday
_EVERYWHERE = "All workspaces"


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the audit."""

    at: str
    who: str
    action: str
    subject: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Names:
    """What ids are called: people by id, places, and scopes of settings."""

    people: Mapping[int, str]
    places: Mapping[str, str]
    scopes: Mapping[str, str]


async def changes_of(store: Store, rows: Iterable[AuditRow]) -> list[Change]:
    """The same changes for people. Three queries, however many they are."""
    rows = list(rows)
    names = await _named(store, rows)
    return [_change(row, names) for row in rows]


async def _named(store: Store, rows: list[AuditRow]) -> _Names:
    scopes = {row.subject.rpartition(" ")[0] for row in rows if row.action in _SETTINGS}
    people = {int(id_) for row in rows for id_ in re.findall(r"person:(\d{1,18})", row.subject)}
    people |= {row.person_id for row in rows if row.person_id is not None}
    found = {each for row in rows for each in _PLACE.findall(f"{row.subject} {row.before} {row.after}")}
    places = {each.strip('"}]') for each in found}
    words = await scope_words(store, {each for each in places if each.count("/") < 2})
    return _Names(await store.people.names(people), words, await whom(store, scopes))


def _change(row: AuditRow, names: _Names) -> Change:
    who = "the command line"
    if row.person_id is not None:
        who = names.people.get(row.person_id, f"person {row.person_id}")
    action, subject = _about(row, names)
    at = row.at.isoformat(timespec="seconds")
    money = row.action.endswith("budget")
    return Change(
        at, who, action, subject, *(_value(each, names, money=money) for each in (row.before, row.after))
    )


def _about(row: AuditRow, names: _Names) -> tuple[str, str]:
    """What was done, and to what."""
    if row.action in _SETTINGS:
        scope, _, key = row.subject.rpartition(" ")
        return f"{row.action} {_KEYS.get(key, _plain(key))}", names.scopes.get(scope, _EVERYWHERE)
    kind, _, rest = row.subject.partition(":")
    action = _ACTIONS.get(row.action, row.action)
    if kind == "person" and rest.isdecimal():
        return action, names.people.get(int(rest), f"person {rest}")
    if kind == "workspace":
        return action, names.places.get(rest, rest)
    number, _, name = rest.partition(" ")
    if kind in action:  # "add budget" of "budget:6": the kind was said
        return action.replace("credential", "key"), name or f"number {number}"
    return action.replace("credential", "key"), f"{_plain(kind)} {name or rest}".strip()


def _value(text: str | None, names: _Names, *, money: bool) -> str:
    """JSON as a person reads it; what is not set in it is left out."""
    if text is None:
        return ""
    value = json.loads(text)
    if isinstance(value, dict):
        return "; ".join(_entries(value, names))[:_LONGEST]
    if money and isinstance(value, int):
        return dollars(value)
    return ("nothing" if value is None else _said(value, names))[:_LONGEST]


def _entries(value: Mapping[str, Any], names: _Names) -> Iterator[str]:
    for key, each in value.items():
        if each is None or each in ("", []):
            continue
        yield f"{_plain(key)}: {_entry(key, each, names)}"


def _entry(key: str, value: Any, names: _Names) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        if key in _MONEY:
            return dollars(value)
        if key in _DAYS and 0 <= value < len(day_name):
            return day_name[value]
    return _said(value, names)


def _said(value: Any, names: _Names) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_said(each, names) for each in value) or "none"
    if isinstance(value, dict):
        return ", ".join(_entries(value, names)) or "none"
    text = str(value)
    if _MOMENT.fullmatch(text):
        return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M UTC")
    return names.places.get(text.removeprefix("place:"), text)


def _plain(key: str) -> str:
    return key.replace("_", " ").replace(".", " ")
