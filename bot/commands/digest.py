"""``/digest``: what a channel is told each day, week or month, for admins: preview it, send it, set it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from bot.commands.authority import require_admin
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.conversation.settings import place_scope
from bot.core.errors import BadInput
from bot.core.place import Place
from bot.core.view import Button, Tone, View
from bot.workbench.schedule import DAYS, PARTS, SETTING, Schedule, Slot, following, newest_ever
from storage.periods import zone
from storage.tasks import NewTask

NOW = "now"  # the kind of task that posts one at once
OFFER = "digest offer"  # under which a workspace is offered one, once
_EVERY = {"daily": "day", "weekly": "week", "monthly": "month"}
_TIME = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s*(?P<half>am|pm)?", re.IGNORECASE)
_HOW = (
    "For example: `/digest here weekly friday 17:30`, `/digest without names`, `/digest now`, `/digest off`."
)
_NAMES = "names"


@dataclass(frozen=True, slots=True)
class Wish:
    """A digest that is wanted now: the place, as it is set there, and the day whose digest it is."""

    place: str
    schedule: Schedule
    day: date

    def to_json(self) -> str:
        """As a task's payload."""
        return json.dumps({"place": self.place, "schedule": self.schedule.to_json(), "day": str(self.day)})

    @classmethod
    def from_json(cls, text: str) -> Wish:
        """What ``to_json`` made."""
        what: dict[str, Any] = json.loads(text)
        return cls(what["place"], Schedule.from_json(what["schedule"]), date.fromisoformat(what["day"]))


async def _digest(tools: Tools, asked: Asked, values: Values) -> Answer:
    await require_admin(tools, asked, "set the digest")
    what, target = str(values.get("do", "")), _target(asked)
    known = await _known(tools, target)
    match what:
        case "now":
            return await _now(tools, asked, target, known)
        case "off":
            await tools.store.settings.clear(place_scope(target), SETTING, asked.person_id)
            return _notice("No digest comes here any more. `/digest here` turns it on again.")
        case "decline":
            return _notice("As you like. `/digest here` turns it on in whichever channel you want it.")
        case "" if not values.keys() - {"do"}:
            return await _preview(tools, asked, target, known)
        case _:
            return await _set(tools, asked, target, _changed(known, values))


def _target(asked: Asked) -> Place:
    """Where it is posted: the channel itself; on the site, whose channels nobody reads, the thread."""
    return asked.place if asked.platform == "web" else replace(asked.place, thread="")


async def _known(tools: Tools, target: Place) -> Schedule | None:
    scope = place_scope(target)
    found = (await tools.store.settings.get_many([scope], SETTING)).get(scope)
    return None if found is None else Schedule.from_json(found.value)


def _changed(known: Schedule | None, values: Values) -> Schedule:
    """The schedule as it is from now on. Raises BadInput."""
    made = replace(known or Schedule(datetime.now(UTC)), since=datetime.now(UTC))
    if (every := str(values.get("every", ""))) in _EVERY:
        made = replace(made, every=_EVERY[every])
    if (day := str(values.get("day", ""))) in DAYS:
        made = replace(made, weekday=DAYS.index(day), every="week")
    if about := str(values.get("about", "")):
        made = replace(made, about=about)
    if at := str(values.get("at", "")).strip():
        made = _at(made, at)
    what, part = str(values.get("do", "")), str(values.get("part", ""))
    if (what in ("with", "without")) != bool(part):
        raise BadInput(
            f"/digest {what} {part}", say=f"`/digest with` and `/digest without` take one part. {_HOW}"
        )
    return _parted(made, part, wanted=what == "with") if part else made


def _at(made: Schedule, typed: str) -> Schedule:
    found = _TIME.fullmatch(typed)
    hour = -1 if found is None else int(found["hour"])
    if found is not None and found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0) if 1 <= hour <= 12 else -1
    minute = int(found["minute"] or 0) if found is not None else 0
    if not (0 <= hour <= 23 and minute <= 59):
        say = f"“{typed[:20]}” is no time of a day. Write `9:00` or `17:30`."
        raise BadInput(f"not a time: {typed[:20]!r}", say=say)
    return replace(made, hour=hour, minute=minute)


