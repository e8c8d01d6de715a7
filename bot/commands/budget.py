"""``/budget``: what is left and when it renews; admins set and remove budgets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.calls.refusals import renews
from bot.calls.viewing import zone_of
from bot.commands import approvals
from bot.commands.authority import require_admin, require_owner
from bot.commands.grammar import Answer, Asked, Command, Option, OptionKind, Tools, Values
from bot.commands.tables import table
from bot.conversation.settings import LEFT, place_scope
from bot.core.errors import BadInput
from bot.core.money import dollars, parse_dollars
from bot.core.view import Tone, View
from storage.budgets import ASK, CHEAPEST, EACH, REFUSE, BudgetLine, NewBudget
from storage.ledger import Charge
from storage.places import channel_of

_SCOPES = ("channel", "workspace", "person", "installation", "provider", "credential")
_OWN = ("channel", "workspace")  # what an admin of the workspace keeps
LIMITS = {"hard": (True, REFUSE), "soft": (False, REFUSE), "ask": (True, ASK), "cheapest": (True, CHEAPEST)}
_PERIODS = ("day", "week", "month")
AT_LIMIT = {
    (True, REFUSE): "then questions are refused",
    (True, ASK): "then an admin is asked",
    (True, CHEAPEST): "then the cheapest permitted model answers",
    (False, REFUSE): "answers go on: it is only counted",
}
_HOW = "For example: `/budget set 50 month channel`, `/budget set 2 day person`, `/budget remove channel`."


@dataclass(frozen=True, slots=True)
class _Target:
    """Whose budget is meant: scope and subject as the budget has them, and words for it."""

    scope: str
    subject: str
    words: str


async def _budget(tools: Tools, asked: Asked, values: Values) -> Answer:
    match values.get("do"):
        case "ask":
            return await approvals.ask(tools, asked, _number(values))
        case "set":
            return await _set(tools, asked, values)
        case "remove":
            return await _remove(tools, asked, values)
        case "footer":
            return await _footer(tools, asked, values)
        case _:
            return await _show(tools, asked)


async def _show(tools: Tools, asked: Asked) -> Answer:
    choice = await tools.settings.chosen(asked.place, asked.person_id)
    provider = choice.model.provider
    key = await tools.store.credentials.for_provider(provider, str(asked.place), asked.person_id)
    credential = tools.registry.credential_name(provider) if key is None else key.name
    charge = Charge(
        asked.workspace_id, str(asked.place), asked.person_id, provider, credential, datetime.now(UTC)
    )
    lines = await tools.store.ledger.lines(charge)
    if not lines:
        return _notice(f"No budget binds what is asked here. {_HOW}")
    zone = await zone_of(tools.store, asked.person_id, asked.workspace_id)
    rows = [_row(line, zone) for line in lines]
    head = ("budget", "left", "spent", "of", "renews")
    tightest = min(lines, key=lambda line: line.left)
    left = dollars(max(tightest.left, 0))
    return _notice(f"**{left}** is left for what is asked here.\n\n{table(head, rows)}")


def _row(line: BudgetLine, zone: str) -> tuple[str, ...]:
    held = f" + {dollars(line.reserved)} held" if line.reserved else ""
    extra = f" + {dollars(line.extra)}" if line.extra else ""
    soft = "" if line.hard else ", soft"
    return (
        f"{_whose(line)} ({line.period}{soft})",
        dollars(max(line.left, 0)),
        f"{dollars(line.spent)}{held}",
        f"{dollars(line.amount)}{extra}",
        renews(line, zone).removeprefix("on ").removeprefix("at "),
    )


def _whose(line: BudgetLine) -> str:
    match line.scope:
        case "installation":
            return "everybody together"
        case "person":
            return "you"
        case "provider" | "credential":
            return f"{line.scope} {line.subject}"
        case _:
            return f"this {line.scope}"


async def _set(tools: Tools, asked: Asked, values: Values) -> Answer:
    typed = str(values.get("amount", ""))
    if not typed:
        raise BadInput("no amount", say=f"How much? {_HOW}")
    amount = parse_dollars(typed)
    target = await _target(tools, asked, values, str(values.get("name", "")))
    kind = str(values.get("period", "month"))
    hard, at_limit = LIMITS[str(values.get("limit", "hard"))]
    zone, first_weekday = await tools.store.reports.calendar(asked.workspace_id)
    budget = NewBudget(
        scope=target.scope,
        subject=target.subject,
        period=kind,
        amount=amount,
        hard=hard,
        time_zone=zone,
        first_weekday=first_weekday,
        at_limit=at_limit,
    )
    await tools.store.budgets.put(budget, by=asked.person_id)
    said = f"{dollars(amount)} a {kind} for {target.words} from now on; {AT_LIMIT[hard, at_limit]}."
    return _notice(said, refresh=True)


async def _remove(tools: Tools, asked: Asked, values: Values) -> Answer:
    # Without an amount to set, the first of several words of a name was taken for one.
    name = " ".join(str(values[key]) for key in ("amount", "name") if key in values)
    target = await _target(tools, asked, values, name)
    kind = str(values["period"]) if "period" in values else None
    gone = await tools.store.budgets.take_away(target.scope, target.subject, kind, by=asked.person_id)
    if not gone:
        raise BadInput(
            "no such budget", say=f"There is no such budget for {target.words}; nothing was changed."
        )
    which = " and ".join(f"{dollars(budget.amount)} a {budget.period}" for budget in gone)
    return _notice(f"{which} for {target.words} no longer binds.", refresh=True)


async def _footer(tools: Tools, asked: Asked, values: Values) -> Answer:
    """Let footers say what is left, or no longer."""
    await require_admin(tools, asked, "change what footers say")
    whole = values.get("whose") == "workspace"
    place = asked.place.home if whole else replace(asked.place, thread="")
    shown = not await tools.settings.shows_left(place)
    await tools.store.settings.set(place_scope(place), LEFT, shown, asked.person_id)
    where = "in this workspace" if whole else "in this channel"
    what = "what is left of the tightest budget" if shown else "no longer what is left of a budget"
    return _notice(f"Beneath answers {where} stands {what} from now on.", refresh=True)


async def _target(tools: Tools, asked: Asked, values: Values, name: str) -> _Target:
    """Whose budget is meant, where who asks may change it. Raises AccessRefused, BadInput."""
    scope = str(values.get("whose", "channel"))
    if scope in _OWN or (scope == "person" and name):
        await require_admin(tools, asked, "set budgets")
    else:
        await require_owner(tools, asked, f"set budgets for {'each person' if scope == 'person' else scope}")
    match scope:
        case "channel":
            return _Target(scope, channel_of(str(asked.place)), "this channel")
        case "workspace":
            return _Target(scope, asked.workspace_id, "this workspace")
        case "person":
            return await _person(tools, asked, name)
        case "installation":
            return _Target(scope, "", "everybody together")
        case _:
            if not name:
                raise BadInput(f"no {scope}", say=f"Which {scope}? `/budget set 50 month {scope} openai`.")
            return _Target(scope, name, f"{scope} {name}")


async def _person(tools: Tools, asked: Asked, name: str) -> _Target:
    if not name:
        return _Target("person", EACH, "each person who has no budget of their own")
    found = await tools.store.people.named(asked.workspace_id, name.strip("<@!>"))
    if len(found) != 1:
        why = "Nobody here" if not found else "More than one person here"
        raise BadInput(f"person {name[:40]!r}", say=f"{why} is called “{name[:40]}”; a mention works too.")
    return _Target("person", str(found[0].id), found[0].name)


def _number(values: Values) -> int:
    typed = str(values.get("amount", "")).lstrip("#")
    if not typed.isascii() or not typed.isdecimal() or len(typed) > 15:
        raise BadInput(
            "no request", say="Which request? Press **Ask an admin** beneath the refused question."
        )
    return int(typed)


def _notice(text: str, *, refresh: bool = False) -> Answer:
    return Answer(View(text, tone=Tone.NOTICE), refresh)


BUDGET = Command(
    name="budget",
    summary="what is left and when it renews; admins set and remove budgets",
    handler=_budget,
    options=(
        Option("do", OptionKind.CHOICE, "what to do, for admins", choices=("set", "remove", "ask", "footer")),
        Option(
            "period",
            OptionKind.CHOICE,
            "in how long a time; a month if not said",
            choices=("day", "week", "month"),
        ),
        Option("whose", OptionKind.CHOICE, "who may spend it; this channel if not said", choices=_SCOPES),
        Option("limit", OptionKind.CHOICE, "what happens when it is spent", choices=tuple(LIMITS)),
        Option("amount", OptionKind.TEXT, "dollars"),
        Option(
            "name",
            OptionKind.TEXT,
            "which person, provider or credential; without one, each person",
            rest=True,
        ),
    ),
    aliases=("budgets",),
    example="/budget set 50 month channel",
    anywhere=True,
)
