"""Rules on models as people read and write them: patterns, and what stands at each level."""

from __future__ import annotations

from collections.abc import Sequence

from bot.calls import access
from bot.calls.access import ADMINS, Rule
from bot.commands.grammar import Asked, Tools
from bot.commands.parse import nearest
from bot.core.errors import BadInput
from bot.providers.registry import Registry

_NONE = "No rule holds here: every model that is set up may be used."
_ALL = "Where several hold, each of them must allow a model."


def pattern_of(registry: Registry, typed: str) -> str:
    """The pattern that somebody means: a provider's name stands for all of its models. Raises BadInput."""
    word = typed.strip().strip("`")
    if not word or len(word.split()) != 1:
        say = "Say which models: a provider (`openai`), a model (`openai/gpt-4.1`), or a pattern (`openai/gpt-4*`)."
        raise BadInput(f"pattern {typed[:40]!r}", say=say)
    provider, slash, _ = word.lower().partition("/")
    ids = [row.id for row in registry.rows()]
    if not slash:
        if word == "*" or provider in ids:
            return "*" if word == "*" else f"{provider}/*"
        return word if "*" in word else str(registry.find(word))
    if provider not in ids and "*" not in provider:
        say = f"There is no provider “{provider[:40]}”. Nearest: {nearest(provider, ids)}."
        raise BadInput(f"provider {provider[:40]!r}", say=say)
    return word


def patterns_of(registry: Registry, typed: str) -> list[str]:
    """The patterns that somebody means, with commas or spaces between them, each once. Raises BadInput."""
    words = typed.replace(",", " ").split() or [""]
    return list(dict.fromkeys(pattern_of(registry, word) for word in words))


async def overview(tools: Tools, asked: Asked, person_id: int | None) -> str:
    """The rules that govern a place and a person, and what comes of them."""
    standing = access.levels(asked.place, person_id)
    written = await access.written(tools.store, standing)
    if not written:
        return _NONE
    lines = [await _line(tools, rule, asked) for rule in written]
    models = tools.registry.models()
    rules = await access.rules(tools.store, asked.place, person_id)
    may = sum(access.permitted(rules, model.id) for model in models)
    who = "you" if person_id == asked.person_id else "them"
    count = f"Of {len(models)} models that are set up, {may} may be used here by {who}."
    return "\n".join([*lines, "", f"{_ALL} {count}"])


async def _line(tools: Tools, rule: Rule, asked: Asked) -> str:
    parts = []
    if rule.local_only:
        parts.append("only local models")
    if rule.allowed is not None:
        parts.append(f"only {_listed(rule.allowed)}" if rule.allowed else "nothing")
    if rule.denied:
        parts.append(f"not {_listed(rule.denied)}")
    words = rule.level.words
    if rule.level.scope.startswith("person:") and rule.level.scope != f"person:{asked.person_id}":
        words = "for that person"
    said = f"- {words}: {'; '.join(parts)}"
    return f"{said}. It does not hold for {await _names(tools, rule.exempt)}" if rule.exempt else said


def _listed(patterns: Sequence[str]) -> str:
    return ", ".join(f"`{pattern}`" for pattern in patterns)


async def _names(tools: Tools, exempt: Sequence[int | str]) -> str:
    names = []
    for one in exempt:
        person = await tools.store.people.get(one) if isinstance(one, int) else None
        names.append(person.name if person is not None else "admins" if one == ADMINS else str(one))
    return ", ".join(names)
