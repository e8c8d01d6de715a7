"""Which models may be used where. A rule may stand at every level of a place; all that stand must allow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.core.errors import AccessRefused
from bot.core.place import Place, Scope
from bot.core.provider import ModelId
from storage.store import Store

ALLOWED = "models.allowed"  # the setting's key: a list of patterns, provider/model with * for anything
INSTALLATION = "installation"

_HERE = {
    Scope.WORKSPACE: "in this workspace",
    Scope.CHANNEL: "in this channel",
    Scope.THREAD: "in this thread",
}
_NAMED = 3  # models that a refusal offers instead


@dataclass(frozen=True, slots=True)
class Level:
    """One level at which a setting may stand: its scope in the settings, and the words for it."""

    scope: str
    words: str
    keeper: str  # who can change what stands here


@dataclass(frozen=True, slots=True)
class Rule:
    """What one level allows."""

    level: Level
    patterns: tuple[str, ...]

    def allows(self, model: ModelId) -> bool:
        """Whether some pattern covers the model."""
        return any(_matches(pattern, str(model)) for pattern in self.patterns)


def levels(place: Place, person_id: int | None) -> tuple[Level, ...]:
    """Every level that governs a place and a person, wide to narrow."""
    wide = [Level(INSTALLATION, "on this installation", "its owner")]
    wide += [
        Level(f"place:{wider}", _HERE[wider.scope], "an admin of this workspace")
        for wider in reversed(list(place.widen()))
    ]
    if person_id is not None:
        wide.append(Level(f"person:{person_id}", "for you", "an admin"))
    return tuple(wide)


async def rules(store: Store, place: Place, person_id: int | None) -> tuple[Rule, ...]:
    """The rules in force, wide to narrow; none where nobody has set one. One query."""
    standing = levels(place, person_id)
    found = await store.settings.get_many([level.scope for level in standing], ALLOWED)
    return tuple(
        Rule(level, _patterns(found[level.scope].value)) for level in standing if level.scope in found
    )


def permitted(rules: Iterable[Rule], model: ModelId) -> bool:
    """Whether every rule allows the model."""
    return all(rule.allows(model) for rule in rules)


def check(rules: Sequence[Rule], model: ModelId, offered: Iterable[ModelId]) -> None:
    """Raise AccessRefused at the first rule against the model, naming some of ``offered`` that may."""
    rule = next((rule for rule in rules if not rule.allows(model)), None)
    if rule is None:
        return
    instead = [str(other) for other in offered if permitted(rules, other)][:_NAMED]
    ways = f" Allowed here: {', '.join(instead)}." if instead else " No model that is set up here is allowed."
    raise AccessRefused(
        f"{model} is not allowed by {rule.level.scope}",
        say=f"{model} may not be used {rule.level.words}; {rule.level.keeper} can change that.{ways}",
    )


def _patterns(value: object) -> tuple[str, ...]:
    """The setting's value as patterns. Anything else allows nothing: a broken rule must not open a door."""
    if isinstance(value, list):
        return tuple(pattern for pattern in value if isinstance(pattern, str))
    return (value,) if isinstance(value, str) else ()


def _matches(pattern: str, model: str) -> bool:
    parts = (re.escape(part) for part in pattern.strip().split("*"))
    return re.fullmatch(".*".join(parts), model, re.IGNORECASE) is not None
