"""Which models may be used where, and by whom. Rules may stand at every level of a place; all that stand must allow.

A level has up to four settings: patterns that are allowed (then nothing else is), patterns that are denied, whether
only local models may be used, and who is exempt from all three.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.core.errors import AccessRefused
from bot.core.place import Place, Scope
from bot.core.provider import ModelId
from bot.providers import catalog
from storage.settings import Setting
from storage.store import Store

ALLOWED = "models.allowed"  # the settings' keys; a list of patterns, provider/model with * for anything
DENIED = "models.denied"  # the same
LOCAL_ONLY = "models.local_only"  # true or false
EXEMPT = "models.exempt"  # a list of people's ids, and of ADMINS
ADMINS = "admins"  # those who have the role here
KEYS = (ALLOWED, DENIED, LOCAL_ONLY, EXEMPT)
INSTALLATION = "installation"

_HERE = {
    Scope.WORKSPACE: "in this workspace",
    Scope.CHANNEL: "in this channel",
    Scope.THREAD: "in this thread",
}
_NAMED = 3  # models that a refusal offers instead
_ROLES = frozenset({"owner", "admin"})


@dataclass(frozen=True, slots=True)
class Level:
    """One level at which a setting may stand: its scope in the settings, and the words for it."""

    scope: str
    words: str
    keeper: str  # who can change what stands here


@dataclass(frozen=True, slots=True)
class Rule:
    """What one level says. ``allowed`` None: everything that is not denied. ``exempt`` are ids, and ADMINS."""

    level: Level
    allowed: tuple[str, ...] | None = None
    denied: tuple[str, ...] = ()
    local_only: bool = False
    exempt: tuple[int | str, ...] = ()

    def allows(self, model: ModelId) -> bool:
        """Whether a model may be used as far as this level is concerned."""
        return not self.against(model)

    def against(self, model: ModelId) -> str:
        """What is against a model, to complete "… may not be used"; "" where nothing is."""
        if self.local_only and not _is_local(model):
            return f"{self.level.words}: only local models may"
        if self.allowed is not None and not _covered(self.allowed, model):
            return self.level.words
        return self.level.words if _covered(self.denied, model) else ""


def levels(place: Place | None, person_id: int | None) -> tuple[Level, ...]:
    """Every level that governs a place and a person, wide to narrow; without a place the installation alone."""
    wide = [Level(INSTALLATION, "on this installation", "its owner")]
    wide += [
        Level(f"place:{wider}", _HERE[wider.scope], "an admin of this workspace")
        for wider in reversed(list(place.widen() if place else ()))
    ]
    if person_id is not None:
        wide.append(Level(f"person:{person_id}", "for you", "an admin"))
    return tuple(wide)


async def rules(store: Store, place: Place | None, person_id: int | None) -> tuple[Rule, ...]:
    """The rules in force for a person, wide to narrow; none where nobody has set one. One query, mostly.

    Without a place those that hold for them everywhere.
    """
    standing = await written(store, levels(place, person_id))
    roles = frozenset[int | str]()
    if person_id is not None and any(ADMINS in rule.exempt for rule in standing):
        held = await store.people.roles(person_id)
        here = (None, str(place.home) if place else None)
        if any(role in _ROLES and workspace in here for role, workspace in held):
            roles = frozenset({ADMINS})
    return tuple(rule for rule in standing if not {person_id, *roles} & {*rule.exempt})


async def written(store: Store, standing: Sequence[Level]) -> tuple[Rule, ...]:
    """The rules as they stand at these levels, whoever they hold for. One query."""
    found = await store.settings.get_table([level.scope for level in standing], KEYS)
    made = (_rule(level, found) for level in standing)
    return tuple(rule for rule in made if rule is not None)


def permitted(rules: Iterable[Rule], model: ModelId) -> bool:
    """Whether every rule allows the model."""
    return all(rule.allows(model) for rule in rules)


def check(
    rules: Sequence[Rule], model: ModelId, offered: Iterable[ModelId], keepers: Sequence[str] = ()
) -> None:
    """Raise AccessRefused at the first rule against the model, naming some of ``offered`` that may.

    ``keepers`` are the names of those who can change rules.
    """
    rule = next((rule for rule in rules if not rule.allows(model)), None)
    if rule is None:
        return
    instead = [str(other) for other in offered if permitted(rules, other)][:_NAMED]
    ways = f" Allowed here: {', '.join(instead)}." if instead else " No model that is set up here is allowed."
    who = f"{rule.level.keeper} ({', '.join(keepers)})" if keepers else rule.level.keeper
    raise AccessRefused(
        f"{model} is not allowed by {rule.level.scope}",
        say=f"{model} may not be used {rule.against(model)}; {who} can change that.{ways}",
    )


async def require(
    store: Store, place: Place, person_id: int | None, model: ModelId, offered: Sequence[ModelId]
) -> tuple[Rule, ...]:
    """The rules in force. Raises AccessRefused as ``check`` does, with the names of those who can change it."""
    standing = await rules(store, place, person_id)
    broken = next((rule for rule in standing if not rule.allows(model)), None)
    if broken is not None:
        home = None if broken.level.scope == INSTALLATION else str(place.home)
        check(standing, model, offered, await store.people.keepers(home))
    return standing


def _rule(level: Level, found: Mapping[tuple[str, str], Setting]) -> Rule | None:
    values = {key: found[level.scope, key].value for key in KEYS if (level.scope, key) in found}
    if not values.keys() - {EXEMPT}:
        return None
    exempt = values.get(EXEMPT, [])
    return Rule(
        level,
        _patterns(values[ALLOWED]) if ALLOWED in values else None,
        # A broken rule must not open a door.
        (_patterns(values[DENIED]) or ("*",)) if values.get(DENIED, []) != [] else (),
        values.get(LOCAL_ONLY, False) is not False,
        tuple(one for one in exempt if isinstance(one, int | str)) if isinstance(exempt, list) else (),
    )


def _patterns(value: object) -> tuple[str, ...]:
    """The setting's value as patterns. Anything else allows nothing: a broken rule must not open a door."""
    if isinstance(value, list):
        return tuple(pattern for pattern in value if isinstance(pattern, str))
    return (value,) if isinstance(value, str) else ()


def _covered(patterns: Iterable[str], model: ModelId) -> bool:
    return any(_matches(pattern, str(model)) for pattern in patterns)


def _matches(pattern: str, model: str) -> bool:
    parts = (re.escape(part) for part in pattern.strip().split("*"))
    return re.fullmatch(".*".join(parts), model, re.IGNORECASE) is not None


def _is_local(model: ModelId) -> bool:
    row = catalog.row(model.provider)
    return row is not None and row.local