def _parted(made: Schedule, part: str, *, wanted: bool) -> Schedule:
    if part == _NAMES:
        return replace(made, names=wanted)
    return replace(
        made,
        parts=tuple(one for one in PARTS if (one == part and wanted) or (one != part and one in made.parts)),
    )


async def _set(tools: Tools, asked: Asked, target: Place, schedule: Schedule) -> Answer:
    await tools.store.settings.set(place_scope(target), SETTING, schedule.to_json(), asked.person_id)
    said = f"A digest comes here {await _when(tools, asked, schedule)}. {described(schedule)}"
    return Answer(View(said, buttons=(Button("Send one now", "digest now"),), tone=Tone.NOTICE))


async def _when(tools: Tools, asked: Asked, schedule: Schedule) -> str:
    name, _ = await tools.store.reports.calendar(asked.workspace_id)
    at = following(schedule, name, datetime.now(UTC)).astimezone(zone(name))
    return f"{schedule.words} ({name}), next on {at:%A}, {at.day} {at:%B}"


def described(schedule: Schedule) -> str:
    """What a digest is about and leaves out, as a sentence."""
    about = "this channel" if schedule.about == "channel" else "the whole workspace"
    without = [*(one for one in PARTS if one not in schedule.parts), *(() if schedule.names else (_NAMES,))]
    return f"It is about {about}{', without ' + ', '.join(without) if without else ''}."


async def _slot(tools: Tools, asked: Asked, schedule: Schedule) -> Slot:
    """The last one that was due, or would have been."""
    name, _ = await tools.store.reports.calendar(asked.workspace_id)
    return newest_ever(schedule, name, datetime.now(UTC))


async def _preview(tools: Tools, asked: Asked, target: Place, known: Schedule | None) -> Answer:
    schedule = known or Schedule(datetime.now(UTC))
    if not asked.private:
        raise BadInput(
            "aloud",
            say="Everybody here would read the preview. Use `/digest` as a slash command, or `/digest now`.",
        )
    slot = await _slot(tools, asked, schedule)
    shown = await tools.digests.view(target, schedule, slot.at, slot.day)
    if known is None:
        said = f"No digest comes here yet. {_HOW} It would read like this:"
        buttons: tuple[Button, ...] = (Button("Weekly digest here", "digest here"),)
    else:
        said = (
            f"A digest comes here {await _when(tools, asked, schedule)}. {described(schedule)} The last one:"
        )
        buttons = (Button("Send it now", "digest now"), Button("Turn off", "digest off"))
    return Answer(replace(shown, text=f"{said}\n\n{shown.text}", buttons=buttons))


async def _now(tools: Tools, asked: Asked, target: Place, known: Schedule | None) -> Answer:
    schedule = known or Schedule(datetime.now(UTC))
    wish = Wish(str(target), schedule, (await _slot(tools, asked, schedule)).day)
    # The platform may deliver the same order twice: it is one digest.
    key = f"digest {asked.workspace_id} {asked.key}"[:500]
    await tools.tasks.start(NewTask(NOW, wish.to_json(), key=key), by=asked.person_id)
    return _notice("The digest is on its way to this channel.")


def _notice(text: str) -> Answer:
    return Answer(View(text, tone=Tone.NOTICE))


DIGEST = Command(
    name="digest",
    summary="for admins: what this channel is told of use and cost each day, week or month",
    handler=_digest,
    options=(
        Option(
            "do",
            OptionKind.CHOICE,
            "what to do; without it, how it is set and what it would say",
            choices=("here", "now", "off", "with", "without", "decline"),
        ),
        Option("part", OptionKind.CHOICE, "what it tells of", choices=(*PARTS, _NAMES)),
        Option("every", OptionKind.CHOICE, "how often; weekly if not said", choices=tuple(_EVERY)),
        Option("day", OptionKind.CHOICE, "the day of a weekly one; Monday if not said", choices=DAYS),
        Option(
            "about",
            OptionKind.CHOICE,
            "whose use; the workspace's if not said",
            choices=("workspace", "channel"),
        ),
        Option("at", OptionKind.TEXT, "the time of the day; 9:00 if not said"),
    ),
    example="/digest here weekly friday 17:30",
    anywhere=True,
)
