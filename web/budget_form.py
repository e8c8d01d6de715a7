"""What is typed into the forms of the budgets page, and the sentence at each field that is wrong."""

from __future__ import annotations

from collections.abc import Iterable

from bot.commands.budget import LIMITS
from bot.core.errors import BadInput
from bot.core.money import parse_dollars
from bot.core.place import Place, Scope
from bot.providers.catalog import CATALOG
from bot.workbench.spans import KINDS
from storage.budgets import EACH, Budget
from storage.places import workspace_of
from storage.store import Store
from web.forms import Form
from web.viewer import INSTALLATION

EACH_PERSON = "each"  # in the form: the budget that every person has of their own

_HERE = (("workspace", "This workspace"), ("channel", "A channel"), ("person", "A person"))
_EVERYWHERE = (
    ("installation", "Everybody together"),
    (EACH_PERSON, "Each person"),
    ("workspace", "A workspace"),
    ("channel", "A channel"),
    ("person", "A person"),
    ("provider", "A provider"),
    ("credential", "A key"),
)
_THRESHOLDS = 5  # at most
_PERCENT = range(1, 101)
_LONGEST = 200  # characters of what a budget is for


def scopes(workspace: str) -> tuple[tuple[str, str], ...]:
    """What a budget may be for, as seen from a workspace, or from everything."""
    return _EVERYWHERE if workspace == INSTALLATION else _HERE


def amount_of(form: Form, name: str = "amount") -> int:
    """The nano-dollars of a field; what is wrong stands at it."""
    if not form[name]:
        form.refuse(name, "How much, in US dollars? For example 5 or $0.50.")
        return 0
    try:
        return parse_dollars(form[name])
    except BadInput as error:
        form.refuse(name, error.say)
        return 0


def limit_of(form: Form) -> tuple[bool, str]:
    """Whether a budget is hard, and what happens where it is spent."""
    if form["limit"] not in LIMITS:
        form.refuse("limit", "Choose what happens when it is spent.")
    return LIMITS.get(form["limit"], LIMITS["hard"])


def limit_word(budget: Budget) -> str:
    """What happens at a budget's limit, as the form has it."""
    if not budget.hard:
        return "soft"
    return next((word for word, limit in LIMITS.items() if limit == (True, budget.at_limit)), "hard")


def period_of(form: Form) -> str:
    """In how long a time."""
    if form["period"] not in KINDS:
        form.refuse("period", "A day, a week or a month.")
    return form["period"]


def thresholds_of(form: Form) -> tuple[int, ...]:
    """Percentages at which a notice is written, sorted; none where the field is empty."""
    parts = form["thresholds"].replace("%", " ").replace(",", " ").split()
    found = sorted({int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) < 4})
    if len(found) != len(set(parts)) or len(found) > _THRESHOLDS or any(one not in _PERCENT for one in found):
        form.refuse("thresholds", f"At most {_THRESHOLDS} whole percentages from 1 to 100, like 50, 80.")
    return tuple(found)


async def target_of(store: Store, workspace: str, form: Form) -> tuple[str, str]:
    """Whose budget is meant: scope and subject as budgets have them; what is wrong stands at its field."""
    scope = form["scope"]
    if scope not in dict(scopes(workspace)):
        form.refuse("scope", "Choose what it is for.")
        return scope, ""
    if scope == EACH_PERSON:
        return "person", EACH
    if scope == "installation":
        return scope, ""
    if scope == "workspace" and workspace != INSTALLATION:
        return scope, workspace
    typed = form.needs("subject", f"Which {dict(scopes(INSTALLATION))[scope].removeprefix('A ')}?")
    if not typed.isprintable() or len(typed) > _LONGEST:
        form.refuse("subject", "That is too long, or has signs that cannot be typed.")
    if form.error("subject"):
        return scope, ""
    return scope, await _subject(store, workspace, scope, form)


async def _subject(store: Store, workspace: str, scope: str, form: Form) -> str:
    match scope:
        case "workspace":
            return _one_of(
                form, [id_ for id_, _ in await store.people.workspaces()], "No workspace is called that."
            )
        case "channel":
            return await _channel(store, workspace, form)
        case "person":
            return await _person(store, workspace, form)
        case "provider":
            custom = [one.slug for one in await store.custom.providers()]
            return _one_of(form, [*(row.id for row in CATALOG), *custom], "There is no such provider.")
        case _:
            return form["subject"]


def _one_of(form: Form, known: Iterable[str], sentence: str) -> str:
    found = next((one for one in known if one.lower() == form["subject"].lower()), "")
    if not found:
        form.refuse("subject", sentence)
    return found


async def _channel(store: Store, workspace: str, form: Form) -> str:
    """A channel's place; within a workspace its id alone will do."""
    typed = form["subject"]
    text = typed if ":" in typed or workspace == INSTALLATION else f"{workspace}/{typed.lstrip('#')}"
    try:
        place = Place.parse(text)
    except ValueError:
        place = None
    if place is None or place.scope is not Scope.CHANNEL:
        form.refuse("subject", "Write a channel by its id, like slack:T0123/C0456.")
        return ""
    home = workspace_of(str(place))
    known = home == workspace if workspace else await store.people.workspace_exists(home)
    if not known:
        form.refuse(
            "subject",
            "That channel is not in this workspace." if workspace else "No such workspace is known.",
        )
    return str(place)


async def _person(store: Store, workspace: str, form: Form) -> str:
    """A person's id, by name or by the platform's own id."""
    typed = form["subject"]
    if workspace != INSTALLATION:
        ids = {one.id for one in await store.people.named(workspace, typed.strip("<@!>"))}
    else:
        ids = {one.id for one in await store.people.listed(typed) if one.name.lower() == typed.lower()}
    if len(ids) != 1:
        form.refuse(
            "subject", "Nobody is called that." if not ids else "More than one person is called that."
        )
        return ""
    return str(ids.pop())
