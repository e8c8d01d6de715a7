"""What a look at the usage page is about, as its address says it: whose use, when, told apart by what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.workbench.spans import KINDS, Calendar
from storage.periods import zone
from storage.reports import Scope
from web.viewer import INSTALLATION, viewer_of, workspace_asked

ME = "me"  # in place of a workspace: only what one used oneself
OWN = ("model", "provider", "thread", "kind", "day")  # what one's own figures are told apart by
ALL = ("model", "provider", "person", "channel", "credential", "kind", "day")
NARROWS = ("person", "channel", "model", "provider", "credential", "kind")  # what one may look into

_LONGEST = 400  # characters of a key
_YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class Look:
    """One look. ``whose`` is ME, a workspace's id or "" for everything; ``day`` a date in the span, "" for today."""

    whose: str
    kind: str = "month"
    by: str = "model"
    day: str = ""
    within: tuple[tuple[str, str], ...] = ()

    @property
    def choices(self) -> tuple[str, ...]:
        """What its lines may be told apart by, without what is one and the same in all of them."""
        narrowed = {dimension for dimension, _ in self.within}
        threads = {"thread"} if narrowed else set()
        return tuple(one for one in (OWN if self.whose == ME else ALL) if one not in narrowed | threads)

    @property
    def query(self) -> str:
        """The same as the query of an address."""
        asked = {"workspace": self.whose, "span": self.kind, "by": self.by, "day": self.day}
        return urlencode([*((k, v) for k, v in asked.items() if v or k == "workspace"), *self.within])

    @property
    def link(self) -> str:
        """Its address."""
        return f"/usage?{self.query}"

    def scope(self, person_id: int) -> Scope:
        """The same for reports."""
        if self.whose == ME:
            return Scope("person", str(person_id), self.within)
        if self.whose == INSTALLATION:
            return Scope("installation", "", self.within)
        return Scope("workspace", self.whose, self.within)

    def at(self, calendar: Calendar, now: datetime) -> datetime:
        """A moment of its span."""
        if not self.day:
            return now
        return datetime.combine(date.fromisoformat(self.day), time(12), zone(calendar.zone)).astimezone(UTC)

    def told_by(self, by: str) -> Look:
        """The same, told apart otherwise."""
        return replace(self, by=by)

    def into(self, key: str) -> Look:
        """A closer look at one of its lines."""
        if self.by == "day":
            return replace(
                self, kind="day", day=key, by="model" if "model" in self.choices else self.choices[0]
            )
        narrowed = replace(self, within=(*self.within, (self.by, key)))
        better = ("person", "day") if self.by == "model" else ("model", "person", "day")
        return replace(narrowed, by=next(one for one in better if one in narrowed.choices))

    def without(self, dimension: str) -> Look:
        """A step back out."""
        return replace(self, within=tuple(one for one in self.within if one[0] != dimension))


def asked(request: Request) -> Look:
    """The look that a request asks for: 403 where the figures are not for who asks, 400 where it makes no sense."""
    given = request.query_params
    whose = _whose(request)
    within = tuple((name, given[name]) for name in NARROWS if given.get(name))
    look = Look(whose, given.get("span", "month"), "", _day(given.get("day", "")), within)
    if whose == ME and any(name in ("person", "credential") for name, _ in within):
        raise HTTPException(403, "Figures of people and keys are for admins.")
    if look.kind not in KINDS or any(len(key) > _LONGEST or not key.isprintable() for _, key in within):
        raise HTTPException(400, "There is no such view. Use the links of the page.")
    by = given.get("by", look.choices[0])
    return look.told_by(by if by in look.choices else look.choices[0])


def _whose(request: Request) -> str:
    alone = None if viewer_of(request).is_admin else ME
    return ME if request.query_params.get("workspace", alone) == ME else workspace_asked(request)


def _day(text: str) -> str:
    """A date as an address has it, "" for none."""
    if not text:
        return ""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if found.year not in _YEARS:
        raise HTTPException(400, "There is no such day. Write one like 2026-11-21.")
    return found.isoformat()
