"""A digest as people read it: short sentences and lists, the parts that are wanted in their order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from bot.core.money import UNPRICED, dollars
from bot.core.view import Button, Picture, Tone, View
from bot.workbench.digest import Digest, ThreadLine
from bot.workbench.schedule import LATE
from storage.figures import Figures
from storage.ledger import BudgetLine
from storage.periods import zone

_TOP = 5  # lines of one part
_STEADY = 0.02  # a change smaller than this is none
_TITLE = 60  # characters of a thread's title
_BEFORE = {"day": "the day before", "week": "the week before", "month": "the month before"}
_SPENT = {"day": "today", "week": "this week", "month": "this month"}


def view(digest: Digest, now: datetime, picture: Picture | None = None) -> View:
    """The message. It has a button: by that some platforms find it again."""
    whose = "channel" if digest.schedule.about == "channel" else "workspace"
    more = Button("Usage", f"usage {whose} {digest.schedule.every}")
    shown = None if digest.is_empty or "chart" not in digest.schedule.parts else picture
    return View(text(digest, now), buttons=(more,), tone=Tone.NOTICE, picture=shown)


def text(digest: Digest, now: datetime) -> str:
    """The words, in Markdown."""
    late = _late(digest, now)
    if digest.is_empty:
        return f"**{_heading(digest)}**: nothing was used.{late}"
    parts = {
        "people": _people(digest),
        "models": _list("Models", digest.models),
        "providers": _list("Providers", digest.providers) if len(digest.providers) > 1 else "",
        "threads": _threads(digest.threads),
        "budgets": _budgets(digest.budgets),
        "troubles": _troubles(digest.total),
        "retirements": " ".join(f"`{model}` {ends.say}." for model, ends in digest.retirements),
        "cheaper": _cheaper(digest),
        "feedback": _feedback(digest),
    }
    wanted = [parts[name] for name in digest.schedule.parts if parts.get(name)]
    return "\n\n".join([f"**{_heading(digest)}**: {_total(digest)}{late}", *wanted])


def _heading(digest: Digest) -> str:
    first, last = date.fromisoformat(digest.span.first), date.fromisoformat(digest.span.last)
    match digest.span.kind:
        case "day":
            return f"{first:%A}, {_day(first)}"
        case "month":
            return f"{first:%B %Y}"
        case _:
            begins = f"{first.day}" if (first.year, first.month) == (last.year, last.month) else _day(first)
            return f"{begins} to {_day(last)} {last.year}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"


def _late(digest: Digest, now: datetime) -> str:
    if now - digest.at < LATE:
        return ""
    due = digest.at.astimezone(zone(digest.zone) if digest.zone != "UTC" else UTC)
    return f" (Late: this was due on {due:%A}, {_day(due.date())}, at {due:%H:%M}.)"


def _total(digest: Digest) -> str:
    total = digest.total
    said = f"**{dollars(total.cost)}** for {_requests(total)} and {_short(total.tokens)} tokens"
    if total.unpriced:
        said += f", {total.unpriced:,} of the requests {UNPRICED}"
    earlier = _BEFORE[digest.span.kind]
    if digest.change is None:
        return f"{said}."
    if abs(digest.change) < _STEADY:
        return f"{said}, as much as {earlier}."
    which = "more" if digest.change > 0 else "less"
    return (
        f"{said}, {abs(digest.change):.0%} {which} than {earlier} ({dollars(digest.before.cost)}).".replace(
            "%", " %"
        )
    )


def _people(digest: Digest) -> str:
    if not digest.people:
        return ""
    if digest.schedule.names:
        return _list("People", digest.people)
    count = len(digest.people)
    return f"{count} {'person' if count == 1 else 'people'} asked."


def _list(head: str, lines: Sequence[tuple[str, Figures]]) -> str:
    if not lines:
        return ""
    said = [f"{_plain(name)} {_cost(figures)} ({_requests(figures)})" for name, figures in lines[:_TOP]]
    rest = lines[_TOP:]
    if rest:
        said.append(f"{len(rest)} more {dollars(sum(figures.cost for _, figures in rest))}")
    return f"**{head}:** {' · '.join(said)}"


def _threads(lines: Sequence[ThreadLine]) -> str:
    if not lines:
        return ""
    return "\n".join(["**Threads:**", *(f"- {_thread(line)} {_cost(line.figures)}" for line in lines[:_TOP])])


def _thread(line: ThreadLine) -> str:
    title = _plain(line.title) if line.title else "a thread in another channel"
    title = title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"
    return f"[{title}]({line.link})" if line.link else title


def _budgets(lines: Sequence[BudgetLine]) -> str:
    if not lines:
        return ""
    said = [f"{_whose(line)} {dollars(max(line.left, 0))} of {dollars(line.amount)}" for line in lines]
    return f"**Left of the budgets:** {' · '.join(said)}"


def _whose(line: BudgetLine) -> str:
    who = {"installation": "all together", "workspace": "this workspace", "channel": "this channel"}
    return f"{who.get(line.scope, line.scope)}, {_SPENT[line.period]}"


def _troubles(total: Figures) -> str:
    counts = ((total.failures, "failed"), (total.fallbacks, "were answered by another model in its place"))
    said = [f"{count:,} {words}" for count, words in counts if count]
    return f"Of the requests {' and '.join(said)}." if said else ""


def _cheaper(digest: Digest) -> str:
    found = digest.cheaper
    if found is None:
        return ""
    return (
        f"What `{found.model}` did for {dollars(found.cost)} would have cost about {dollars(found.other_cost)} with"
        f" `{found.other}`, for the same tokens."
    )


def _feedback(digest: Digest) -> str:
    said = [f"{_plain(one.model)} 👍 {one.good} 👎 {one.bad}" for one in digest.opinions[:_TOP]]
    return f"**Verdicts:** {' · '.join(said)}" if said else ""


def _cost(figures: Figures) -> str:
    return UNPRICED if figures.unpriced == figures.requests and figures.requests else dollars(figures.cost)


def _requests(figures: Figures) -> str:
    return "1 request" if figures.requests == 1 else f"{figures.requests:,} requests"


def _short(number: int) -> str:
    for least, letter in ((1_000_000, "M"), (1_000, "k")):
        if number >= least:
            return f"{number / least:.1f}{letter}".replace(".0", "")
    return str(number)


def _plain(words: str) -> str:
    """Without what would be read as Markdown or as a mention."""
    cleaned = "".join(" " if letter in "[]()*_`~<>|@#\\" else letter for letter in words)
    return " ".join(cleaned.split()) or "untitled"
